/*
 * Every function of the header as the first call of a process: the runtime behind the library starts inside it. All arguments are NULL and 0,
 * so that it does nothing else.
 */
#include "suite.h"

#define CALL(function, ...)                     \
    static void first_##function(void)          \
    {                                           \
        (void)function(__VA_ARGS__);            \
    }
#define CALL_NOTHING(function)                  \
    static void first_##function(void)          \
    {                                           \
        (void)function();                       \
    }
#define CALL_VOID(function)                     \
    static void first_##function(void)          \
    {                                           \
        function(NULL);                         \
    }

CALL_NOTHING(mt_abi_version)
CALL_NOTHING(mt_version_string)
CALL(mt_status_name, 0)
CALL(mt_last_error, NULL, 0)
CALL_NOTHING(mt_sha256_length)
CALL(mt_sha256, NULL, NULL, 0)
CALL(mt_sha256_many, NULL, NULL, NULL, 0)
CALL(mt_merkle_root, NULL, NULL, 0)
CALL(mt_cid_format, NULL, 0, NULL, NULL)
CALL(mt_cid_parse, NULL, NULL)
CALL_NOTHING(mt_rs_shards_max)
CALL(mt_rs_create, NULL, 0, 0, NULL)
CALL(mt_blob_bound, 0)
CALL(mt_blob_seal, NULL, 0, NULL, NULL, NULL, NULL, 0, NULL)
CALL(mt_blob_open, NULL, 0, NULL, NULL, NULL, 0)
CALL(mt_blob_inspect, NULL, NULL, 0)
CALL(mt_ed25519_generate, NULL, NULL)
CALL(mt_ed25519_public_key, NULL, NULL)
CALL(mt_ed25519_sign, NULL, NULL, NULL, 0)
CALL(mt_ed25519_verify, NULL, NULL, NULL, NULL, 0)
CALL(mt_x25519_generate, NULL, NULL)
CALL(mt_x25519_public_key, NULL, NULL)
CALL(mt_bencode_reader_create, NULL, NULL, 0)
CALL(mt_bencode_writer_create, NULL)
CALL(mt_capability_parse, NULL, NULL)
CALL(mt_capability_format, NULL, 0, NULL, NULL)
CALL(mt_capability_to_verify, NULL, 0, NULL, NULL)
CALL(mt_manifest_open, NULL, NULL, 0, NULL)
CALL(mt_manifest_create, NULL, NULL, NULL)
CALL(mt_noise_create, NULL, NULL)
CALL(mt_noise_write_bound, NULL, 0)
CALL(mt_peer_payload_create, NULL, 0, NULL, NULL, NULL, NULL)
CALL(mt_peer_payload_check, NULL, NULL, 0, NULL, NULL)
CALL(mt_wire_encode, NULL, 0, NULL, NULL)
CALL(mt_wire_decode, NULL, NULL, NULL, 0)
CALL(mt_client_open, NULL, NULL, NULL)
CALL(mt_client_open_start, NULL, NULL, NULL, NULL, NULL)
CALL(mt_log_set, NULL, NULL, 0)
CALL_NOTHING(mt_processor_level)
CALL_NOTHING(mt_processor_kernels)
CALL_VOID(mt_rs_destroy)
CALL_VOID(mt_bencode_reader_destroy)
CALL_VOID(mt_bencode_writer_destroy)
CALL_VOID(mt_manifest_destroy)
CALL_VOID(mt_noise_destroy)
CALL_VOID(mt_client_close)
CALL_VOID(mt_object_destroy)
CALL_VOID(mt_download_destroy)
CALL_VOID(mt_upload_destroy)
CALL_VOID(mt_operation_destroy)

static const struct
{
    const char *name;
    void (*call)(void);
} calls[] = {
#define ROW(function) { #function, first_##function }
    ROW(mt_abi_version), ROW(mt_version_string), ROW(mt_status_name), ROW(mt_last_error), ROW(mt_sha256_length), ROW(mt_sha256),
    ROW(mt_sha256_many), ROW(mt_merkle_root), ROW(mt_cid_format), ROW(mt_cid_parse), ROW(mt_rs_shards_max), ROW(mt_rs_create),
    ROW(mt_blob_bound), ROW(mt_blob_seal), ROW(mt_blob_open), ROW(mt_blob_inspect), ROW(mt_ed25519_generate), ROW(mt_ed25519_public_key),
    ROW(mt_ed25519_sign), ROW(mt_ed25519_verify), ROW(mt_x25519_generate), ROW(mt_x25519_public_key), ROW(mt_bencode_reader_create),
    ROW(mt_bencode_writer_create), ROW(mt_capability_parse), ROW(mt_capability_format), ROW(mt_capability_to_verify),
    ROW(mt_manifest_open), ROW(mt_manifest_create), ROW(mt_noise_create), ROW(mt_noise_write_bound), ROW(mt_peer_payload_create),
    ROW(mt_peer_payload_check), ROW(mt_wire_encode), ROW(mt_wire_decode), ROW(mt_client_open), ROW(mt_client_open_start),
    ROW(mt_log_set), ROW(mt_processor_level), ROW(mt_processor_kernels), ROW(mt_rs_destroy), ROW(mt_bencode_reader_destroy),
    ROW(mt_bencode_writer_destroy), ROW(mt_manifest_destroy), ROW(mt_noise_destroy), ROW(mt_client_close), ROW(mt_object_destroy),
    ROW(mt_download_destroy), ROW(mt_upload_destroy), ROW(mt_operation_destroy),
#undef ROW
};

enum { OWN_COUNT = sizeof calls / sizeof calls[0] };

const char *call_name(size_t call_index)
{
    return call_index < OWN_COUNT ? calls[call_index].name : handle_call_name(call_index - OWN_COUNT);
}

int make_call(const char *name)
{
    size_t i;
    for (i = 0; call_name(i) != NULL; i++)
        if (strcmp(call_name(i), name) == 0)
        {
            if (i < OWN_COUNT)
                calls[i].call();
            else
                make_handle_call(i - OWN_COUNT);
            return 0;
        }

    fprintf(stderr, "there is no function %s\n", name);
    return 2;
}
