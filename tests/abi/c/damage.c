/* The client where something is missing, mistyped, refused or damaged; verify and repair: part 11 of the header. */
#include "suite.h"

#include <unistd.h>

static void show_refuses_to_replace(void)
{
    char *path = temp_path("there");
    bytes_t data = pattern(1000, 1), found;
    capability_t capability = put(data.data, data.length);
    mt_get_options_t options = { sizeof options, 1, NULL, NULL, NULL };
    write_file(path, "before", 6);
    expect_status(mt_client_get_file(shared_client(), path, capability.text, NULL), MT_ERROR_INVALID_ARGUMENT, "getting over a file");
    found = read_file(path);
    EXPECT(found.length == 6 && same(found.data, "before", 6), "the file was changed");
    must(mt_client_get_file(shared_client(), path, capability.text, &options), "replacing a file");
    found = read_file(path);
    EXPECT(found.length == data.length && same(found.data, data.data, data.length), "the file was not replaced");
    unlink(path);
}

static void show_missing_file(void)
{
    capability_t capability, unused;
    size_t length = 77;
    mt_status_t status;
    expect_status(
        mt_client_put_file(shared_client(), unused.text, sizeof unused.text, &length, temp_path("nothing"), NULL), MT_ERROR_NOT_FOUND,
        "putting a path where nothing is");
    EXPECT(length == 77, "a put that failed gave a capability");
    capability = put((const uint8_t *)"bytes", 5);
    status = mt_client_get_file(shared_client(), temp_path("no/folder/file"), capability.text, NULL);
    EXPECT(
        status == MT_ERROR_INPUT_OUTPUT || status == MT_ERROR_NOT_FOUND, "getting into a folder that is not there gives %s",
        mt_status_name(status));
}

static void show_malformed_capabilities(void)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("capabilities.json", "bad"))
    {
        const char *text = text_member(each, "text");
        mt_verify_report_t report = { sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
        mt_object_t *object = NULL;
        uint8_t byte;
        size_t length;
        if (has_nul(text) || status_member(each, "status") != MT_ERROR_MALFORMED)
            continue;
        expect_status(
            mt_client_get_file(shared_client(), temp_path("malformed"), text, NULL), MT_ERROR_MALFORMED, "getting %s", case_name(each));
        expect_status(mt_client_read(shared_client(), &byte, 1, &length, text, 0), MT_ERROR_MALFORMED, "reading %s", case_name(each));
        expect_status(mt_client_verify(shared_client(), &report, text, NULL), MT_ERROR_MALFORMED, "verifying %s", case_name(each));
        expect_status(mt_object_open(shared_client(), &object, text), MT_ERROR_MALFORMED, "opening %s", case_name(each));
    }
}

static const char *good_capability(const char *name)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, vectors("capabilities.json", "good"))
    {
        if (strcmp(case_name(each), name) == 0)
            return text_member(each, "text");
    }

    fail("there is no good capability \"%s\"", name);
}

static void expect_strange(mt_status_t status, const char *what)
{
    EXPECT(
        status == MT_ERROR_NOT_ENOUGH_SHARDS || status == MT_ERROR_NOT_FOUND, "%s a stranger's object gives %s", what,
        mt_status_name(status));
}

static void show_wrong_capabilities(void)
{
    const char *stranger = good_capability("read");
    char *path = temp_path("wrong");
    bytes_t data = pattern(100000, 1), got = new_bytes(100000);
    mt_capability_info_t info = { sizeof info, 0, { 0 }, { 0 }, 0, 0 };
    capability_t capability;
    size_t length;
    expect_strange(mt_client_get_file(shared_client(), path, stranger, NULL), "getting");
    expect_strange(mt_client_read(shared_client(), got.data, got.length, &length, stranger, 0), "reading");

    must(mt_capability_parse(&info, put(data.data, data.length).text), "parsing");
    info.key[0] ^= 1;
    must(mt_capability_format(capability.text, sizeof capability.text, &length, &info), "formatting");
    expect_status(mt_client_get_file(shared_client(), path, capability.text, NULL), MT_ERROR_INTEGRITY, "getting with a wrong key");
    expect_status(
        mt_client_read(shared_client(), got.data, got.length, &length, capability.text, 0), MT_ERROR_INTEGRITY, "reading with a wrong key");
    EXPECT(!exists(path), "something was left at %s", path);
}

static capability_t to_verify(capability_t capability)
{
    capability_t verify;
    size_t length;
    must(mt_capability_to_verify(verify.text, sizeof verify.text, &length, capability.text), "the capability to verify");
    return verify;
}

