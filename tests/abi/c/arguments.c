/*
 * NULL for every pointer of every function, one at a time, and lengths that no memory has. Outputs are watched: they lie in one struct that
 * is filled with 0xcd, and must be so afterwards.
 */
#include "suite.h"

/* Where the calls write to. */
static struct
{
    uint8_t a[2048], b[64], c[64], d[64];
    char text[512];
    size_t length;
    int32_t ok;
    uint32_t state;
    mt_operation_t *operation;
} out;

/* What they read. */
static const uint8_t in[2048], in32[64];

static void expect_untouched(const char *what)
{
    EXPECT(is_all(&out, 0xcd, sizeof out), "%s wrote something", what);
}

/* A call with a NULL must be refused for it, and write nothing. */
#define REFUSED(call)                                       \
    do                                                      \
    {                                                       \
        expect_status(call, MT_ERROR_NULL_POINTER, #call);  \
        expect_untouched(#call);                            \
    } while (0)

/* The same where out is set to NULL after a failure. */
#define REFUSED_HANDLE(call)                                \
    do                                                      \
    {                                                       \
        expect_status(call, MT_ERROR_NULL_POINTER, #call);  \
        memset(&out, 0xcd, sizeof out);                     \
    } while (0)

static uint8_t *parity[2] = { out.a, out.b };
static const uint8_t *data[4] = { in, in + 64, in + 128, in + 192 };
static uint8_t *all[6] = { out.a, out.a + 64, out.a + 128, out.a + 192, out.b, out.c };

static void null_hashes(void)
{
    const uint8_t *messages[2] = { in, NULL };
    const size_t lengths[2] = { 1, 1 };
    REFUSED(mt_sha256(NULL, in, 1));
    REFUSED(mt_sha256(out.a, NULL, 1));
    REFUSED(mt_sha256_many(NULL, data, lengths, 2));
    REFUSED(mt_sha256_many(out.a, NULL, lengths, 2));
    REFUSED(mt_sha256_many(out.a, data, NULL, 2));
    REFUSED(mt_sha256_many(out.a, messages, lengths, 2));
    REFUSED(mt_merkle_root(NULL, in, 1));
    REFUSED(mt_merkle_root(out.a, NULL, 1));
    REFUSED(mt_cid_format(NULL, 60, &out.length, in32));
    REFUSED(mt_cid_format(out.text, 60, NULL, in32));
    REFUSED(mt_cid_format(out.text, 60, &out.length, NULL));
    REFUSED(mt_cid_parse(NULL, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"));
    REFUSED(mt_cid_parse(out.a, NULL));
}

static void null_codes(void)
{
    static const uint8_t everything[6] = { 1, 1, 1, 1, 1, 1 }, without[6] = { 0, 1, 1, 1, 1, 1 };
    uint8_t *kept;
    mt_rs_t *rs = NULL;
    int i;
    REFUSED(mt_rs_create(NULL, 4, 2, NULL));
    must(mt_rs_create(&rs, 4, 2, NULL), "a code");
    REFUSED(mt_rs_encode(rs, NULL, data, 64));
    REFUSED(mt_rs_encode(rs, parity, NULL, 64));
    REFUSED(mt_rs_verify(rs, NULL, (const uint8_t *const *)all, 64));
    REFUSED(mt_rs_verify(rs, &out.ok, NULL, 64));
    REFUSED(mt_rs_reconstruct(rs, NULL, without, 64));
    REFUSED(mt_rs_reconstruct(rs, all, NULL, 64));
    REFUSED(mt_rs_update(rs, NULL, 0, in, in + 64, 64));
    REFUSED(mt_rs_update(rs, parity, 0, NULL, in, 64));
    REFUSED(mt_rs_update(rs, parity, 0, in, NULL, 64));
    for (i = 0; i < 6; i++)
    {
        kept = all[i];
        all[i] = NULL;
        REFUSED(mt_rs_verify(rs, &out.ok, (const uint8_t *const *)all, 64));
        REFUSED(mt_rs_reconstruct(rs, all, everything, 64));
        if (i > 0)
            REFUSED(mt_rs_reconstruct(rs, all, without, 64));
        if (i < 4)
            REFUSED(mt_rs_encode(rs, parity, (const uint8_t *const *)all, 64));
        else
        {
            REFUSED(mt_rs_encode(rs, all + 4, data, 64));
            REFUSED(mt_rs_update(rs, all + 4, 0, in, in + 64, 64));
        }

        all[i] = kept;
    }

    mt_rs_destroy(rs);
}

static void null_blobs(void)
{
    mt_blob_info_t info = { sizeof info, 77, 77, 77 };
    uint8_t chunk[64] = { 0 }, sealed[96], id[32], key[32];
    size_t length;
    must(mt_blob_seal(sealed, sizeof sealed, &length, id, key, chunk, sizeof chunk, NULL), "sealing");
    REFUSED(mt_blob_seal(NULL, 96, &out.length, out.b, out.c, in, 64, NULL));
    REFUSED(mt_blob_seal(out.a, 96, NULL, out.b, out.c, in, 64, NULL));
    REFUSED(mt_blob_seal(out.a, 96, &out.length, NULL, out.c, in, 64, NULL));
    REFUSED(mt_blob_seal(out.a, 96, &out.length, out.b, NULL, in, 64, NULL));
    REFUSED(mt_blob_seal(out.a, 96, &out.length, out.b, out.c, NULL, 64, NULL));
    REFUSED(mt_blob_open(NULL, 64, &out.length, key, sealed, length));
    REFUSED(mt_blob_open(out.a, 64, NULL, key, sealed, length));
    REFUSED(mt_blob_open(out.a, 64, &out.length, NULL, sealed, length));
    REFUSED(mt_blob_open(out.a, 64, &out.length, key, NULL, length));
    REFUSED(mt_blob_inspect(NULL, sealed, length));
    REFUSED(mt_blob_inspect(&info, NULL, length));
    EXPECT(info.suite == 77, "mt_blob_inspect wrote something");
}

static void null_keys(void)
{
    REFUSED(mt_ed25519_generate(NULL, out.a));
    REFUSED(mt_ed25519_generate(out.a, NULL));
    REFUSED(mt_ed25519_public_key(NULL, in32));
    REFUSED(mt_ed25519_public_key(out.a, NULL));
    REFUSED(mt_ed25519_sign(NULL, in32, in, 1));
    REFUSED(mt_ed25519_sign(out.a, NULL, in, 1));
    REFUSED(mt_ed25519_sign(out.a, in32, NULL, 1));
    REFUSED(mt_ed25519_verify(NULL, in32, in, in, 1));
    REFUSED(mt_ed25519_verify(&out.ok, NULL, in, in, 1));
    REFUSED(mt_ed25519_verify(&out.ok, in32, NULL, in, 1));
    REFUSED(mt_ed25519_verify(&out.ok, in32, in, NULL, 1));
    REFUSED(mt_x25519_generate(NULL, out.a));
    REFUSED(mt_x25519_generate(out.a, NULL));
    REFUSED(mt_x25519_public_key(NULL, in32));
    REFUSED(mt_x25519_public_key(out.a, NULL));
}

static void null_bencode(void)
{
    mt_bencode_reader_t *reader = NULL;
    mt_bencode_writer_t *writer = NULL;
    REFUSED(mt_bencode_reader_create(NULL, (const uint8_t *)"le", 2));
    REFUSED_HANDLE(mt_bencode_reader_create((mt_bencode_reader_t **)&out.operation, NULL, 2));
    must(mt_bencode_reader_create(&reader, (const uint8_t *)"le", 2), "a reader");
    REFUSED(mt_bencode_reader_next(reader, NULL));
    mt_bencode_reader_destroy(reader);
    REFUSED(mt_bencode_writer_create(NULL));
    must(mt_bencode_writer_create(&writer), "a writer");
    REFUSED(mt_bencode_writer_bytes(writer, NULL, 1));
    must(mt_bencode_writer_begin_dictionary(writer), "a dictionary");
    REFUSED(mt_bencode_writer_key(writer, NULL, 1));
    must(mt_bencode_writer_end(writer), "its end");
    REFUSED(mt_bencode_writer_finish(writer, NULL, 2, &out.length));
    REFUSED(mt_bencode_writer_finish(writer, out.a, 2, NULL));
    mt_bencode_writer_destroy(writer);
}

static void null_manifests(void)
{
    mt_capability_info_t capability = { sizeof capability, 1, { 1 }, { 2 }, 1000, 2 };
    mt_manifest_info_t info = { sizeof info, MT_MANIFEST_FILE, 0644, 0, 0, 0, 0 };
    const uint32_t lengths[1] = { 64 };
    const uint64_t plaintext_lengths[1] = { 32 };
    mt_manifest_t *manifest = NULL;
    char text[MT_CAPABILITY_CAPACITY];
    size_t length;
    must(mt_capability_format(text, sizeof text, &length, &capability), "a capability");
    REFUSED(mt_capability_parse(NULL, text));
    REFUSED(mt_capability_parse(&capability, NULL));
    REFUSED(mt_capability_format(NULL, 128, &out.length, &capability));
    REFUSED(mt_capability_format(out.text, 128, NULL, &capability));
    REFUSED(mt_capability_format(out.text, 128, &out.length, NULL));
    REFUSED(mt_capability_to_verify(NULL, 128, &out.length, text));
    REFUSED(mt_capability_to_verify(out.text, 128, NULL, text));
    REFUSED(mt_capability_to_verify(out.text, 128, &out.length, NULL));

    REFUSED(mt_manifest_open(NULL, in, 64, NULL));
    REFUSED_HANDLE(mt_manifest_open((mt_manifest_t **)&out.operation, NULL, 64, NULL));
    REFUSED(mt_manifest_create(NULL, &info, "name"));
    REFUSED_HANDLE(mt_manifest_create((mt_manifest_t **)&out.operation, NULL, "name"));
    must(mt_manifest_create(&manifest, &info, "name"), "a manifest");
    must(mt_manifest_add_stream(manifest, 0), "a stream");
    REFUSED(mt_manifest_get_info(manifest, NULL));
    REFUSED(mt_manifest_get_name(manifest, NULL, 64, &out.length));
    REFUSED(mt_manifest_get_name(manifest, out.text, 64, NULL));
    REFUSED(mt_manifest_get_stream(manifest, NULL, 0));
    REFUSED(mt_manifest_add_stripe(manifest, 1, 1, NULL, lengths, in32, plaintext_lengths));
    REFUSED(mt_manifest_add_stripe(manifest, 1, 1, in32, NULL, in32, plaintext_lengths));
    REFUSED(mt_manifest_add_stripe(manifest, 1, 1, in32, lengths, NULL, plaintext_lengths));
    REFUSED(mt_manifest_add_stripe(manifest, 1, 1, in32, lengths, in32, NULL));
    must(mt_manifest_add_stripe(manifest, 1, 1, in32, lengths, in32, plaintext_lengths), "a stripe");
    REFUSED(mt_manifest_get_stripe(manifest, NULL, 0, 0));
    REFUSED(mt_manifest_get_blob(manifest, NULL, 0, 0, 0));
    REFUSED(mt_manifest_seal(manifest, NULL, 2048, &out.length, out.b, out.c, NULL));
    REFUSED(mt_manifest_seal(manifest, out.a, 2048, NULL, out.b, out.c, NULL));
    REFUSED(mt_manifest_seal(manifest, out.a, 2048, &out.length, NULL, out.c, NULL));
    REFUSED(mt_manifest_seal(manifest, out.a, 2048, &out.length, out.b, NULL, NULL));
    mt_manifest_destroy(manifest);
}

static void null_noise(void)
{
    mt_noise_options_t options = { sizeof options, 1, 0, 0, NULL, NULL, 0, NULL };
    mt_peer_info_t peer = { sizeof peer, 77, { 0 }, { 0 }, 77, 77 };
    mt_noise_t *noise = NULL;
    uint8_t secret[32], key[32];
    must(mt_x25519_generate(secret, key), "a key pair");
    REFUSED_HANDLE(mt_noise_create((mt_noise_t **)&out.operation, NULL));
    REFUSED_HANDLE(mt_noise_create((mt_noise_t **)&out.operation, &options)); /* no secret */
    options.static_secret32 = secret;
    REFUSED(mt_noise_create(NULL, &options));
    options.prologue_length = 1;
    REFUSED_HANDLE(mt_noise_create((mt_noise_t **)&out.operation, &options)); /* no prologue */
    options.prologue_length = 0;
    must(mt_noise_create(&noise, &options), "a session");
    REFUSED(mt_noise_state(noise, NULL));
    REFUSED(mt_noise_write(noise, NULL, 128, &out.length, in, 1));
    REFUSED(mt_noise_write(noise, out.a, 128, NULL, in, 1));
    REFUSED(mt_noise_write(noise, out.a, 128, &out.length, NULL, 1));
    REFUSED(mt_noise_read(noise, NULL, 128, &out.length, in, 128));
    REFUSED(mt_noise_read(noise, out.a, 128, NULL, in, 128));
    REFUSED(mt_noise_read(noise, out.a, 128, &out.length, NULL, 128));
    REFUSED(mt_noise_remote_key(noise, NULL));
    REFUSED(mt_noise_handshake_hash(noise, NULL));
    mt_noise_destroy(noise);
    REFUSED(mt_peer_payload_create(NULL, 2048, &out.length, "mtcred1:x", in32, NULL));
    REFUSED(mt_peer_payload_create(out.a, 2048, NULL, "mtcred1:x", in32, NULL));
    REFUSED(mt_peer_payload_create(out.a, 2048, &out.length, NULL, in32, NULL));
    REFUSED(mt_peer_payload_create(out.a, 2048, &out.length, "mtcred1:x", NULL, NULL));
    REFUSED(mt_peer_payload_check(NULL, in, 100, in32, in32));
    REFUSED(mt_peer_payload_check(&peer, NULL, 100, in32, in32));
    REFUSED(mt_peer_payload_check(&peer, in, 100, NULL, in32));
    REFUSED(mt_peer_payload_check(&peer, in, 100, in32, NULL));
    EXPECT(peer.has_certificate == 77, "mt_peer_payload_check wrote something");
}

static void null_wire(void)
{
    mt_wire_message_t message;
    memset(&message, 0, sizeof message);
    message.struct_size = sizeof message;
    message.type = MT_WIRE_PING;
    message.request_number = 1;
    REFUSED(mt_wire_encode(NULL, 64, &out.length, &message));
    REFUSED(mt_wire_encode(out.a, 64, NULL, &message));
    REFUSED(mt_wire_encode(out.a, 64, &out.length, NULL));
    REFUSED(mt_wire_decode(NULL, &out.length, in, 64));
    REFUSED(mt_wire_decode(&message, NULL, in, 64));
    REFUSED(mt_wire_decode(&message, &out.length, NULL, 64));
    message.type = MT_WIRE_GOSSIP;
    message.bytes_length = 1;
    REFUSED(mt_wire_encode(out.a, 64, &out.length, &message)); /* no bytes */
}

/* Of a live client, so that it is the NULL that is refused. */
static void null_client(void)
{
    mt_client_t *client = shared_client();
    capability_t capability = put_folder();
    mt_verify_report_t verified = { sizeof verified, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    mt_repair_report_t repaired = { sizeof repaired, 0, 0, 0, 0, 0 };
    mt_operation_t *operation = NULL;
    mt_download_t *download = NULL;
    mt_object_t *object = NULL;
    mt_upload_t *upload = NULL;
    const char *cap = capability.text;
    must(mt_object_open(client, &object, cap), "a folder");
    REFUSED(mt_object_get_entry(object, NULL, 0));
    REFUSED(mt_object_get_entry_path(object, NULL, 64, &out.length, 0));
    REFUSED(mt_object_get_entry_path(object, out.text, 64, NULL, 0));
    mt_object_destroy(object);
    capability = put((const uint8_t *)"null", 4);

    REFUSED(mt_client_open(NULL, NULL, NULL));
    REFUSED(mt_client_put(client, NULL, 128, &out.length, in, 1, NULL));
    REFUSED(mt_client_put(client, out.text, 128, NULL, in, 1, NULL));
    REFUSED(mt_client_put(client, out.text, 128, &out.length, NULL, 1, NULL));
    REFUSED(mt_client_put_file(client, NULL, 128, &out.length, "/nowhere", NULL));
    REFUSED(mt_client_put_file(client, out.text, 128, NULL, "/nowhere", NULL));
    REFUSED(mt_client_put_file(client, out.text, 128, &out.length, NULL, NULL));
    REFUSED(mt_client_get_file(client, NULL, cap, NULL));
    REFUSED(mt_client_get_file(client, "/nowhere/file", NULL, NULL));
    REFUSED(mt_client_read(client, NULL, 1, &out.length, cap, 0));
    REFUSED(mt_client_read(client, out.a, 1, NULL, cap, 0));
    REFUSED(mt_client_read(client, out.a, 1, &out.length, NULL, 0));
    REFUSED(mt_client_verify(client, NULL, cap, NULL));
    REFUSED(mt_client_verify(client, &verified, NULL, NULL));
    REFUSED(mt_client_repair(client, NULL, cap, NULL));
    REFUSED(mt_client_repair(client, &repaired, NULL, NULL));
    REFUSED(mt_client_status(client, NULL));

    REFUSED(mt_object_open(client, NULL, cap));
    REFUSED_HANDLE(mt_object_open(client, (mt_object_t **)&out.operation, NULL));
    must(mt_object_open(client, &object, cap), "an object");
    REFUSED(mt_object_get_info(object, NULL));
    REFUSED(mt_object_get_name(object, NULL, 64, &out.length));
    REFUSED(mt_object_get_name(object, out.text, 64, NULL));
    REFUSED(mt_object_read(object, NULL, 1, &out.length, 0));
    REFUSED(mt_object_read(object, out.a, 1, NULL, 0));
    REFUSED(mt_object_read_start(object, NULL, out.a, 1, 0, NULL, NULL));
    REFUSED_HANDLE(mt_object_read_start(object, &out.operation, NULL, 1, 0, NULL, NULL));
    REFUSED(mt_download_create(object, NULL, 0, 1));
    must(mt_download_create(object, &download, 0, 4), "a download");
    REFUSED(mt_download_read(download, NULL, 1, &out.length));
    REFUSED(mt_download_read(download, out.a, 1, NULL));
    REFUSED(mt_download_read_start(download, NULL, out.a, 1, NULL, NULL));
    REFUSED_HANDLE(mt_download_read_start(download, &out.operation, NULL, 1, NULL, NULL));
    mt_download_destroy(download);
    mt_object_destroy(object);

    REFUSED(mt_upload_create(client, NULL, NULL));
    must(mt_upload_create(client, &upload, NULL), "an upload");
    REFUSED(mt_upload_write(upload, NULL, 1));
    REFUSED(mt_upload_write_start(upload, NULL, in, 1, NULL, NULL));
    REFUSED_HANDLE(mt_upload_write_start(upload, &out.operation, NULL, 1, NULL, NULL));
    REFUSED(mt_upload_finish_start(upload, NULL, NULL, NULL));
    REFUSED(mt_upload_finish(upload, NULL, 128, &out.length));
    REFUSED(mt_upload_finish(upload, out.text, 128, NULL));
    mt_upload_destroy(upload);

    REFUSED(mt_client_open_start(NULL, NULL, NULL, NULL, NULL));
    REFUSED(mt_client_put_start(client, NULL, in, 1, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_put_start(client, &out.operation, NULL, 1, NULL, NULL, NULL));
    REFUSED(mt_client_put_file_start(client, NULL, "/nowhere", NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_put_file_start(client, &out.operation, NULL, NULL, NULL, NULL));
    REFUSED(mt_client_get_file_start(client, NULL, "/nowhere/file", cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_get_file_start(client, &out.operation, NULL, cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_get_file_start(client, &out.operation, "/nowhere/file", NULL, NULL, NULL, NULL));
    REFUSED(mt_client_read_start(client, NULL, out.a, 1, cap, 0, NULL, NULL));
    REFUSED_HANDLE(mt_client_read_start(client, &out.operation, NULL, 1, cap, 0, NULL, NULL));
    REFUSED_HANDLE(mt_client_read_start(client, &out.operation, out.a, 1, NULL, 0, NULL, NULL));
    REFUSED(mt_client_verify_start(client, NULL, &verified, cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_verify_start(client, &out.operation, NULL, cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_verify_start(client, &out.operation, &verified, NULL, NULL, NULL, NULL));
    REFUSED(mt_client_repair_start(client, NULL, &repaired, cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_repair_start(client, &out.operation, NULL, cap, NULL, NULL, NULL));
    REFUSED_HANDLE(mt_client_repair_start(client, &out.operation, &repaired, NULL, NULL, NULL, NULL));
    REFUSED(mt_object_open_start(client, NULL, cap, NULL, NULL));
    REFUSED_HANDLE(mt_object_open_start(client, &out.operation, NULL, NULL, NULL));

    must(mt_client_put_start(client, &operation, in, 1, NULL, NULL, NULL), "a put");
    REFUSED(mt_operation_wait(operation, NULL, 0));
    must(mt_operation_wait(operation, &out.ok, UINT32_MAX), "waiting");
    memset(&out, 0xcd, sizeof out);
    REFUSED(mt_operation_get_descriptor(operation, NULL));
    REFUSED(mt_operation_get_capability(operation, NULL, 128, &out.length));
    REFUSED(mt_operation_get_capability(operation, out.text, 128, NULL));
    mt_operation_destroy(operation);
    must(mt_client_read_start(client, &operation, out.a, 1, cap, 0, NULL, NULL), "a read");
    must(mt_operation_wait(operation, &out.ok, UINT32_MAX), "waiting");
    memset(&out, 0xcd, sizeof out);
    REFUSED(mt_operation_get_length(operation, NULL));
    mt_operation_destroy(operation);
    must(mt_object_open_start(client, &operation, cap, NULL, NULL), "an open");
    must(mt_operation_wait(operation, &out.ok, UINT32_MAX), "waiting");
    memset(&out, 0xcd, sizeof out);
    REFUSED(mt_operation_take_object(operation, NULL));
    mt_operation_destroy(operation); /* an object that nobody took goes with it */
    must(mt_client_open_start(&operation, NULL, NULL, NULL, NULL), "an open");
    must(mt_operation_wait(operation, &out.ok, UINT32_MAX), "waiting");
    memset(&out, 0xcd, sizeof out);
    REFUSED(mt_operation_take_client(operation, NULL));
    mt_operation_destroy(operation);
}

static void show_null(void)
{
    memset(&out, 0xcd, sizeof out);
    null_hashes();
    null_codes();
    null_blobs();
    null_keys();
    null_bencode();
    null_manifests();
    null_noise();
    null_wire();
    if (have_cluster())
        null_client();
}

/* ------------------------------------------------------------------------------------------------------------------ lengths -- */

static void expect_too_long(mt_status_t status, const char *call)
{
    EXPECT(
        status == MT_ERROR_LENGTH || status == MT_ERROR_LIMIT_EXCEEDED, "%s gives %s", call, mt_status_name(status));
    EXPECT(mt_last_error(NULL, 0) > 0, "%s does not say why", call);
    expect_untouched(call);
}

#define TOO_LONG(call) expect_too_long(call, #call)

static void try_length(size_t length)
{
    const uint8_t *messages[2] = { in, in };
    const size_t lengths[2] = { 1, length };
    static const uint8_t present[6] = { 0, 1, 1, 1, 1, 1 };
    mt_blob_info_t info = { sizeof info, 0, 0, 0 };
    mt_peer_info_t peer = { sizeof peer, 0, { 0 }, { 0 }, 0, 0 };
    mt_wire_message_t message = { sizeof message, 0, 0, 0, { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0 };
    mt_noise_options_t options = { sizeof options, 1, 0, 0, in32, in, length, NULL };
    mt_bencode_reader_t *reader = NULL;
    mt_bencode_writer_t *writer = NULL;
    mt_manifest_t *manifest = NULL;
    mt_noise_t *noise = NULL;
    mt_rs_t *rs = NULL;
    TOO_LONG(mt_sha256(out.a, in, length));
    TOO_LONG(mt_sha256_many(out.a, messages, lengths, 2));
    TOO_LONG(mt_sha256_many(out.a, messages, lengths, length));
    TOO_LONG(mt_merkle_root(out.a, in, length));
    must(mt_rs_create(&rs, 4, 2, NULL), "a code");
    TOO_LONG(mt_rs_encode(rs, parity, data, length));
    TOO_LONG(mt_rs_verify(rs, &out.ok, (const uint8_t *const *)all, length));
    TOO_LONG(mt_rs_reconstruct(rs, all, present, length));
    TOO_LONG(mt_rs_update(rs, parity, 0, in, in + 64, length));
    mt_rs_destroy(rs);
    EXPECT(mt_blob_bound(length) == 0, "the bound of %zu is %zu", length, mt_blob_bound(length));
    TOO_LONG(mt_blob_seal(out.a, sizeof out.a, &out.length, out.b, out.c, in, length, NULL));
    TOO_LONG(mt_blob_open(out.a, sizeof out.a, &out.length, in32, in, length));
    TOO_LONG(mt_blob_inspect(&info, in, length));
    TOO_LONG(mt_ed25519_sign(out.a, in32, in, length));
    TOO_LONG(mt_ed25519_verify(&out.ok, in32, in, in, length));
    TOO_LONG(mt_bencode_reader_create(&reader, in, length));
    must(mt_bencode_writer_create(&writer), "a writer");
    TOO_LONG(mt_bencode_writer_bytes(writer, in, length));
    must(mt_bencode_writer_begin_dictionary(writer), "a dictionary");
    TOO_LONG(mt_bencode_writer_key(writer, in, length));
    mt_bencode_writer_destroy(writer);
    TOO_LONG(mt_manifest_open(&manifest, in, length, NULL));
    TOO_LONG(mt_noise_create(&noise, &options));
    options.prologue_length = 0;
    must(mt_noise_create(&noise, &options), "a session");
    TOO_LONG(mt_noise_write(noise, out.a, sizeof out.a, &out.length, in, length));
    mt_noise_destroy(noise);
    TOO_LONG(mt_peer_payload_check(&peer, in, length, in32, in32));
    TOO_LONG(mt_wire_decode(&message, &out.length, in, length));
    if (have_cluster())
    {
        mt_operation_t *operation = NULL;
        mt_upload_t *upload = NULL;
        TOO_LONG(mt_client_put(shared_client(), out.text, sizeof out.text, &out.length, in, length, NULL));
        TOO_LONG(mt_client_put_start(shared_client(), &operation, in, length, NULL, NULL, NULL));
        must(mt_upload_create(shared_client(), &upload, NULL), "an upload");
        TOO_LONG(mt_upload_write(upload, in, length));
        TOO_LONG(mt_upload_write_start(upload, &operation, in, length, NULL, NULL));
        mt_upload_destroy(upload);
    }
}

static void show_lengths(void)
{
    memset(&out, 0xcd, sizeof out);
    try_length(SIZE_MAX);
    try_length((size_t)PTRDIFF_MAX + 1);
}

const behaviour_t argument_behaviours[] = {
    { "misuse.null", show_null, 0 },
    { "misuse.lengths", show_lengths, 0 },
    { NULL, NULL, 0 },
};
