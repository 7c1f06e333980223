// Objects, downloads and uploads: part 12 of the header, by the operations of part 13.
#include "operations.h"

namespace megatorrent
{
namespace
{
constexpr Handle::Kind ObjectKind = Handle::Kind::Object;
constexpr Handle::Kind DownloadKind = Handle::Kind::Download;
constexpr Handle::Kind UploadKind = Handle::Kind::Upload;

mt_object_t *Object(const Napi::CallbackInfo &info) { return Live<mt_object_t>(info[0], ObjectKind); }

// An upload and where its result goes, which must stay as long.
struct Upload
{
    explicit Upload(Napi::Value value) : options(value) {}
    ~Upload() { mt_upload_destroy(handle); }
    Upload(const Upload &) = delete;
    Upload &operator=(const Upload &) = delete;

    mt_upload_t *handle = nullptr;
    PutOptions options;
};

// Shared with the operations that write to it, so that it outlives them whatever JavaScript does.
using SharedUpload = std::shared_ptr<Upload>;

void Forget(SharedUpload *upload) { delete upload; }

SharedUpload UploadIn(const Napi::CallbackInfo &info) { return *Live<SharedUpload>(info[0], UploadKind); }

// A text whose length only the library knows.
template <typename Get> std::string TextFrom(Napi::Env env, Get get)
{
    std::string text;
    size_t length = 0;
    mt_status_t status = get(nullptr, 0, &length);
    if (status == MT_ERROR_BUFFER_TOO_SMALL)
    {
        text.resize(length);
        status = get(text.data(), length + 1, &length);
    }

    Check(env, status);
    return text;
}

// (client, capability, callback)
Napi::Value ObjectOpen(const Napi::CallbackInfo &info)
{
    auto *client = Live<mt_client_t>(info[0], Handle::Kind::Client);
    std::string capability = Text(info[1], "capability");
    return Operation::Start(info, 2,
        {[client, &capability](Operation &operation)
            { return mt_object_open_start(client, &operation.handle, capability.c_str(), Operation::Completed, &operation); },
            [](Napi::Env env, Operation &operation) -> Napi::Value
            {
                mt_object_t *object = nullptr;
                Check(env, mt_operation_take_object(operation.handle, &object));
                return Wrap<mt_object_destroy>(env, ObjectKind, object);
            }});
}

// (object)
Napi::Value ObjectInfo(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_object_t *object = Object(info);
    mt_object_info_t about = {};
    about.struct_size = sizeof about;
    Check(env, mt_object_get_info(object, &about));
    Napi::Object result = Napi::Object::New(env);
    result.Set("kind", about.kind);
    result.Set("name", TextFrom(env, [object](char *dst, size_t capacity, size_t *length)
        { return mt_object_get_name(object, dst, capacity, length); }));
    result.Set("length", Number(env, about.length));
    result.Set("mode", about.mode);
    result.Set("modifiedNs", Napi::BigInt::New(env, about.modified_unix_ns));
    result.Set("entryCount", about.entry_count);
    return result;
}

// (object, index)
Napi::Value ObjectEntry(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    mt_object_t *object = Object(info);
    uint32_t index = Whole32(info[1], "index");
    mt_entry_info_t entry = {};
    entry.struct_size = sizeof entry;
    Check(env, mt_object_get_entry(object, &entry, index));
    Napi::Object result = Napi::Object::New(env);
    result.Set("path", TextFrom(env, [object, index](char *dst, size_t capacity, size_t *length)
        { return mt_object_get_entry_path(object, dst, capacity, length, index); }));
    result.Set("kind", entry.kind);
    result.Set("length", Number(env, entry.length));
    result.Set("offset", Number(env, entry.offset));
    result.Set("mode", entry.mode);
    result.Set("modifiedNs", Napi::BigInt::New(env, entry.modified_unix_ns));
    return result;
}

// (object, buffer, offset, callback); gives the number of bytes
Napi::Value ObjectRead(const Napi::CallbackInfo &info)
{
    mt_object_t *object = Object(info);
    Output buffer(info[1], "buffer");
    uint64_t offset = Whole(info[2], "offset", UINT64_MAX);
    return Operation::Start(info, 3,
        {[object, buffer, offset](Operation &operation)
            {
                return mt_object_read_start(
                    object, &operation.handle, buffer.data(), buffer.length(), offset, Operation::Completed, &operation);
            },
            OperationLength});
}

// (object, offset, length or undefined)
Napi::Value DownloadCreate(const Napi::CallbackInfo &info)
{
    mt_object_t *object = Object(info);
    uint64_t offset = Whole(info[1], "offset", UINT64_MAX);
    uint64_t length = info[2].IsUndefined() ? MT_LENGTH_UNKNOWN : Whole(info[2], "length", UINT64_MAX);
    mt_download_t *download = nullptr;
    Check(info.Env(), mt_download_create(object, &download, offset, length));
    return Wrap<mt_download_destroy>(info.Env(), DownloadKind, download);
}

// (download, buffer, callback); gives the number of bytes, 0 at the end
Napi::Value DownloadRead(const Napi::CallbackInfo &info)
{
    auto *download = Live<mt_download_t>(info[0], DownloadKind);
    Output buffer(info[1], "buffer");
    return Operation::Start(info, 2,
        {[download, buffer](Operation &operation)
            {
                return mt_download_read_start(
                    download, &operation.handle, buffer.data(), buffer.length(), Operation::Completed, &operation);
            },
            OperationLength});
}

// (download or upload, callback): destroys it on another thread, since that waits for what is under way.
Napi::Value StreamDestroy(const Napi::CallbackInfo &info)
{
    if (!info[0].IsExternal())
        WrongType(info[0], "this", "an object of this package");
    auto *handle = info[0].As<Napi::External<Handle>>().Data();
    void *value = handle->Release();
    void (*destroy)(void *) = handle->destroy;
    return Operation::Start(info, 1,
        Waiting{[value, destroy]
            {
                if (value != nullptr)
                    destroy(value);
                return MT_OK;
            },
            nullptr, nullptr});
}

// (client, options)
Napi::Value UploadCreate(const Napi::CallbackInfo &info)
{
    auto *client = Live<mt_client_t>(info[0], Handle::Kind::Client);
    auto upload = std::make_shared<Upload>(info[1]);
    Check(info.Env(), mt_upload_create(client, &upload->handle, upload->options.WithoutProgress()));
    return Wrap<Forget>(info.Env(), UploadKind, new SharedUpload(upload));
}

// (upload, data, callback)
Napi::Value UploadWrite(const Napi::CallbackInfo &info)
{
    SharedUpload upload = UploadIn(info);
    auto data = std::make_shared<Input>(info[1], "data", true);
    return Operation::Start(info, 2,
        {[upload, data](Operation &operation)
            {
                return mt_upload_write_start(
                    upload->handle, &operation.handle, data->data(), data->length(), Operation::Completed, &operation);
            },
            nullptr});
}

// (upload, callback)
Napi::Value UploadFinish(const Napi::CallbackInfo &info)
{
    SharedUpload upload = UploadIn(info);
    return Operation::Start(info, 1,
        {[upload](Operation &operation)
            { return mt_upload_finish_start(upload->handle, &operation.handle, Operation::Completed, &operation); },
            [upload](Napi::Env env, Operation &operation) { return upload->options.Result(env, operation); }});
}
} // namespace

void DefineStreams(Napi::Object exports)
{
    Define<ObjectOpen>(exports, "objectOpen");
    Define<ObjectInfo>(exports, "objectInfo");
    Define<ObjectEntry>(exports, "objectEntry");
    Define<ObjectRead>(exports, "objectRead");
    Define<DownloadCreate>(exports, "downloadCreate");
    Define<DownloadRead>(exports, "downloadRead");
    Define<StreamDestroy>(exports, "streamDestroy");
    Define<UploadCreate>(exports, "uploadCreate");
    Define<UploadWrite>(exports, "uploadWrite");
    Define<UploadFinish>(exports, "uploadFinish");
}
} // namespace megatorrent
