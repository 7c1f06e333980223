// The client: part 11 of the header, by the operations of part 13.
#include "operations.h"

namespace megatorrent
{
namespace
{
constexpr Handle::Kind Kind = Handle::Kind::Client;

mt_client_t *Client(const Napi::CallbackInfo &info) { return Live<mt_client_t>(info[0], Kind); }

std::string OptionalText(Napi::Value value, const char *name) { return value.IsUndefined() ? std::string() : Text(value, name); }

const char *Pointer(Napi::Value value, const std::string &text) { return value.IsUndefined() ? nullptr : text.c_str(); }

// (cluster, credential, credentialPath, requestTimeoutMs, memoryBytesMax, callback)
Napi::Value Open(const Napi::CallbackInfo &info)
{
    std::string cluster = OptionalText(info[0], "cluster");
    std::string credential = OptionalText(info[1], "credential");
    std::string credential_path = OptionalText(info[2], "credentialFile");
    mt_client_options_t options = {};
    options.struct_size = sizeof options;
    options.credential = Pointer(info[1], credential);
    options.credential_path = Pointer(info[2], credential_path);
    options.request_timeout_ms = Whole32(info[3], "requestTimeoutMs");
    options.memory_bytes_max = Whole(info[4], "memoryBytesMax", UINT64_MAX);
    const char *nodes = Pointer(info[0], cluster);
    return Operation::Start(info, 5,
        {[nodes, &options](Operation &operation)
            { return mt_client_open_start(&operation.handle, nodes, &options, Operation::Completed, &operation); },
            [](Napi::Env env, Operation &operation) -> Napi::Value
            {
                mt_client_t *client = nullptr;
                Check(env, mt_operation_take_client(operation.handle, &client));
                return Wrap<mt_client_close>(env, Kind, client);
            }});
}

// (client, callback): closes it on another thread, since that waits for what is under way.
Napi::Value Close(const Napi::CallbackInfo &info)
{
    auto *client = static_cast<mt_client_t *>(HandleIn(info[0], Kind).Release());
    return Operation::Start(info, 1,
        Waiting{[client]
            {
                mt_client_close(client);
                return MT_OK;
            },
            nullptr, nullptr});
}

// (client, data, options, callback[, progress])
Napi::Value Put(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    auto data = std::make_shared<Input>(info[1], "data", true);
    auto options = std::make_shared<PutOptions>(info[2]);
    return Operation::Start(info, 3,
        {[client, data, options](Operation &operation)
            {
                return mt_client_put_start(client, &operation.handle, data->data(), data->length(), options->For(operation),
                    Operation::Completed, &operation);
            },
            [options](Napi::Env env, Operation &operation) { return options->Result(env, operation); }});
}

// (client, path, options, callback[, progress])
Napi::Value PutFile(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    std::string path = Text(info[1], "path");
    auto options = std::make_shared<PutOptions>(info[2]);
    return Operation::Start(info, 3,
        {[client, &path, options](Operation &operation)
            {
                return mt_client_put_file_start(
                    client, &operation.handle, path.c_str(), options->For(operation), Operation::Completed, &operation);
            },
            [options](Napi::Env env, Operation &operation) { return options->Result(env, operation); }});
}

// (client, path, capability, overwrite, callback[, progress])
Napi::Value GetFile(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    std::string path = Text(info[1], "path");
    std::string capability = Text(info[2], "capability");
    bool overwrite = info[3].ToBoolean();
    auto got = std::make_shared<mt_get_result_t>();
    got->struct_size = sizeof *got;
    return Operation::Start(info, 4,
        {[client, &path, &capability, overwrite, got](Operation &operation)
            {
                mt_get_options_t options = {};
                options.struct_size = sizeof options;
                options.overwrite = overwrite ? 1 : 0;
                options.progress = Operation::Progressed;
                options.progress_context = &operation;
                options.result = got.get();
                return mt_client_get_file_start(
                    client, &operation.handle, path.c_str(), capability.c_str(), &options, Operation::Completed, &operation);
            },
            [got](Napi::Env env, Operation &) -> Napi::Value
            {
                Napi::Object result = Napi::Object::New(env);
                result.Set("bytes", Number(env, got->bytes));
                result.Set("bytesResumed", Number(env, got->bytes_resumed));
                result.Set("blobsRebuilt", got->blobs_rebuilt);
                result.Set("badBlobs", got->bad_blobs);
                return result;
            }});
}

// (client, buffer, capability, offset, callback); gives the number of bytes
Napi::Value Read(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    Output buffer(info[1], "buffer");
    std::string capability = Text(info[2], "capability");
    uint64_t offset = Whole(info[3], "offset", UINT64_MAX);
    return Operation::Start(info, 4,
        {[client, buffer, &capability, offset](Operation &operation)
            {
                return mt_client_read_start(client, &operation.handle, buffer.data(), buffer.length(), capability.c_str(), offset,
                    Operation::Completed, &operation);
            },
            OperationLength});
}

mt_check_options_t CheckOptions(Operation &operation)
{
    mt_check_options_t options = {};
    options.struct_size = sizeof options;
    options.progress = Operation::Progressed;
    options.progress_context = &operation;
    return options;
}

// (client, capability, callback[, progress])
Napi::Value Verify(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    std::string capability = Text(info[1], "capability");
    auto report = std::make_shared<mt_verify_report_t>();
    report->struct_size = sizeof *report;
    return Operation::Start(info, 2,
        {[client, &capability, report](Operation &operation)
            {
                mt_check_options_t options = CheckOptions(operation);
                return mt_client_verify_start(
                    client, &operation.handle, report.get(), capability.c_str(), &options, Operation::Completed, &operation);
            },
            [report](Napi::Env env, Operation &) -> Napi::Value
            {
                Napi::Object result = Napi::Object::New(env);
                result.Set("healthy", report->healthy != 0);
                result.Set("recoverable", report->recoverable != 0);
                result.Set("lowestMargin", report->lowest_margin);
                result.Set("stripes", report->stripes);
                result.Set("healthyStripes", report->healthy_stripes);
                result.Set("blobs", report->blobs);
                result.Set("goodBlobs", report->good_blobs);
                result.Set("missingBlobs", report->missing_blobs);
                result.Set("badBlobs", report->bad_blobs);
                return result;
            }});
}

// (client, capability, callback[, progress])
Napi::Value Repair(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    std::string capability = Text(info[1], "capability");
    auto report = std::make_shared<mt_repair_report_t>();
    report->struct_size = sizeof *report;
    return Operation::Start(info, 2,
        {[client, &capability, report](Operation &operation)
            {
                mt_check_options_t options = CheckOptions(operation);
                return mt_client_repair_start(
                    client, &operation.handle, report.get(), capability.c_str(), &options, Operation::Completed, &operation);
            },
            [report](Napi::Env env, Operation &) -> Napi::Value
            {
                Napi::Object result = Napi::Object::New(env);
                result.Set("stripes", report->stripes);
                result.Set("stripesRepaired", report->stripes_repaired);
                result.Set("blobsRestored", report->blobs_restored);
                result.Set("stillMissing", report->still_missing);
                result.Set("unrecoverable", report->unrecoverable);
                return result;
            }});
}

// (client, callback)
Napi::Value Status(const Napi::CallbackInfo &info)
{
    mt_client_t *client = Client(info);
    auto status = std::make_shared<mt_client_status_t>();
    status->struct_size = sizeof *status;
    return Operation::Start(info, 1,
        Waiting{[client, status] { return mt_client_status(client, status.get()); },
            [status](Napi::Env env) -> Napi::Value
            {
                Napi::Object result = Napi::Object::New(env);
                result.Set("members", status->members);
                result.Set("livingMembers", status->living_members);
                result.Set("failureDomains", status->failure_domains);
                return result;
            },
            // Only when the environment ends, and the client with it.
            [client] { mt_client_close(client); }});
}
} // namespace

PutOptions::PutOptions(Napi::Value value)
{
    if (!value.IsObject())
        WrongType(value, "options", "an object");
    auto object = value.As<Napi::Object>();
    result_.struct_size = sizeof result_;
    options_.struct_size = sizeof options_;
    options_.data_shards = Whole32(object.Get("dataShards"), "dataShards");
    options_.parity_shards = Whole32(object.Get("parityShards"), "parityShards");
    options_.suite = Whole32(object.Get("suite"), "suite");
    options_.compression = Whole32(object.Get("compression"), "compression");
    options_.deduplicate = object.Get("deduplicate").ToBoolean() ? 1 : 0;
    options_.result = &result_;
    if (Napi::Value name = object.Get("name"); !name.IsUndefined())
    {
        name_ = Text(name, "name");
        options_.name = name_.c_str();
    }
}

const mt_put_options_t *PutOptions::For(Operation &operation)
{
    options_.progress = Operation::Progressed;
    options_.progress_context = &operation;
    return &options_;
}

Napi::Value PutOptions::Result(Napi::Env env, Operation &operation) const
{
    char capability[MT_CAPABILITY_CAPACITY];
    size_t length = 0;
    Check(env, mt_operation_get_capability(operation.handle, capability, sizeof capability, &length));
    Napi::Object result = Napi::Object::New(env);
    result.Set("capability", Napi::String::New(env, capability, length));
    result.Set("bytes", Number(env, result_.bytes));
    result.Set("storedBytes", Number(env, result_.stored_bytes));
    result.Set("stripes", result_.stripes);
    result.Set("incompleteStripes", result_.incomplete_stripes);
    result.Set("missingBlobs", result_.missing_blobs);
    result.Set("blobsStored", result_.blobs_stored);
    result.Set("blobsReused", result_.blobs_reused);
    return result;
}

Napi::Value OperationLength(Napi::Env env, Operation &operation)
{
    size_t length = 0;
    Check(env, mt_operation_get_length(operation.handle, &length));
    return Number(env, length);
}

void DefineClient(Napi::Object exports)
{
    Define<Operation::Cancel>(exports, "operationCancel");
    Define<Open>(exports, "clientOpen");
    Define<Close>(exports, "clientClose");
    Define<Put>(exports, "clientPut");
    Define<PutFile>(exports, "clientPutFile");
    Define<GetFile>(exports, "clientGetFile");
    Define<Read>(exports, "clientRead");
    Define<Verify>(exports, "clientVerify");
    Define<Repair>(exports, "clientRepair");
    Define<Status>(exports, "clientStatus");
}
} // namespace megatorrent