static void show_verify(void)
{
    bytes_t data = pattern(3000000, 1);
    mt_put_options_t options;
    capability_t capability;
    size_t length;
    int verify_only;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.data_shards = 4;
    options.parity_shards = 2;
    must(
        mt_client_put(shared_client(), capability.text, sizeof capability.text, &length, data.data, data.length, &options), "putting");
    for (verify_only = 0; verify_only < 2; verify_only++)
    {
        mt_verify_report_t report = { sizeof report, 77, 77, 77, 77, 77, 77, 77, 77, 77 };
        must(
            mt_client_verify(shared_client(), &report, verify_only ? to_verify(capability).text : capability.text, NULL), "verifying");
        EXPECT(
            report.healthy == 1 && report.recoverable == 1 && report.lowest_margin == 2 && report.missing_blobs == 0 &&
                report.bad_blobs == 0 && report.blobs == report.good_blobs && report.stripes == report.healthy_stripes &&
                report.stripes >= 1,
            "healthy %u, margin %d, %u of %u blobs good, %u missing, %u bad", report.healthy, report.lowest_margin, report.good_blobs,
            report.blobs, report.missing_blobs, report.bad_blobs);
    }
}

static void show_cannot_read(void)
{
    capability_t verify = to_verify(put((const uint8_t *)"secret", 6));
    uint8_t bytes[6];
    size_t length;
    expect_status(
        mt_client_get_file(shared_client(), temp_path("secret"), verify.text, NULL), MT_ERROR_UNAUTHORIZED,
        "getting by a mtv1: capability");
    expect_status(
        mt_client_read(shared_client(), bytes, sizeof bytes, &length, verify.text, 0), MT_ERROR_UNAUTHORIZED,
        "reading by a mtv1: capability");
}

static void show_repair(void)
{
    bytes_t data = pattern(1000000, 1);
    capability_t capability = put(data.data, data.length);
    mt_repair_report_t report = { sizeof report, 77, 77, 77, 77, 77 };
    must(mt_client_repair(shared_client(), &report, capability.text, NULL), "repairing");
    EXPECT(
        report.stripes >= 1 && report.stripes_repaired == 0 && report.blobs_restored == 0 && report.still_missing == 0 &&
            report.unrecoverable == 0,
        "%u stripes, %u repaired, %u blobs restored, %u missing, %u lost", report.stripes, report.stripes_repaired, report.blobs_restored,
        report.still_missing, report.unrecoverable);
    expect_content(capability.text, data.data, data.length);
}

static void show_unreachable(void)
{
    mt_client_t *client = NULL;
    expect_status(mt_client_open(&client, "127.0.0.1:9", NULL), MT_ERROR_UNREACHABLE, "opening a closed port");
    EXPECT(client == NULL, "there is a client after an open that failed");
}

static void show_bad_address(void)
{
    static const char *const addresses[] = { "", "no port", "127.0.0.1:99999" };
    mt_client_t *client = NULL;
    size_t i;
    for (i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        expect_status(mt_client_open(&client, addresses[i], NULL), MT_ERROR_INVALID_ARGUMENT, "opening \"%s\"", addresses[i]);
}

static void show_bad_credential(void)
{
    const cJSON *stranger = cJSON_GetArrayItem(vectors("peers.json", "payloads"), 0);
    mt_client_options_t options = { sizeof options, 0, 0, "mtcred1:x", NULL };
    mt_client_t *client = NULL;
    expect_status(mt_client_open(&client, NULL, &options), MT_ERROR_MALFORMED, "opening with half a credential");
    options.credential = NULL;
    options.credential_path = temp_path("no-credential");
    expect_status(mt_client_open(&client, NULL, &options), MT_ERROR_NOT_FOUND, "opening with a credential that is not there");
    options.credential_path = NULL;
    options.credential = copy_text(text_member(stranger, "credential"));
    expect_status(
        mt_client_open(&client, getenv("MEGATORRENT_CLUSTER"), &options), MT_ERROR_UNAUTHORIZED,
        "opening with another cluster's credential");
}

const behaviour_t damage_behaviours[] = {
    { "client.get-refuses-to-replace", show_refuses_to_replace, 1 },
    { "client.missing-file", show_missing_file, 1 },
    { "client.malformed-capability", show_malformed_capabilities, 1 },
    { "client.wrong-capability", show_wrong_capabilities, 1 },
    { "client.verify", show_verify, 1 },
    { "client.verify-only-cannot-read", show_cannot_read, 1 },
    { "client.repair", show_repair, 1 },
    { "client.unreachable", show_unreachable, 1 },
    { "client.bad-address", show_bad_address, 1 },
    { "client.bad-credential", show_bad_credential, 1 },
    { NULL, NULL, 0 },
};
