/* Calls of the fuzz target abi: parts 8 to 13 of the header, and the order of all. */
#include "abi.h"

void capabilities(void)
{
    size_t capacity = next_byte() > 200 ? next_length(200) : MT_CAPABILITY_CAPACITY, written = 0;
    mt_capability_info_t *info;
    char *out;
    switch (next_byte() % 3)
    {
        case 0: CALL(mt_capability_parse, struct_of(sizeof *info, OUTPUT, 1), text_of(200)); break;
        case 1:
            info = struct_of(sizeof *info, INPUT, 1);
            if (info != NULL)
            {
                info->can_read = next_byte() % 3;
                memcpy(info->root_id, kept_id, 32);
                memcpy(info->key, info->can_read == 1 ? kept_key : (const uint8_t[32]){ 0 }, 32);
                info->root_length = next_u32();
                info->parity_shards = next_u32();
            }
            out = (char *)output_of(capacity);
            if (CALL(mt_capability_format, out, capacity, &written, info) == MT_OK)
            {
                if (written >= capacity || out[written] != 0)
                    fail("mt_capability_format does not end its text");
                keep(out, written);
            }
            break;
        default:
            out = (char *)output_of(capacity);
            if (CALL(mt_capability_to_verify, out, capacity, &written, text_of(200)) == MT_OK && (written >= capacity || out[written] != 0))
                fail("mt_capability_to_verify does not end its text");
            break;
    }
}

void manifests(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out, *id, *key;
    mt_manifest_t *manifest = NULL;
    mt_manifest_info_t *info;
    uint32_t k, m;
    switch (next_byte() % 11)
    {
        case 0:
            data = input_of(LARGE_LENGTH, &length);
            if (CALL(mt_manifest_open, next_byte() == 255 ? NULL : &manifest, data, told_length(length), next_byte() < 64 ? NULL : fixed_input(32, kept_key)) == MT_OK)
                add_handle(MANIFEST, manifest);
            break;
        case 1:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_info, manifest, struct_of(sizeof *info, OUTPUT, 1)));
            break;
        case 2:
            manifest = handle_of(MANIFEST);
            capacity = next_length(PAGE);
            out = output_of(capacity);
            if (with_handle(MANIFEST, manifest, CALL(mt_manifest_get_name, manifest, (char *)out, capacity, &written)) == MT_OK && written >= capacity)
                fail("mt_manifest_get_name writes more than fits");
            break;
        case 3:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_stream, manifest, struct_of(sizeof(mt_manifest_stream_t), OUTPUT, 1), next_u32()));
            break;
        case 4:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_get_stripe, manifest, struct_of(sizeof(mt_stripe_info_t), OUTPUT, 1), next_u32(), next_u32()));
            break;
        case 5:
            manifest = handle_of(MANIFEST);
            with_handle(
                MANIFEST, manifest,
                CALL(mt_manifest_get_blob, manifest, struct_of(sizeof(mt_stripe_blob_t), OUTPUT, 1), next_u32(), next_u32(), next_u32()));
            break;
        case 6:
            info = struct_of(sizeof *info, INPUT, 1);
            if (info != NULL)
            {
                info->kind = next_byte() % 4;
                info->mode = next_u32();
                info->modified_unix_ns = (int64_t)next_u64();
                info->stream_count = next_byte() == 255;
                info->has_keys = next_byte() == 255;
                info->reserved = next_byte() == 255;
            }
            if (CALL(mt_manifest_create, next_byte() == 255 ? NULL : &manifest, info, text_of(100)) == MT_OK)
                add_handle(MANIFEST, manifest);
            break;
        case 7:
            manifest = handle_of(MANIFEST);
            with_handle(MANIFEST, manifest, CALL(mt_manifest_add_stream, manifest, next_u32()));
            break;
        case 8:
            manifest = handle_of(MANIFEST);
            k = next_u32();
            m = next_u32();
            {
                /* As many as a stripe can have; more must be refused before they are read. */
                uint8_t *ids = take(255 * 32, INPUT);
                uint32_t *lengths = (uint32_t *)(void *)take(255 * sizeof *lengths, INPUT);
                uint8_t *blob_keys = next_byte() < 64 ? NULL : take(255 * 32, INPUT);
                uint64_t *plain = next_byte() < 64 ? NULL : (uint64_t *)(void *)take(255 * sizeof *plain, INPUT);
                uint32_t each = next_u32();
                for (size_t i = 0; i < 255; i++)
                {
                    lengths[i] = each;
                    ids[i * 32] = (uint8_t)i;
                    if (plain != NULL)
                        plain[i] = each > 32 ? each - 32 : each;
                }
                with_handle(
                    MANIFEST, manifest,
                    CALL(mt_manifest_add_stripe, manifest, k, m, next_byte() == 255 ? NULL : ids, next_byte() == 255 ? NULL : lengths, blob_keys, plain));
            }
            break;
        case 9:
            manifest = handle_of(MANIFEST);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = output_of(capacity);
            id = output_of(32);
            key = output_of(32);
            if (with_handle(MANIFEST, manifest, CALL(mt_manifest_seal, manifest, out, capacity, &written, id, key, NULL)) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_manifest_seal writes more than fits");
                keep(out, written);
                memcpy(kept_id, id, 32);
                memcpy(kept_key, key, 32);
            }
            break;
        default: destroy(MANIFEST, handle_of(MANIFEST)); break;
    }
}

