/* Bencode: part 7 of the header. */
#include "suite.h"

static mt_bencode_token_t next(mt_bencode_reader_t *reader)
{
    mt_bencode_token_t token;
    memset(&token, 0xcd, sizeof token);
    token.struct_size = sizeof token;
    must(mt_bencode_reader_next(reader, &token), "the next token");
    return token;
}

static void show_read(void)
{
    const cJSON *each, *expected;
    cJSON_ArrayForEach(each, vectors("bencode.json", "good"))
    {
        bytes_t document = bytes_member(each, "document");
        mt_bencode_reader_t *reader = NULL;
        mt_bencode_token_t token;
        must(mt_bencode_reader_create(&reader, document.data, document.length), "%s", case_name(each));
        cJSON_ArrayForEach(expected, member(each, "tokens"))
        {
            token = next(reader);
            EXPECT(
                token.type == number_member(expected, "type") && token.depth == number_member(expected, "depth") &&
                    token.integer == integer_member(expected, "integer") && token.offset == number_member(expected, "offset") &&
                    token.length == number_member(expected, "length") && token.reserved == 0,
                "%s gives type %u, depth %u, integer %lld, offset %zu, length %zu", case_name(each), token.type, token.depth,
                (long long)token.integer, token.offset, token.length);
        }

        EXPECT(next(reader).type == MT_BENCODE_DOCUMENT_END, "%s goes on", case_name(each));
        EXPECT(next(reader).type == MT_BENCODE_DOCUMENT_END, "%s goes on after its end", case_name(each));
        mt_bencode_reader_destroy(reader);
    }
}

static void show_bad_documents(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("bencode.json", "bad"))
    {
        bytes_t document = bytes_member(each, "document");
        mt_bencode_reader_t *reader = (mt_bencode_reader_t *)&document;
        expect_status(
            mt_bencode_reader_create(&reader, document.data, document.length), status_member(each, "status"), "%s", case_name(each));
    }
}

/* The finished document, which is given twice alike. */
static bytes_t finish(mt_bencode_writer_t *writer, const char *name)
{
    bytes_t document = { NULL, 0 };
    size_t needed = 0, length = 0;
    expect_status(mt_bencode_writer_finish(writer, NULL, 0, &needed), MT_ERROR_BUFFER_TOO_SMALL, "%s, its length", name);
    document = new_bytes(needed);
    must(mt_bencode_writer_finish(writer, document.data, document.length, &length), "%s", name);
    EXPECT(length == needed, "%s has %zu bytes, %zu were needed", name, length, needed);
    return document;
}

static void show_write(void)
{
    const cJSON *each, *token;
    cJSON_ArrayForEach(each, vectors("bencode.json", "good"))
    {
        bytes_t document = bytes_member(each, "document"), written;
        mt_bencode_writer_t *writer = NULL;
        must(mt_bencode_writer_create(&writer), "%s", case_name(each));
        cJSON_ArrayForEach(token, member(each, "tokens"))
        {
            const uint8_t *content = document.data + number_member(token, "offset");
            size_t length = (size_t)number_member(token, "length");
            mt_status_t status = MT_ERROR_INTERNAL;
            switch (number_member(token, "type"))
            {
                case MT_BENCODE_INTEGER: status = mt_bencode_writer_integer(writer, integer_member(token, "integer")); break;
                case MT_BENCODE_BYTES: status = mt_bencode_writer_bytes(writer, content, length); break;
                case MT_BENCODE_LIST: status = mt_bencode_writer_begin_list(writer); break;
                case MT_BENCODE_DICTIONARY: status = mt_bencode_writer_begin_dictionary(writer); break;
                case MT_BENCODE_KEY: status = mt_bencode_writer_key(writer, content, length); break;
                case MT_BENCODE_END: status = mt_bencode_writer_end(writer); break;
                default: fail("%s has a token of another type", case_name(each));
            }

            must(status, "%s", case_name(each));
        }

        written = finish(writer, case_name(each));
        EXPECT(
            written.length == document.length && same(written.data, document.data, document.length), "%s is written as %s", case_name(each),
            hex_text(written.data, written.length));
        mt_bencode_writer_destroy(writer);
    }
}

