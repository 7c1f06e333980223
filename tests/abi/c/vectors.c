/* Reads the files of vectors. A file or member that is not there fails the behaviour that asks for it. */
#include "suite.h"

const char *vectors_folder = "tests/vectors";

/* cJSON ends a text at its first NUL. Here a NUL becomes a character that no case has otherwise, and has_nul finds it again. */
#define NUL_STANDS_AS '\x01'

static void replace_escaped_nuls(char *json)
{
    char *c = json;
    for (; *c != 0; c++)
        if (*c == '\\')
        {
            if (strncmp(c, "\\u0000", 6) == 0)
                c[5] = '1';
            c++; /* what is escaped is no beginning of an escape itself */
            if (*c == 0)
                break;
        }
}

const cJSON *vectors(const char *file, const char *name)
{
    static struct
    {
        const char *file;
        cJSON *document;
    } loaded[32];
    size_t i = 0, length;
    FILE *stream;
    char *path, *json;

    while (i < sizeof loaded / sizeof loaded[0] && loaded[i].file != NULL && strcmp(loaded[i].file, file) != 0)
        i++;
    EXPECT(i < sizeof loaded / sizeof loaded[0], "too many files of vectors");
    if (loaded[i].file == NULL)
    {
        path = text_of("%s/%s", vectors_folder, file);
        stream = fopen(path, "rb");
        EXPECT(stream != NULL, "%s cannot be opened", path);
        fseek(stream, 0, SEEK_END);
        length = (size_t)ftell(stream);
        rewind(stream);
        json = (char *)allocate(length + 1);
        json[fread(json, 1, length, stream)] = 0;
        fclose(stream);
        replace_escaped_nuls(json);
        loaded[i].document = cJSON_Parse(json);
        EXPECT(loaded[i].document != NULL, "%s is no JSON", path);
        loaded[i].file = file; /* a literal */
    }

    return member(loaded[i].document, name);
}

const cJSON *member(const cJSON *item, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(item, name);
    EXPECT(found != NULL, "there is no \"%s\" in the case %s", name, case_name(item));
    return found;
}

const char *case_name(const cJSON *item)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
    return cJSON_IsString(name) ? name->valuestring : "without a name";
}

const char *text_member(const cJSON *item, const char *name)
{
    const cJSON *text = member(item, name);
    EXPECT(cJSON_IsString(text), "\"%s\" of %s is no text", name, case_name(item));
    return text->valuestring;
}

int has_nul(const char *text)
{
    return strchr(text, NUL_STANDS_AS) != NULL;
}

uint64_t number_member(const cJSON *item, const char *name)
{
    const cJSON *number = member(item, name);
    if (cJSON_IsString(number))
        return strtoull(number->valuestring, NULL, 10);
    EXPECT(cJSON_IsNumber(number) && number->valuedouble >= 0, "\"%s\" of %s is no number", name, case_name(item));
    return (uint64_t)number->valuedouble;
}

int64_t integer_member(const cJSON *item, const char *name)
{
    const cJSON *number = member(item, name);
    if (cJSON_IsString(number))
        return strtoll(number->valuestring, NULL, 10);
    EXPECT(cJSON_IsNumber(number), "\"%s\" of %s is no number", name, case_name(item));
    return (int64_t)number->valuedouble;
}

int flag_member(const cJSON *item, const char *name)
{
    const cJSON *flag = member(item, name);
    EXPECT(cJSON_IsBool(flag), "\"%s\" of %s is neither true nor false", name, case_name(item));
    return cJSON_IsTrue(flag);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bytes_t bytes_of(const cJSON *item)
{
    bytes_t bytes;
    size_t i, length;
    if (cJSON_IsObject(item))
        return pattern((size_t)number_member(item, "length"), (uint32_t)number_member(item, "pattern"));

    EXPECT(cJSON_IsString(item), "neither hex nor a pattern");
    length = strlen(item->valuestring);
    EXPECT(length % 2 == 0, "an odd number of hex digits");
    bytes = new_bytes(length / 2);
    for (i = 0; i < bytes.length; i++)
    {
        int high = digit(item->valuestring[2 * i]), low = digit(item->valuestring[2 * i + 1]);
        EXPECT(high >= 0 && low >= 0, "no hex digit");
        bytes.data[i] = (uint8_t)(high << 4 | low);
    }

    return bytes;
}

bytes_t bytes_member(const cJSON *item, const char *name)
{
    return bytes_of(member(item, name));
}

const uint8_t *fixed_member(const cJSON *item, const char *name, size_t length)
{
    bytes_t bytes = bytes_member(item, name);
    EXPECT(bytes.length == length, "\"%s\" of %s has %zu bytes, not %zu", name, case_name(item), bytes.length, length);
    return bytes.data;
}

mt_status_t status_member(const cJSON *item, const char *name)
{
    const char *wanted = text_member(item, name);
    const cJSON *status;
    cJSON_ArrayForEach(status, vectors("status.json", "statuses"))
    {
        if (strcmp(text_member(status, "name"), wanted) == 0)
            return (mt_status_t)integer_member(status, "value");
    }

    fail("%s is not in status.json", wanted);
}
