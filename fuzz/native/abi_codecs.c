/* Calls of the fuzz target abi: parts 3 to 7 of the header. */
#include "abi.h"

void hashes(void)
{
    size_t length = 0, count, written = 0;
    uint8_t *data, *out;
    const uint8_t *many[64];
    size_t lengths[64];
    switch (next_byte() % 6)
    {
        case 0:
            data = input_of(LARGE_LENGTH, &length);
            out = output_of(32);
            CALL(mt_sha256, out, data, told_length(length));
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            out = output_of(32);
            CALL(mt_merkle_root, out, data, told_length(length));
            break;
        case 2:
            count = next_byte() % 65;
            for (size_t i = 0; i < count; i++)
            {
                many[i] = input_of(PAGE, &lengths[i]);
                lengths[i] = i == 7 ? told_length(lengths[i]) : lengths[i];
            }
            out = output_of(32 * count);
            CALL(mt_sha256_many, out, next_byte() == 255 ? NULL : many, next_byte() == 255 ? NULL : lengths, count);
            break;
        case 3:
            data = fixed_input(32, kept_id);
            length = next_length(100);
            out = output_of(length);
            if (CALL(mt_cid_format, (char *)out, length, next_byte() == 255 ? NULL : &written, data) == MT_OK && written > length)
                fail("mt_cid_format writes more than fits");
            break;
        case 4:
            out = output_of(32);
            CALL(mt_cid_parse, out, text_of(200));
            break;
        default:
            length = next_length(200);
            data = take(length, OUTPUT);
            snapshot();
            mt_last_error((char *)data, length);
            after_call("mt_last_error", 0);
            if (mt_status_name((mt_status_t)next_u32()) == NULL)
                fail("a status without a name");
            break;
    }
}

/* Shards of one length, some of them NULL. */
static uint8_t **shards_of(size_t count, size_t length, enum use use)
{
    static uint8_t *lists[4][256];
    static size_t turn;
    uint8_t **list = lists[turn++ % 4];
    uint8_t null_at = next_byte();
    for (size_t i = 0; i < count && i < 256; i++)
        list[i] = null_at == i + 1 ? NULL : take(length, use);
    return list;
}

void erasure(void)
{
    uint32_t k, m; /* of a new code; shards are given as many as the largest can ask for */
    mt_rs_t *rs = NULL;
    mt_rs_options_t *options;
    uint8_t **data, **parity, *present;
    int32_t ok = 0;
    size_t length = 0;
    unsigned choice = next_byte() % 6;
    if (choice != 0)
        rs = handle_of(RS);
    if (choice != 0 && choice != 5)
        length = next_byte() % 70;
    switch (choice)
    {
        case 0:
            k = next_u32();
            m = next_u32();
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL && next_byte() > 240)
                options->matrix = next_u32();
            if (CALL(mt_rs_create, next_byte() == 255 ? NULL : &rs, k, m, options) == MT_OK)
                add_handle(RS, rs);
            break;
        case 1:
            data = shards_of(255, length, INPUT);
            parity = shards_of(255, length, OUTPUT);
            if (next_byte() == 255)
                parity[0] = data[0];
            with_handle(RS, rs, CALL(mt_rs_encode, rs, next_byte() == 255 ? NULL : parity, (const uint8_t *const *)data, told_length(length)));
            break;
        case 2:
            data = shards_of(255, length, INPUT);
            with_handle(RS, rs, CALL(mt_rs_verify, rs, next_byte() == 255 ? NULL : &ok, (const uint8_t *const *)data, told_length(length)));
            break;
        case 3:
            data = shards_of(255, length, OUTPUT);
            present = take(255, INPUT);
            for (size_t i = 0; i < 255; i++)
                present[i] = (uint8_t)(i < 8 ? next_byte() & 1 : 1);
            with_handle(RS, rs, CALL(mt_rs_reconstruct, rs, data, next_byte() == 255 ? NULL : present, told_length(length)));
            break;
        case 4:
            parity = shards_of(255, length, OUTPUT);
            data = shards_of(2, length, INPUT);
            with_handle(RS, rs, CALL(mt_rs_update, rs, parity, next_u32(), data[0], data[1], told_length(length)));
            break;
        default: destroy(RS, rs); break;
    }
}