void noise(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out;
    mt_noise_t *session = NULL;
    mt_noise_options_t *options;
    uint32_t state = 0;
    switch (next_byte() % 8)
    {
        case 0:
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL)
            {
                options->initiator = next_byte() % 3;
                options->suite = next_byte() % 4;
                options->reserved = next_byte() == 255;
                options->static_secret32 = fixed_input(32, kept_key);
                options->prologue = next_byte() < 128 ? NULL : input_of(64, &options->prologue_length);
                options->ephemeral_secret32 = next_byte() < 128 ? NULL : fixed_input(32, kept_id);
            }
            if (CALL(mt_noise_create, next_byte() == 255 ? NULL : &session, options) == MT_OK)
                add_handle(NOISE, session);
            break;
        case 1:
            session = handle_of(NOISE);
            with_handle(NOISE, session, CALL(mt_noise_state, session, next_byte() == 255 ? NULL : &state));
            break;
        case 2:
        case 3:
            session = handle_of(NOISE);
            data = input_of(next_byte() > 200 ? LARGE_LENGTH : 200, &length);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : mt_noise_write_bound(session, length);
            if (capacity > LARGE_LENGTH)
                capacity = LARGE_LENGTH;
            out = output_of(capacity);
            if (with_handle(NOISE, session, CALL(mt_noise_write, session, out, capacity, &written, data, told_length(length))) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_noise_write writes more than fits");
                keep(out, written);
            }
            break;
        case 4:
        case 5:
            session = handle_of(NOISE);
            data = input_of(LARGE_LENGTH, &length);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = plaintext_of(capacity);
            if (with_handle(NOISE, session, CALL(mt_noise_read, session, out, capacity, &written, data, told_length(length))) == MT_OK && written > capacity)
                fail("mt_noise_read writes more than fits");
            break;
        case 6:
            session = handle_of(NOISE);
            out = output_of(32);
            if (next_byte() % 2 == 0)
                with_handle(NOISE, session, CALL(mt_noise_remote_key, session, out));
            else
                with_handle(NOISE, session, CALL(mt_noise_handshake_hash, session, out));
            break;
        default: destroy(NOISE, handle_of(NOISE)); break;
    }
}

