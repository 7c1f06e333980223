/* Structs of another size than the library's, options that it does not know, and texts that are none. */
#include "suite.h"

/* The largest struct, with room for members of a later version. */
typedef union
{
    uint32_t struct_size;
    uint8_t bytes[256];
    uint64_t aligned;
} any_struct_t;

/* What the calls need beside the struct. */
static mt_manifest_t *manifest;
static char capability[MT_CAPABILITY_CAPACITY];
static uint8_t sealed[96], secret[32], key[32], frame[64], payload[MT_PEER_PAYLOAD_LENGTH_MAX], payload_static[32], payload_cluster[32];
static size_t sealed_length, frame_length, payload_length;
static mt_client_t *client;
static mt_object_t *object, *directory;

/* Calls a function with a struct. in holds the struct with good values; the result is that of the call. */
typedef mt_status_t (*struct_call_t)(any_struct_t *given);

static mt_status_t rs_options(any_struct_t *given)
{
    mt_rs_t *rs = NULL;
    mt_status_t status = mt_rs_create(&rs, 4, 2, (mt_rs_options_t *)given);
    mt_rs_destroy(rs);
    return status;
}

static mt_status_t blob_options(any_struct_t *given)
{
    uint8_t dst[96], id[32], key32[32];
    size_t length;
    return mt_blob_seal(dst, sizeof dst, &length, id, key32, secret, 32, (mt_blob_options_t *)given);
}

static mt_status_t seal_options(any_struct_t *given)
{
    uint8_t dst[4096], id[32], key32[32];
    size_t length;
    return mt_manifest_seal(manifest, dst, sizeof dst, &length, id, key32, (mt_blob_options_t *)given);
}

static mt_status_t noise_options(any_struct_t *given)
{
    mt_noise_t *noise = NULL;
    mt_noise_options_t *options = (mt_noise_options_t *)given;
    mt_status_t status;
    if (given->struct_size >= sizeof *options)
        options->static_secret32 = secret;
    status = mt_noise_create(&noise, options);
    mt_noise_destroy(noise);
    return status;
}

static mt_status_t manifest_info_in(any_struct_t *given)
{
    mt_manifest_t *made = NULL;
    mt_status_t status;
    ((mt_manifest_info_t *)given)->kind = MT_MANIFEST_FILE;
    status = mt_manifest_create(&made, (mt_manifest_info_t *)given, "name");
    mt_manifest_destroy(made);
    return status;
}

static mt_status_t capability_info_in(any_struct_t *given)
{
    char dst[MT_CAPABILITY_CAPACITY];
    size_t length;
    ((mt_capability_info_t *)given)->root_length = 1000;
    ((mt_capability_info_t *)given)->parity_shards = 2;
    return mt_capability_format(dst, sizeof dst, &length, (mt_capability_info_t *)given);
}

static mt_status_t wire_message_in(any_struct_t *given)
{
    uint8_t dst[64];
    size_t length;
    ((mt_wire_message_t *)given)->type = MT_WIRE_PING;
    ((mt_wire_message_t *)given)->request_number = 1;
    return mt_wire_encode(dst, sizeof dst, &length, (mt_wire_message_t *)given);
}

static mt_status_t put_options(any_struct_t *given)
{
    char cap[MT_CAPABILITY_CAPACITY];
    size_t length;
    return mt_client_put(client, cap, sizeof cap, &length, secret, 32, (mt_put_options_t *)given);
}

static mt_status_t put_start_options(any_struct_t *given)
{
    mt_operation_t *operation = NULL;
    mt_status_t status = mt_client_put_start(client, &operation, secret, 32, (mt_put_options_t *)given, NULL, NULL);
    mt_operation_destroy(operation);
    return status;
}

static mt_status_t upload_options(any_struct_t *given)
{
    mt_upload_t *upload = NULL;
    mt_status_t status = mt_upload_create(client, &upload, (mt_put_options_t *)given);
    mt_upload_destroy(upload);
    return status;
}

static mt_status_t get_options(any_struct_t *given)
{
    static unsigned number;
    return mt_client_get_file(client, temp_path(text_of("struct-%u", number++)), capability, (mt_get_options_t *)given);
}