static mt_status_t take_step(mt_bencode_writer_t *writer, const cJSON *step)
{
    const char *call = text_member(step, "call");
    bytes_t data = bytes_member(step, "data");
    uint8_t *document;
    size_t length;
    if (strcmp(call, "integer") == 0)
        return mt_bencode_writer_integer(writer, integer_member(step, "value"));
    if (strcmp(call, "bytes") == 0)
        return mt_bencode_writer_bytes(writer, data.data, data.length);
    if (strcmp(call, "key") == 0)
        return mt_bencode_writer_key(writer, data.data, data.length);
    if (strcmp(call, "list") == 0)
        return mt_bencode_writer_begin_list(writer);
    if (strcmp(call, "dictionary") == 0)
        return mt_bencode_writer_begin_dictionary(writer);
    if (strcmp(call, "end") == 0)
        return mt_bencode_writer_end(writer);
    EXPECT(strcmp(call, "finish") == 0, "there is no call \"%s\"", call);
    document = allocate(65536);
    return mt_bencode_writer_finish(writer, document, 65536, &length);
}

/*
 * Completes what a writer holds: gives the key that is open a value, and ends what is open. Which of them is due is tried out, since
 * what is not due is refused.
 */
static void complete(mt_bencode_writer_t *writer, const char *name)
{
    size_t length = 0;
    int round;
    for (round = 0; round <= 2 * (int)MT_BENCODE_DEPTH_MAX + 2; round++)
    {
        mt_status_t status = mt_bencode_writer_finish(writer, NULL, 0, &length);
        if (status == MT_ERROR_BUFFER_TOO_SMALL)
            return;
        EXPECT(status == MT_ERROR_STATE, "%s: finishing gives %s", name, mt_status_name(status));
        if (mt_bencode_writer_end(writer) != MT_OK)
            must(mt_bencode_writer_integer(writer, 0), "%s cannot be completed", name);
    }

    fail("%s cannot be completed", name);
}

static void show_bad_writes(void)
{
    const cJSON *each, *step;
    cJSON_ArrayForEach(each, vectors("bencode.json", "misuse"))
    {
        mt_bencode_writer_t *writer = NULL, *without = NULL;
        bytes_t first, second;
        must(mt_bencode_writer_create(&writer), "%s", case_name(each));
        must(mt_bencode_writer_create(&without), "%s", case_name(each));
        cJSON_ArrayForEach(step, member(each, "steps"))
        {
            if (step->next == NULL)
                expect_status(take_step(writer, step), status_member(each, "status"), "%s", case_name(each));
            else
            {
                must(take_step(writer, step), "%s", case_name(each));
                must(take_step(without, step), "%s", case_name(each));
            }
        }

        complete(writer, case_name(each));
        complete(without, case_name(each));
        first = finish(writer, case_name(each));
        second = finish(without, case_name(each));
        EXPECT(
            first.length == second.length && same(first.data, second.data, first.length), "%s: the refused step left %s behind",
            case_name(each), hex_text(first.data, first.length));
        mt_bencode_writer_destroy(writer);
        mt_bencode_writer_destroy(without);
    }
}