void messages(void)
{
    size_t length = 0, written = 0, capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
    uint8_t *data, *out;
    mt_wire_message_t *message;
    switch (next_byte() % 4)
    {
        case 0:
            message = struct_of(sizeof *message, INPUT, 1);
            if (message != NULL)
            {
                message->type = next_byte() % 26;
                message->flags = next_byte() % 5;
                message->request_number = next_u32();
                memcpy(message->id, kept_id, 32);
                message->offset = next_u64();
                message->length = next_u32();
                message->code = next_u32();
                message->count = next_u32();
                message->version_min = next_byte() % 3;
                message->version_max = next_byte() % 3;
                message->blob_length_max = next_u32();
                message->bytes = next_byte() < 100 ? NULL : input_of(PAGE, &message->bytes_length);
                message->items = next_byte() < 100 ? NULL : input_of(PAGE, &message->items_length);
            }
            out = output_of(capacity);
            if (CALL(mt_wire_encode, out, capacity, &written, message) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_wire_encode writes more than fits");
                keep(out, written);
            }
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            message = struct_of(sizeof *message, OUTPUT, 1);
            if (CALL(mt_wire_decode, message, &written, data, told_length(length)) == MT_OK && written > length)
                fail("mt_wire_decode reads more than there is");
            break;
        case 2:
            data = fixed_input(32, kept_key);
            out = output_of(capacity);
            if (CALL(mt_peer_payload_create, out, capacity, &written, text_of(300), data, output_of(32)) == MT_OK && written > capacity)
                fail("mt_peer_payload_create writes more than fits");
            break;
        default:
            data = input_of(LARGE_LENGTH, &length);
            CALL(
                mt_peer_payload_check, struct_of(sizeof(mt_peer_info_t), OUTPUT, 1), data, told_length(length), fixed_input(32, kept_id),
                next_byte() < 64 ? NULL : fixed_input(32, kept_key));
            break;
    }
}

/* No client is ever open here: whatever the handle, the call must fail. */
void clients(void)
{
    void *handle = handle_of((enum kind)(next_byte() % KINDS)), *out = NULL;
    size_t length = 0, written = 0;
    uint8_t *data, *room;
    mt_client_options_t *options;
    mt_status_t status;
    switch (next_byte() % 12)
    {
        case 0:
            options = struct_of(sizeof *options, INPUT, 0);
            options->request_timeout_ms = next_u32();
            options->memory_bytes_max = next_u64();
            options->credential = text_of(300);
            if (options->credential == NULL)
                options->credential = "";
            status = CALL(mt_client_open, (mt_client_t **)&out, "127.0.0.1:1", options);
            break;
        case 1:
            data = input_of(PAGE, &length);
            room = output_of(MT_CAPABILITY_CAPACITY);
            status = CALL(mt_client_put, handle, (char *)room, MT_CAPABILITY_CAPACITY, &written, data, told_length(length), NULL);
            break;
        case 2:
            room = output_of(PAGE);
            status = CALL(mt_client_read, handle, room, PAGE, &written, text_of(200), next_u64());
            break;
        case 3: status = CALL(mt_client_verify, handle, struct_of(sizeof(mt_verify_report_t), OUTPUT, 1), text_of(200), NULL); break;
        case 4: status = CALL(mt_client_status, handle, struct_of(sizeof(mt_client_status_t), OUTPUT, 1)); break;
        case 5: status = CALL(mt_object_open, handle, (mt_object_t **)&out, text_of(200)); break;
        case 6:
            room = output_of(PAGE);
            status = CALL(mt_object_read, handle, room, PAGE, &written, next_u64());
            break;
        case 7: status = CALL(mt_download_create, handle, (mt_download_t **)&out, next_u64(), next_u64()); break;
        case 8:
            data = input_of(PAGE, &length);
            status = CALL(mt_upload_write, handle, data, told_length(length));
            break;
        case 9: status = CALL(mt_operation_status, handle); break;
        case 10: status = CALL(mt_client_read_start, handle, (mt_operation_t **)&out, NULL, 0, text_of(200), 0, NULL, NULL); break;
        default:
            CALL_VOID(mt_client_close, handle);
            CALL_VOID(mt_operation_destroy, handle);
            CALL_VOID(mt_object_destroy, handle);
            CALL_VOID(mt_download_destroy, handle);
            CALL_VOID(mt_upload_destroy, handle);
            return;
    }
    if (status == MT_OK || out != NULL)
        fail("a call of the client succeeds without one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static void (*const parts[])(void) = { hashes, erasure, blobs, keys, bencode, bencode, capabilities, manifests, manifests, noise, messages, clients };
    begin_input(data, length);
    for (unsigned call = 0; call < CALLS_MAX && fuzz_length > 0; call++)
        parts[next_byte() % (sizeof parts / sizeof parts[0])]();
    end_input();
    return 0;
}