void blobs(void)
{
    size_t length = 0, capacity, written = 0;
    uint8_t *out, *id, *key, *data;
    mt_blob_options_t *options;
    switch (next_byte() % 3)
    {
        case 0:
            data = input_of(LARGE_LENGTH - MT_BLOB_OVERHEAD, &length);
            capacity = next_byte() > 240 ? next_length(LARGE_LENGTH) : mt_blob_bound(length);
            options = struct_of(sizeof *options, INPUT, 1);
            if (options != NULL)
            {
                options->suite = next_byte() % 4;
                options->compression = next_byte() % 7;
                options->reserved = next_byte() == 255;
                options->tenant_secret32 = next_byte() < 128 ? NULL : fixed_input(32, kept_key);
            }
            id = output_of(32);
            key = output_of(32);
            out = output_of(capacity);
            if (CALL(mt_blob_seal, out, capacity, next_byte() == 255 ? NULL : &written, id, key, data, told_length(length), options) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_blob_seal writes more than fits");
                keep(out, written);
                memcpy(kept_id, id, 32);
                memcpy(kept_key, key, 32);
            }
            break;
        case 1:
            data = input_of(LARGE_LENGTH, &length);
            key = fixed_input(32, kept_key);
            capacity = next_byte() > 200 ? next_length(LARGE_LENGTH) : LARGE_LENGTH;
            out = plaintext_of(capacity);
            if (CALL(mt_blob_open, out, capacity, &written, key, data, told_length(length)) == MT_OK && written > capacity)
                fail("mt_blob_open writes more than fits");
            break;
        default:
            data = input_of(LARGE_LENGTH, &length);
            CALL(mt_blob_inspect, struct_of(sizeof(mt_blob_info_t), OUTPUT, 1), data, told_length(length));
            break;
    }
}

void keys(void)
{
    size_t length = 0;
    uint8_t *seed = fixed_input(32, kept_key), *data = input_of(PAGE, &length), *out = output_of(64), *other = output_of(32);
    int32_t ok = 0;
    switch (next_byte() % 6)
    {
        case 0: CALL(mt_ed25519_generate, out, other); break;
        case 1: CALL(mt_ed25519_public_key, out, seed); break;
        case 2:
            if (CALL(mt_ed25519_sign, out, seed, data, told_length(length)) == MT_OK)
                keep(out, 64);
            break;
        case 3: CALL(mt_ed25519_verify, &ok, seed, fixed_input(64, kept), data, told_length(length)); break;
        case 4: CALL(mt_x25519_generate, out, other); break;
        default: CALL(mt_x25519_public_key, out, seed); break;
    }
}

void bencode(void)
{
    size_t length = 0, written = 0, capacity;
    uint8_t *data, *out;
    mt_bencode_reader_t *reader = NULL;
    mt_bencode_writer_t *writer = NULL;
    switch (next_byte() % 12)
    {
        case 0:
            data = input_of(PAGE, &length);
            if (CALL(mt_bencode_reader_create, next_byte() == 255 ? NULL : &reader, data, told_length(length)) == MT_OK)
                add_handle(READER, reader);
            break;
        case 1:
        case 2:
            reader = handle_of(READER);
            with_handle(READER, reader, CALL(mt_bencode_reader_next, reader, struct_of(sizeof(mt_bencode_token_t), OUTPUT, 1)));
            break;
        case 3:
            reader = handle_of(READER);
            with_handle(READER, reader, CALL(mt_bencode_reader_skip, reader));
            break;
        case 4: destroy(READER, handle_of(READER)); break;
        case 5:
            if (CALL(mt_bencode_writer_create, next_byte() == 255 ? NULL : &writer) == MT_OK)
                add_handle(WRITER, writer);
            break;
        case 6:
            writer = handle_of(WRITER);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_integer, writer, (int64_t)next_u64()));
            break;
        case 7:
            writer = handle_of(WRITER);
            data = input_of(PAGE, &length);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_bytes, writer, data, told_length(length)));
            break;
        case 8:
            writer = handle_of(WRITER);
            data = input_of(PAGE, &length);
            with_handle(WRITER, writer, CALL(mt_bencode_writer_key, writer, data, told_length(length)));
            break;
        case 9:
            writer = handle_of(WRITER);
            if (next_byte() % 3 == 0)
                with_handle(WRITER, writer, CALL(mt_bencode_writer_begin_list, writer));
            else if (next_byte() % 2 == 0)
                with_handle(WRITER, writer, CALL(mt_bencode_writer_begin_dictionary, writer));
            else
                with_handle(WRITER, writer, CALL(mt_bencode_writer_end, writer));
            break;
        case 10:
            writer = handle_of(WRITER);
            capacity = next_length(LARGE_LENGTH);
            out = output_of(capacity);
            if (with_handle(WRITER, writer, CALL(mt_bencode_writer_finish, writer, out, capacity, &written)) == MT_OK)
            {
                if (written > capacity)
                    fail("mt_bencode_writer_finish writes more than fits");
                keep(out, written);
                snapshot();
                if (checked("mt_bencode_reader_create", mt_bencode_reader_create(&reader, kept, kept_length)) != MT_OK)
                    fail("what the writer finished is not read");
                CALL_VOID(mt_bencode_reader_destroy, reader);
            }
            break;
        default: destroy(WRITER, handle_of(WRITER)); break;
    }
}
