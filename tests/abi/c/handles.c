/*
 * Handles that are none: every function that takes one is called with every kind of wrong one. What else it is given is right, so that it
 * is the handle that is refused.
 */
#include "suite.h"

/* The kinds of handles. */
enum { CODE, READER, WRITER, MANIFEST, NOISE, CLIENT, OBJECT, DOWNLOAD, UPLOAD, OPERATION, KINDS };

static const char *const kind_names[KINDS] = {
    "code", "reader", "writer", "manifest", "noise", "client", "object", "download", "upload", "operation",
};

/* What the calls below are given beside the handle. */
static uint8_t bytes[6][64], present[6] = { 1, 1, 1, 1, 1, 1 };
static uint8_t *const shards[6] = { bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5] };
static const uint8_t *const inputs[6] = { bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5] };
static size_t length;
static int32_t number;
static uint32_t state;
static char text[256];
static mt_operation_t *operation;
static mt_bencode_token_t token = { sizeof token, 0, 0, 0, 0, 0, 0 };
static mt_manifest_info_t manifest_info = { sizeof manifest_info, 0, 0, 0, 0, 0, 0 };
static mt_manifest_stream_t stream = { sizeof stream, 0, 0, 0, 0 };
static mt_stripe_info_t stripe = { sizeof stripe, 0, 0, 0, 0, 0, { 0 } };
static mt_stripe_blob_t blob = { sizeof blob, 0, 0, 0, 0, { 0 }, { 0 } };
static mt_client_status_t status = { sizeof status, 0, 0, 0 };
static mt_verify_report_t verified = { sizeof verified, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
static mt_repair_report_t repaired = { sizeof repaired, 0, 0, 0, 0, 0 };
static mt_object_info_t object_info = { sizeof object_info, 0, 0, 0, 0, 0 };
static mt_entry_info_t entry = { sizeof entry, 0, 0, 0, 0, 0, 0 };
static const uint32_t lengths[1] = { 64 };
static const uint64_t plaintext_lengths[1] = { 32 };
static char capability[MT_CAPABILITY_CAPACITY];

#define CALL(function, ...)                        \
    static mt_status_t call_##function(void *h)    \
    {                                              \
        return function(__VA_ARGS__);              \
    }

CALL(mt_rs_encode, h, shards + 4, inputs, 64)
CALL(mt_rs_verify, h, &number, inputs, 64)
CALL(mt_rs_reconstruct, h, shards, present, 64)
CALL(mt_rs_update, h, shards + 4, 0, inputs[0], inputs[1], 64)
CALL(mt_bencode_reader_next, h, &token)
CALL(mt_bencode_reader_skip, h)
CALL(mt_bencode_writer_integer, h, 1)
CALL(mt_bencode_writer_bytes, h, bytes[0], 1)
CALL(mt_bencode_writer_key, h, bytes[0], 1)
CALL(mt_bencode_writer_begin_list, h)
CALL(mt_bencode_writer_begin_dictionary, h)
CALL(mt_bencode_writer_end, h)
CALL(mt_bencode_writer_finish, h, bytes[0], 64, &length)
CALL(mt_manifest_get_info, h, &manifest_info)
CALL(mt_manifest_get_name, h, text, sizeof text, &length)
CALL(mt_manifest_get_stream, h, &stream, 0)
CALL(mt_manifest_get_stripe, h, &stripe, 0, 0)
CALL(mt_manifest_get_blob, h, &blob, 0, 0, 0)
CALL(mt_manifest_add_stream, h, 0)
CALL(mt_manifest_add_stripe, h, 1, 1, bytes[0], lengths, bytes[1], plaintext_lengths)
CALL(mt_manifest_seal, h, bytes[0], 64, &length, bytes[1], bytes[2], NULL)
CALL(mt_noise_state, h, &state)
CALL(mt_noise_write, h, bytes[0], 64, &length, NULL, 0)
CALL(mt_noise_read, h, bytes[0], 64, &length, bytes[1], 64)
CALL(mt_noise_remote_key, h, bytes[0])
CALL(mt_noise_handshake_hash, h, bytes[0])
CALL(mt_client_put, h, text, sizeof text, &length, bytes[0], 64, NULL)
CALL(mt_client_put_file, h, text, sizeof text, &length, "/nowhere", NULL)
CALL(mt_client_get_file, h, "/nowhere/file", capability, NULL)
CALL(mt_client_read, h, bytes[0], 64, &length, capability, 0)
CALL(mt_client_verify, h, &verified, capability, NULL)
CALL(mt_client_repair, h, &repaired, capability, NULL)
CALL(mt_client_status, h, &status)
CALL(mt_object_open, h, (mt_object_t **)&operation, capability)
CALL(mt_upload_create, h, (mt_upload_t **)&operation, NULL)
CALL(mt_client_put_start, h, &operation, bytes[0], 64, NULL, NULL, NULL)
CALL(mt_client_put_file_start, h, &operation, "/nowhere", NULL, NULL, NULL)
CALL(mt_client_get_file_start, h, &operation, "/nowhere/file", capability, NULL, NULL, NULL)
CALL(mt_client_read_start, h, &operation, bytes[0], 64, capability, 0, NULL, NULL)
CALL(mt_client_verify_start, h, &operation, &verified, capability, NULL, NULL, NULL)
CALL(mt_client_repair_start, h, &operation, &repaired, capability, NULL, NULL, NULL)
CALL(mt_object_open_start, h, &operation, capability, NULL, NULL)
CALL(mt_object_get_info, h, &object_info)
CALL(mt_object_get_name, h, text, sizeof text, &length)
CALL(mt_object_get_entry, h, &entry, 0)
CALL(mt_object_get_entry_path, h, text, sizeof text, &length, 0)
CALL(mt_object_read, h, bytes[0], 64, &length, 0)
CALL(mt_object_read_start, h, &operation, bytes[0], 64, 0, NULL, NULL)
CALL(mt_download_create, h, (mt_download_t **)&operation, 0, 1)
CALL(mt_download_read, h, bytes[0], 64, &length)
CALL(mt_download_read_start, h, &operation, bytes[0], 64, NULL, NULL)
CALL(mt_upload_write, h, bytes[0], 64)
CALL(mt_upload_write_start, h, &operation, bytes[0], 64, NULL, NULL)
CALL(mt_upload_finish, h, text, sizeof text, &length)
CALL(mt_upload_finish_start, h, &operation, NULL, NULL)
CALL(mt_operation_cancel, h)
CALL(mt_operation_wait, h, &number, 0)
CALL(mt_operation_status, h)
CALL(mt_operation_get_descriptor, h, &number)
CALL(mt_operation_get_capability, h, text, sizeof text, &length)
CALL(mt_operation_get_length, h, &length)
CALL(mt_operation_take_client, h, (mt_client_t **)&operation)
CALL(mt_operation_take_object, h, (mt_object_t **)&operation)

static const struct
{
    int kind;
    const char *name;
    mt_status_t (*call)(void *handle);
} calls[] = {
#define ROW(kind, function) { kind, #function, call_##function }
    ROW(CODE, mt_rs_encode), ROW(CODE, mt_rs_verify), ROW(CODE, mt_rs_reconstruct), ROW(CODE, mt_rs_update),
    ROW(READER, mt_bencode_reader_next), ROW(READER, mt_bencode_reader_skip),
    ROW(WRITER, mt_bencode_writer_integer), ROW(WRITER, mt_bencode_writer_bytes), ROW(WRITER, mt_bencode_writer_key),
    ROW(WRITER, mt_bencode_writer_begin_list), ROW(WRITER, mt_bencode_writer_begin_dictionary), ROW(WRITER, mt_bencode_writer_end),
    ROW(WRITER, mt_bencode_writer_finish),
    ROW(MANIFEST, mt_manifest_get_info), ROW(MANIFEST, mt_manifest_get_name), ROW(MANIFEST, mt_manifest_get_stream),
    ROW(MANIFEST, mt_manifest_get_stripe), ROW(MANIFEST, mt_manifest_get_blob), ROW(MANIFEST, mt_manifest_add_stream),
    ROW(MANIFEST, mt_manifest_add_stripe), ROW(MANIFEST, mt_manifest_seal),
    ROW(NOISE, mt_noise_state), ROW(NOISE, mt_noise_write), ROW(NOISE, mt_noise_read), ROW(NOISE, mt_noise_remote_key),
    ROW(NOISE, mt_noise_handshake_hash),
    ROW(CLIENT, mt_client_put), ROW(CLIENT, mt_client_put_file), ROW(CLIENT, mt_client_get_file), ROW(CLIENT, mt_client_read),
    ROW(CLIENT, mt_client_verify), ROW(CLIENT, mt_client_repair), ROW(CLIENT, mt_client_status), ROW(CLIENT, mt_object_open),
    ROW(CLIENT, mt_upload_create), ROW(CLIENT, mt_client_put_start), ROW(CLIENT, mt_client_put_file_start),
    ROW(CLIENT, mt_client_get_file_start), ROW(CLIENT, mt_client_read_start), ROW(CLIENT, mt_client_verify_start),
    ROW(CLIENT, mt_client_repair_start), ROW(CLIENT, mt_object_open_start),
    ROW(OBJECT, mt_object_get_info), ROW(OBJECT, mt_object_get_name), ROW(OBJECT, mt_object_get_entry),
    ROW(OBJECT, mt_object_get_entry_path), ROW(OBJECT, mt_object_read), ROW(OBJECT, mt_object_read_start),
    ROW(OBJECT, mt_download_create),
    ROW(DOWNLOAD, mt_download_read), ROW(DOWNLOAD, mt_download_read_start),
    ROW(UPLOAD, mt_upload_write), ROW(UPLOAD, mt_upload_write_start), ROW(UPLOAD, mt_upload_finish), ROW(UPLOAD, mt_upload_finish_start),
    ROW(OPERATION, mt_operation_cancel), ROW(OPERATION, mt_operation_wait), ROW(OPERATION, mt_operation_status),
    ROW(OPERATION, mt_operation_get_descriptor), ROW(OPERATION, mt_operation_get_capability), ROW(OPERATION, mt_operation_get_length),
    ROW(OPERATION, mt_operation_take_client), ROW(OPERATION, mt_operation_take_object),
#undef ROW
};

const char *handle_call_name(size_t call_index)
{
    return call_index < sizeof calls / sizeof calls[0] ? calls[call_index].name : NULL;
}

void make_handle_call(size_t call_index)
{
    (void)calls[call_index].call(NULL);
}

static void destroy(int kind, void *handle)
{
    switch (kind)
    {
        case CODE: mt_rs_destroy(handle); break;
        case READER: mt_bencode_reader_destroy(handle); break;
        case WRITER: mt_bencode_writer_destroy(handle); break;
        case MANIFEST: mt_manifest_destroy(handle); break;
        case NOISE: mt_noise_destroy(handle); break;
        case CLIENT: mt_client_close(handle); break;
        case OBJECT: mt_object_destroy(handle); break;
        case DOWNLOAD: mt_download_destroy(handle); break;
        case UPLOAD: mt_upload_destroy(handle); break;
        default: mt_operation_destroy(handle); break;
    }
}

/* A live handle of a kind; NULL where that needs a cluster and there is none. */
static void *create(int kind)
{
    mt_manifest_info_t about = { sizeof about, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    mt_noise_options_t noise = { sizeof noise, 1, 0, 0, NULL, NULL, 0, NULL };
    uint8_t secret[32], key[32];
    capability_t object_capability;
    mt_object_t *object = NULL;
    void *made = NULL;
    if (kind >= CLIENT && !have_cluster())
        return NULL;
    switch (kind)
    {
        case CODE: must(mt_rs_create((mt_rs_t **)&made, 4, 2, NULL), "a code"); break;
        case READER: must(mt_bencode_reader_create((mt_bencode_reader_t **)&made, (const uint8_t *)"le", 2), "a reader"); break;
        case WRITER: must(mt_bencode_writer_create((mt_bencode_writer_t **)&made), "a writer"); break;
        case MANIFEST: must(mt_manifest_create((mt_manifest_t **)&made, &about, "name"), "a manifest"); break;
        case NOISE:
            must(mt_x25519_generate(secret, key), "a key pair");
            noise.static_secret32 = secret;
            must(mt_noise_create((mt_noise_t **)&made, &noise), "a session");
            break;
        case CLIENT: must(mt_client_open((mt_client_t **)&made, NULL, NULL), "a client"); break;
        case OBJECT:
        case DOWNLOAD:
            object_capability = put((const uint8_t *)"object", 6);
            must(mt_object_open(shared_client(), &object, object_capability.text), "an object");
            made = object;
            if (kind == DOWNLOAD)
            {
                must(mt_download_create(object, (mt_download_t **)&made, 0, 6), "a download");
                mt_object_destroy(object);
            }

            break;
        case UPLOAD: must(mt_upload_create(shared_client(), (mt_upload_t **)&made, NULL), "an upload"); break;
        default:
            must(
                mt_client_put_start(
                    shared_client(), (mt_operation_t **)&made, (const uint8_t *)"operation", 9, NULL, NULL, NULL),
                "an operation");
            break;
    }

    return made;
}

static void prepare(void)
{
    mt_capability_info_t info = { sizeof info, 1, { 1 }, { 2 }, 1000, 2 };
    must(mt_capability_format(capability, sizeof capability, &length, &info), "a capability");
}

static void expect_refused(int kind, void *handle, const char *what)
{
    size_t i;
    for (i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].kind == kind)
            expect_status(calls[i].call(handle), MT_ERROR_INVALID_HANDLE, "%s with %s", calls[i].name, what);
    if (kind == NOISE)
        EXPECT(mt_noise_write_bound(handle, 1) == 0, "mt_noise_write_bound with %s", what);
}

static void show_closed(void)
{
    int kind;
    prepare();
    for (kind = 0; kind < KINDS; kind++)
    {
        void *handle = create(kind);
        destroy(kind, handle);
        expect_refused(kind, handle, "a handle that was destroyed");
        destroy(kind, handle);
        expect_refused(kind, handle, "a handle that was destroyed twice");
    }
}

static void show_others(void)
{
    uint8_t on_the_stack[64] = { 0 }, *on_the_heap = allocate(64);
    void *live[KINDS], *first, *second;
    int kind, other;
    prepare();
    for (kind = 0; kind < KINDS; kind++)
        live[kind] = create(kind);
    for (kind = 0; kind < KINDS; kind++)
    {
        expect_refused(kind, NULL, "NULL");
        expect_refused(kind, (void *)(uintptr_t)1, "1");
        expect_refused(kind, (void *)(uintptr_t)0x10, "0x10");
        expect_refused(kind, (void *)UINTPTR_MAX, "all bits set");
        expect_refused(kind, on_the_stack, "an address on the stack");
        expect_refused(kind, on_the_heap, "an address on the heap");
        expect_refused(kind, &length, "an address of a variable");
        for (other = 0; other < KINDS; other++)
            if (other != kind && live[other] != NULL)
                expect_refused(kind, live[other], kind_names[other]);
    }

    for (kind = 0; kind < KINDS; kind++)
    {
        first = create(kind);
        destroy(kind, first);
        second = create(kind);
        EXPECT(first != second || first == NULL, "the handle of a %s was given out twice", kind_names[kind]);
        expect_refused(kind, first, "a handle whose place is used again");
        destroy(kind, first);
        if (kind == CODE)
            must(mt_rs_encode(second, shards + 4, inputs, 64), "the successor of a stale handle");
        destroy(kind, second);
    }

    for (kind = KINDS; kind-- > 0;)
        destroy(kind, live[kind]);
}

static void show_destroy(void)
{
    uint8_t on_the_stack[64] = { 0 };
    void *live[KINDS];
    int kind, other;
    size_t before;
    mt_sha256(NULL, NULL, 0); /* puts a short text into the last error */
    before = mt_last_error(NULL, 0);
    for (kind = 0; kind < KINDS; kind++)
        destroy(kind, NULL);
    EXPECT(mt_last_error(NULL, 0) == before, "destroying NULL is taken for an error");

    for (kind = 0; kind < KINDS; kind++)
        live[kind] = create(kind);
    for (kind = 0; kind < KINDS; kind++)
    {
        mt_sha256(NULL, NULL, 0);
        destroy(kind, on_the_stack);
        EXPECT(mt_last_error(NULL, 0) != before, "destroying what is no %s is not told", kind_names[kind]);
        destroy(kind, (void *)UINTPTR_MAX);
        for (other = 0; other < KINDS; other++)
            if (other != kind)
                destroy(kind, live[other]);
    }

    /* All are alive: none was taken for another. */
    must(call_mt_rs_encode(live[CODE]), "the code");
    must(call_mt_bencode_reader_next(live[READER]), "the reader");
    must(call_mt_bencode_writer_integer(live[WRITER]), "the writer");
    must(call_mt_manifest_get_info(live[MANIFEST]), "the manifest");
    must(call_mt_noise_state(live[NOISE]), "the session");
    if (live[CLIENT] != NULL)
    {
        must(call_mt_client_status(live[CLIENT]), "the client");
        must(call_mt_object_get_info(live[OBJECT]), "the object");
        must(call_mt_download_read(live[DOWNLOAD]), "the download");
        must(call_mt_upload_write(live[UPLOAD]), "the upload");
        must(call_mt_operation_cancel(live[OPERATION]), "the operation");
    }

    for (kind = KINDS; kind-- > 0;)
    {
        destroy(kind, live[kind]);
        destroy(kind, live[kind]);
    }
}

const behaviour_t handle_behaviours[] = {
    { "misuse.closed-handle", show_closed, 0 },
    { "misuse.other-handle", show_others, 0 },
    { "misuse.destroy", show_destroy, 0 },
    { NULL, NULL, 0 },
};