static mt_status_t check_options(any_struct_t *given)
{
    mt_verify_report_t report = { sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    return mt_client_verify(client, &report, capability, (mt_check_options_t *)given);
}

static mt_status_t client_options(any_struct_t *given)
{
    mt_client_t *opened = NULL;
    mt_status_t status = mt_client_open(&opened, NULL, (mt_client_options_t *)given);
    mt_client_close(opened);
    return status;
}

/* Structs that the library fills in. */
static mt_status_t blob_info(any_struct_t *given) { return mt_blob_inspect((mt_blob_info_t *)given, sealed, sealed_length); }

static mt_status_t token(any_struct_t *given)
{
    mt_bencode_reader_t *reader = NULL;
    mt_status_t status;
    must(mt_bencode_reader_create(&reader, (const uint8_t *)"le", 2), "a reader");
    status = mt_bencode_reader_next(reader, (mt_bencode_token_t *)given);
    mt_bencode_reader_destroy(reader);
    return status;
}

static mt_status_t capability_info(any_struct_t *given) { return mt_capability_parse((mt_capability_info_t *)given, capability); }
static mt_status_t manifest_info(any_struct_t *given) { return mt_manifest_get_info(manifest, (mt_manifest_info_t *)given); }
static mt_status_t manifest_stream(any_struct_t *given) { return mt_manifest_get_stream(manifest, (mt_manifest_stream_t *)given, 0); }
static mt_status_t stripe_info(any_struct_t *given) { return mt_manifest_get_stripe(manifest, (mt_stripe_info_t *)given, 0, 0); }
static mt_status_t stripe_blob(any_struct_t *given) { return mt_manifest_get_blob(manifest, (mt_stripe_blob_t *)given, 0, 0, 0); }

static mt_status_t peer_info(any_struct_t *given)
{
    return mt_peer_payload_check((mt_peer_info_t *)given, payload, payload_length, payload_static, payload_cluster);
}

static mt_status_t wire_message(any_struct_t *given)
{
    size_t length;
    return mt_wire_decode((mt_wire_message_t *)given, &length, frame, frame_length);
}

static mt_status_t client_status(any_struct_t *given) { return mt_client_status(client, (mt_client_status_t *)given); }
static mt_status_t verify_report(any_struct_t *given) { return mt_client_verify(client, (mt_verify_report_t *)given, capability, NULL); }
static mt_status_t repair_report(any_struct_t *given) { return mt_client_repair(client, (mt_repair_report_t *)given, capability, NULL); }
static mt_status_t object_info(any_struct_t *given) { return mt_object_get_info(object, (mt_object_info_t *)given); }
static mt_status_t entry_info(any_struct_t *given) { return mt_object_get_entry(directory, (mt_entry_info_t *)given, 0); }

static mt_status_t put_outcome(any_struct_t *given)
{
    char cap[MT_CAPABILITY_CAPACITY];
    size_t length;
    mt_put_options_t options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.result = (mt_put_result_t *)given;
    return mt_client_put(client, cap, sizeof cap, &length, secret, 32, &options);
}

static mt_status_t get_outcome(any_struct_t *given)
{
    static unsigned number;
    mt_get_options_t options = { sizeof options, 0, NULL, NULL, NULL };
    options.result = (mt_get_result_t *)given;
    return mt_client_get_file(client, temp_path(text_of("outcome-%u", number++)), capability, &options);
}

static const struct
{
    const char *name;
    uint32_t size;
    int filled_in, needs_client;
    struct_call_t call;
} structs[] = {
    { "mt_rs_options_t", sizeof(mt_rs_options_t), 0, 0, rs_options },
    { "mt_blob_options_t", sizeof(mt_blob_options_t), 0, 0, blob_options },
    { "mt_blob_options_t of a manifest", sizeof(mt_blob_options_t), 0, 0, seal_options },
    { "mt_noise_options_t", sizeof(mt_noise_options_t), 0, 0, noise_options },
    { "mt_manifest_info_t of a create", sizeof(mt_manifest_info_t), 0, 0, manifest_info_in },
    { "mt_capability_info_t of a format", sizeof(mt_capability_info_t), 0, 0, capability_info_in },
    { "mt_wire_message_t of an encode", sizeof(mt_wire_message_t), 0, 0, wire_message_in },
    { "mt_put_options_t", sizeof(mt_put_options_t), 0, 1, put_options },
    { "mt_put_options_t of a start", sizeof(mt_put_options_t), 0, 1, put_start_options },
    { "mt_put_options_t of an upload", sizeof(mt_put_options_t), 0, 1, upload_options },
    { "mt_get_options_t", sizeof(mt_get_options_t), 0, 1, get_options },
    { "mt_check_options_t", sizeof(mt_check_options_t), 0, 1, check_options },
    { "mt_client_options_t", sizeof(mt_client_options_t), 0, 1, client_options },
    { "mt_blob_info_t", sizeof(mt_blob_info_t), 1, 0, blob_info },
    { "mt_bencode_token_t", sizeof(mt_bencode_token_t), 1, 0, token },
    { "mt_capability_info_t", sizeof(mt_capability_info_t), 1, 0, capability_info },
    { "mt_manifest_info_t", sizeof(mt_manifest_info_t), 1, 0, manifest_info },
    { "mt_manifest_stream_t", sizeof(mt_manifest_stream_t), 1, 0, manifest_stream },
    { "mt_stripe_info_t", sizeof(mt_stripe_info_t), 1, 0, stripe_info },
    { "mt_stripe_blob_t", sizeof(mt_stripe_blob_t), 1, 0, stripe_blob },
    { "mt_peer_info_t", sizeof(mt_peer_info_t), 1, 0, peer_info },
    { "mt_wire_message_t", sizeof(mt_wire_message_t), 1, 0, wire_message },
    { "mt_client_status_t", sizeof(mt_client_status_t), 1, 1, client_status },
    { "mt_verify_report_t", sizeof(mt_verify_report_t), 1, 1, verify_report },
    { "mt_repair_report_t", sizeof(mt_repair_report_t), 1, 1, repair_report },
    { "mt_object_info_t", sizeof(mt_object_info_t), 1, 1, object_info },
    { "mt_entry_info_t", sizeof(mt_entry_info_t), 1, 1, entry_info },
    { "mt_put_result_t", sizeof(mt_put_result_t), 1, 1, put_outcome },
    { "mt_get_result_t", sizeof(mt_get_result_t), 1, 1, get_outcome },
};

/* Makes what the calls need. */
static void prepare(void)
{
    const cJSON *peer = cJSON_GetArrayItem(vectors("peers.json", "payloads"), 0);
    mt_capability_info_t info = { sizeof info, 1, { 1 }, { 2 }, 1000, 2 };
    mt_manifest_info_t about = { sizeof about, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_wire_message_t message = { sizeof message, MT_WIRE_PING, 0, 1, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
    const uint32_t lengths[1] = { 64 };
    const uint64_t plaintext_lengths[1] = { 32 };
    uint8_t id[32] = { 3 };
    bytes_t bytes;
    size_t length;
    EXPECT(peer != NULL, "peers.json has no payload");
    must(mt_x25519_generate(secret, key), "a key pair");
    must(mt_capability_format(capability, sizeof capability, &length, &info), "a capability");
    must(mt_manifest_create(&manifest, &about, "name"), "a manifest");
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    must(mt_manifest_add_stripe(manifest, 1, 1, id, lengths, key, plaintext_lengths), "a stripe");
    must(mt_blob_seal(sealed, sizeof sealed, &sealed_length, id, key, secret, 32, NULL), "sealing");
    must(mt_wire_encode(frame, sizeof frame, &frame_length, &message), "a frame");
    bytes = bytes_member(peer, "payload");
    memcpy(payload, bytes.data, bytes.length);
    payload_length = bytes.length;
    memcpy(payload_static, fixed_member(peer, "static", 32), 32);
    memcpy(payload_cluster, fixed_member(peer, "clusterKey", 32), 32);
    if (have_cluster())
    {
        client = shared_client();
        memcpy(capability, put(secret, 32).text, sizeof capability);
        must(mt_object_open(client, &object, capability), "an object");
        must(mt_object_open(client, &directory, put_folder().text), "a directory");
    }
}

static void clean_up(void)
{
    mt_object_destroy(object);
    mt_object_destroy(directory);
    mt_manifest_destroy(manifest);
    object = directory = NULL;
    manifest = NULL;
}

static void show_struct_size(void)
{
    size_t i;
    prepare();
    for (i = 0; i < sizeof structs / sizeof structs[0]; i++)
    {
        const uint32_t wrong[] = { 0, 3, 4, structs[i].size - 1, UINT32_MAX };
        const char *name = structs[i].name;
        any_struct_t given;
        size_t j;
        if (structs[i].needs_client && !have_cluster())
            continue;
        for (j = 0; j < sizeof wrong / sizeof wrong[0]; j++)
        {
            memset(&given, 0, sizeof given);
            given.struct_size = wrong[j];
            expect_status(structs[i].call(&given), MT_ERROR_STRUCT_SIZE, "%s with struct_size %u", name, wrong[j]);
        }

        memset(&given, 0, sizeof given);
        given.struct_size = structs[i].size + 16;
        if (structs[i].filled_in)
            memset(given.bytes + 4, 0xcd, sizeof given - 4);
        must(structs[i].call(&given), "%s of a later header", name);
        EXPECT(given.struct_size == structs[i].size + 16, "%s: struct_size became %u", name, given.struct_size);
        if (structs[i].filled_in)
        {
            EXPECT(is_all(given.bytes + structs[i].size, 0, 16), "%s: members that it does not know are not 0", name);
            EXPECT(
                is_all(given.bytes + structs[i].size + 16, 0xcd, sizeof given - structs[i].size - 16),
                "%s: more was written than struct_size", name);
        }
        else
        {
            given.bytes[structs[i].size + 15] = 1;
            expect_status(structs[i].call(&given), MT_ERROR_UNSUPPORTED, "%s with a later member set", name);
        }
    }

    clean_up();
}

/* ------------------------------------------------------------------------------------------------------------------ options -- */

static void expect_unknown(struct_call_t call, any_struct_t *given, const char *what)
{
    mt_status_t status = call(given);
    EXPECT(status == MT_ERROR_UNSUPPORTED || status == MT_ERROR_INVALID_ARGUMENT, "%s gives %s", what, mt_status_name(status));
}

static void show_options(void)
{
    any_struct_t given;
#define UNKNOWN(type, member, value, call)                       \
    do                                                           \
    {                                                            \
        memset(&given, 0, sizeof given);                         \
        given.struct_size = sizeof(type);                        \
        ((type *)&given)->member = value;                        \
        expect_unknown(call, &given, #type " with " #member);    \
    } while (0)

    prepare();
    UNKNOWN(mt_rs_options_t, matrix, 1, rs_options);
    UNKNOWN(mt_rs_options_t, matrix, UINT32_MAX, rs_options);
    UNKNOWN(mt_blob_options_t, suite, 3, blob_options);
    UNKNOWN(mt_blob_options_t, compression, 6, blob_options);
    UNKNOWN(mt_blob_options_t, reserved, 1, blob_options);
    UNKNOWN(mt_blob_options_t, suite, 3, seal_options);
    UNKNOWN(mt_blob_options_t, reserved, 1, seal_options);
    UNKNOWN(mt_noise_options_t, suite, 3, noise_options);
    UNKNOWN(mt_noise_options_t, initiator, 2, noise_options);
    UNKNOWN(mt_noise_options_t, reserved, 1, noise_options);
    UNKNOWN(mt_manifest_info_t, reserved, 1, manifest_info_in);
    UNKNOWN(mt_wire_message_t, reserved, 1, wire_message_in);
    UNKNOWN(mt_wire_message_t, flags, 1, wire_message_in);
    if (have_cluster())
    {
        UNKNOWN(mt_put_options_t, suite, 3, put_options);
        UNKNOWN(mt_put_options_t, compression, 6, put_options);
        UNKNOWN(mt_put_options_t, parity_shards, 300, put_options);
        UNKNOWN(mt_check_options_t, reserved, 1, check_options);
    }

    clean_up();
}

/* -------------------------------------------------------------------------------------------------------------------- texts -- */

static void refuse_text(const char *text, const char *what)
{
    mt_capability_info_t info = { sizeof info, 0, { 0 }, { 0 }, 0, 0 };
    mt_manifest_info_t about = { sizeof about, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_manifest_t *made = NULL;
    char dst[MT_CAPABILITY_CAPACITY];
    uint8_t bytes[MT_PEER_PAYLOAD_LENGTH_MAX];
    size_t length;
    expect_status(mt_cid_parse(bytes, text), MT_ERROR_INVALID_ARGUMENT, "mt_cid_parse of %s", what);
    expect_status(mt_capability_parse(&info, text), MT_ERROR_INVALID_ARGUMENT, "mt_capability_parse of %s", what);
    expect_status(
        mt_capability_to_verify(dst, sizeof dst, &length, text), MT_ERROR_INVALID_ARGUMENT, "mt_capability_to_verify of %s", what);
    expect_status(mt_manifest_create(&made, &about, text), MT_ERROR_INVALID_ARGUMENT, "mt_manifest_create named %s", what);
    expect_status(
        mt_peer_payload_create(bytes, sizeof bytes, &length, text, secret, NULL), MT_ERROR_INVALID_ARGUMENT,
        "mt_peer_payload_create of %s", what);
    if (have_cluster())
    {
        mt_client_options_t opening = { sizeof opening, 0, 0, NULL, NULL };
        mt_put_options_t putting;
        mt_verify_report_t report = { sizeof report, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
        mt_operation_t *operation = NULL;
        mt_object_t *opened = NULL;
        mt_client_t *other = NULL;
        memset(&putting, 0, sizeof putting);
        putting.struct_size = sizeof putting;
        putting.name = text;
        expect_status(mt_client_open(&other, text, NULL), MT_ERROR_INVALID_ARGUMENT, "mt_client_open of %s", what);
        opening.credential = text;
        expect_status(mt_client_open(&other, NULL, &opening), MT_ERROR_INVALID_ARGUMENT, "a credential of %s", what);
        opening.credential = NULL;
        opening.credential_path = text;
        expect_status(mt_client_open(&other, NULL, &opening), MT_ERROR_INVALID_ARGUMENT, "a credential at %s", what);
        expect_status(
            mt_client_put(client, dst, sizeof dst, &length, secret, 32, &putting), MT_ERROR_INVALID_ARGUMENT, "a put named %s", what);
        expect_status(mt_client_put_file(client, dst, sizeof dst, &length, text, NULL), MT_ERROR_INVALID_ARGUMENT, "a put of %s", what);
        expect_status(mt_client_get_file(client, text, capability, NULL), MT_ERROR_INVALID_ARGUMENT, "a get to %s", what);
        expect_status(mt_client_get_file(client, "/nowhere/file", text, NULL), MT_ERROR_INVALID_ARGUMENT, "a get of %s", what);
        expect_status(mt_client_read(client, bytes, 1, &length, text, 0), MT_ERROR_INVALID_ARGUMENT, "a read of %s", what);
        expect_status(mt_client_verify(client, &report, text, NULL), MT_ERROR_INVALID_ARGUMENT, "verifying %s", what);
        expect_status(mt_object_open(client, &opened, text), MT_ERROR_INVALID_ARGUMENT, "opening %s", what);
        expect_status(
            mt_client_put_file_start(client, &operation, text, NULL, NULL, NULL), MT_ERROR_INVALID_ARGUMENT, "starting a put of %s", what);
    }
}

static void show_texts(void)
{
    static const char *const wrong[] = { "\xff\xfe", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf8\x88\x80\x80\x80" };
    char *longest = (char *)allocate(MT_TEXT_LENGTH_MAX + 2);
    size_t i;
    prepare();
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        refuse_text(wrong[i], "what is no UTF-8");
    memset(longest, 'x', MT_TEXT_LENGTH_MAX + 1);
    longest[MT_TEXT_LENGTH_MAX + 1] = 0;
    refuse_text(longest, "65536 bytes");
    clean_up();
}

const behaviour_t struct_behaviours[] = {
    { "misuse.struct-size", show_struct_size, 0 },
    { "misuse.options", show_options, 0 },
    { "misuse.invalid-utf8", show_texts, 0 },
    { NULL, NULL, 0 },
};