static void show_skip(void)
{
    const cJSON *each, *expected;
    int found = 0;
    cJSON_ArrayForEach(each, vectors("bencode.json", "good"))
    {
        bytes_t document = bytes_member(each, "document");
        mt_bencode_reader_t *reader = NULL;
        must(mt_bencode_reader_create(&reader, document.data, document.length), "%s", case_name(each));
        must(mt_bencode_reader_skip(reader), "skipping %s", case_name(each));
        EXPECT(next(reader).type == MT_BENCODE_DOCUMENT_END, "%s goes on after it was skipped", case_name(each));
        expect_status(mt_bencode_reader_skip(reader), MT_ERROR_STATE, "skipping the end of %s", case_name(each));
        mt_bencode_reader_destroy(reader);
        if (strcmp(case_name(each), "dictionary of everything") != 0)
            continue;

        found = 1;
        must(mt_bencode_reader_create(&reader, document.data, document.length), "%s", case_name(each));
        EXPECT(next(reader).type == MT_BENCODE_DICTIONARY, "%s is no dictionary", case_name(each));
        cJSON_ArrayForEach(expected, member(each, "tokens"))
        {
            mt_bencode_token_t token;
            if (number_member(expected, "type") != MT_BENCODE_KEY || number_member(expected, "depth") != 1)
                continue;
            expect_status(mt_bencode_reader_skip(reader), MT_ERROR_STATE, "skipping where a key is due");
            token = next(reader);
            EXPECT(
                token.type == MT_BENCODE_KEY && token.offset == number_member(expected, "offset"), "a key at %zu was expected",
                (size_t)number_member(expected, "offset"));
            must(mt_bencode_reader_skip(reader), "skipping the value at %zu", token.offset);
        }

        EXPECT(next(reader).type == MT_BENCODE_END && next(reader).type == MT_BENCODE_DOCUMENT_END, "there is more than keys");
        mt_bencode_reader_destroy(reader);
    }

    EXPECT(found, "there is no \"dictionary of everything\"");
}

static void show_bencode_limits(void)
{
    bytes_t document = new_bytes(MT_BENCODE_LENGTH_MAX + 1);
    mt_bencode_reader_t *reader = NULL;
    mt_bencode_writer_t *writer = NULL;
    size_t length;
    uint32_t depth;
    memset(document.data, 'x', document.length);
    memcpy(document.data, "16777208:", 9); /* 9 + 16777208 = 16 MiB + 1 */
    expect_status(mt_bencode_reader_create(&reader, document.data, document.length), MT_ERROR_LIMIT_EXCEEDED, "reading 16 MiB + 1");
    memcpy(document.data, "16777207:", 9);
    must(mt_bencode_reader_create(&reader, document.data, document.length - 1), "reading 16 MiB");
    mt_bencode_reader_destroy(reader);

    must(mt_bencode_writer_create(&writer), "a writer");
    expect_status(mt_bencode_writer_bytes(writer, document.data, 16777208), MT_ERROR_LIMIT_EXCEEDED, "writing 16 MiB + 1");
    must(mt_bencode_writer_bytes(writer, document.data, 16777207), "writing 16 MiB");
    expect_status(mt_bencode_writer_finish(writer, NULL, 0, &length), MT_ERROR_BUFFER_TOO_SMALL, "its length");
    EXPECT(length == MT_BENCODE_LENGTH_MAX, "the longest document has %zu bytes", length);
    mt_bencode_writer_destroy(writer);

    must(mt_bencode_writer_create(&writer), "a writer");
    for (depth = 0; depth < MT_BENCODE_DEPTH_MAX; depth++)
        must(mt_bencode_writer_begin_list(writer), "list %u", depth);
    expect_status(mt_bencode_writer_begin_list(writer), MT_ERROR_LIMIT_EXCEEDED, "a list too deep");
    expect_status(mt_bencode_writer_begin_dictionary(writer), MT_ERROR_LIMIT_EXCEEDED, "a dictionary too deep");
    mt_bencode_writer_destroy(writer);
}

const behaviour_t bencode_behaviours[] = {
    { "bencode.read", show_read, 0 },
    { "bencode.bad", show_bad_documents, 0 },
    { "bencode.write", show_write, 0 },
    { "bencode.write-bad", show_bad_writes, 0 },
    { "bencode.skip", show_skip, 0 },
    { "bencode.limits", show_bencode_limits, 0 },
    { NULL, NULL, 0 },
};
