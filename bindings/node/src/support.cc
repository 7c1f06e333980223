#include "support.h"

#include <cmath>
#include <cstring>

namespace megatorrent
{
namespace
{
constexpr double SafeIntegerMax = 9007199254740991.0;

size_t ElementLength(napi_typedarray_type type)
{
    switch (type)
    {
    case napi_int16_array:
    case napi_uint16_array:
        return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
        return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
        return 8;
    default:
        return 1;
    }
}

// An empty view has no address, and the library wants one of whatever is there.
uint8_t nothing;

struct View
{
    uint8_t *data = nullptr;
    size_t length = 0;
    napi_value buffer = nullptr; // the ArrayBuffer or SharedArrayBuffer below
};

bool Resolve(napi_env env, napi_value value, View &view)
{
    void *data = nullptr;
    napi_typedarray_type type;
    if (napi_get_typedarray_info(env, value, &type, &view.length, &data, &view.buffer, nullptr) == napi_ok)
        view.length *= ElementLength(type);
    else if (napi_get_dataview_info(env, value, &view.length, &data, &view.buffer, nullptr) != napi_ok)
    {
        if (napi_get_arraybuffer_info(env, value, &data, &view.length) != napi_ok)
            return false;
        view.buffer = value;
    }

    view.data = view.length == 0 ? &nothing : static_cast<uint8_t *>(data);
    return true;
}

bool IsShared(napi_env env, const View &view)
{
    bool is_array_buffer = false;
    return napi_is_arraybuffer(env, view.buffer, &is_array_buffer) != napi_ok || !is_array_buffer;
}

bool IsResizable(napi_env env, const View &view)
{
    napi_value value;
    bool resizable = false;
    return napi_get_named_property(env, view.buffer, "resizable", &value) == napi_ok &&
        napi_get_value_bool(env, value, &resizable) == napi_ok && resizable;
}

void RefuseDetached(Napi::Env env, const View &view, const char *name)
{
    bool detached = false;
    // Only what is detached looks empty, so the common case asks nothing.
    if (view.length == 0 && napi_is_detached_arraybuffer(env, view.buffer, &detached) == napi_ok && detached)
        Fail(env, MT_ERROR_INVALID_ARGUMENT, std::string(name) + ": its ArrayBuffer was transferred away");
}

[[noreturn]] void WrongLength(Napi::Env env, const char *name, size_t expected, size_t actual)
{
    Fail(env, MT_ERROR_INVALID_ARGUMENT,
        std::string(name) + " must have " + std::to_string(expected) + " bytes, not " + std::to_string(actual));
}

std::string Describe(Napi::Value value)
{
    switch (value.Type())
    {
    case napi_undefined:
        return "undefined";
    case napi_null:
        return "null";
    case napi_boolean:
        return "a boolean";
    case napi_number:
        return "a number";
    case napi_string:
        return "a string";
    case napi_symbol:
        return "a symbol";
    case napi_function:
        return "a function";
    case napi_bigint:
        return "a BigInt";
    default:
        return "an object of another kind";
    }
}

// Work on a thread of libuv's pool.
struct PoolWork
{
    explicit PoolWork(napi_env env) : env(env) {}
    ~PoolWork()
    {
        if (work != nullptr)
            napi_delete_async_work(env, work);
        if (callback != nullptr)
            napi_delete_reference(env, callback);
        if (arguments != nullptr)
            napi_delete_reference(env, arguments);
    }

    PoolWork(const PoolWork &) = delete;
    PoolWork &operator=(const PoolWork &) = delete;

    const napi_env env;
    napi_async_work work = nullptr;
    napi_ref callback = nullptr;
    napi_ref arguments = nullptr;
    Job job;
    mt_status_t status = MT_OK;
    std::string detail;
};

void Execute(napi_env, void *data)
{
    auto *work = static_cast<PoolWork *>(data);
    try
    {
        work->status = work->job.run();
        if (work->status != MT_OK)
            work->detail = LastError();
    }
    catch (const std::bad_alloc &)
    {
        work->status = MT_ERROR_OUT_OF_MEMORY;
    }
}

// Also called when the environment ends; then no JavaScript can run and the calls into it fail, which is of no concern any more.
void Complete(napi_env raw, napi_status pool_status, void *data)
{
    std::unique_ptr<PoolWork> work(static_cast<PoolWork *>(data));
    Napi::Env env(raw);
    napi_value callback = nullptr;
    napi_get_reference_value(raw, work->callback, &callback);
    if (pool_status != napi_ok || callback == nullptr)
        return;

    try
    {
        Napi::Function function(env, callback);
        if (work->status != MT_OK)
            function.Call({MakeError(env, work->status, work->detail)});
        else
            function.Call({env.Undefined(), work->job.result(env)});
    }
    catch (const Napi::Error &error)
    {
        error.ThrowAsJavaScriptException();
    }
}
} // namespace

Environment &Environment::Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

Napi::Value MakeError(Napi::Env env, mt_status_t status, const std::string &message)
{
    return Environment::Of(env).make_error.Call(
        {Napi::Number::New(env, status), Napi::String::New(env, mt_status_name(status)), Napi::String::New(env, message)});
}

void Fail(Napi::Env env, mt_status_t status, const std::string &message)
{
    throw Napi::Error(env, MakeError(env, status, message));
}

std::string LastError()
{
    std::string text(mt_last_error(nullptr, 0), '\0');
    mt_last_error(text.data(), text.size() + 1);
    return text;
}

void Check(Napi::Env env, mt_status_t status)
{
    if (status != MT_OK)
        Fail(env, status, LastError());
}

void WrongType(Napi::Value value, const char *name, const char *expected)
{
    Napi::TypeError error =
        Napi::TypeError::New(value.Env(), std::string(name) + " must be " + expected + ", not " + Describe(value));
    error.Set("code", Napi::String::New(value.Env(), "ERR_INVALID_ARG_TYPE"));
    throw error;
}

Input::Input(Napi::Value value, const char *name, bool outlives_call)
{
    Napi::Env env = value.Env();
    View view;
    if (!Resolve(env, value, view))
        WrongType(value, name, "a Buffer, a Uint8Array or another view, or an ArrayBuffer");
    RefuseDetached(env, view, name);
    data_ = view.data;
    length_ = view.length;
    if (length_ != 0 && (IsShared(env, view) || (outlives_call && IsResizable(env, view))))
    {
        copy_.reset(new (std::nothrow) uint8_t[length_]);
        if (copy_ == nullptr)
            Fail(env, MT_ERROR_OUT_OF_MEMORY, std::string(name) + ": no memory for a copy of it");
        std::memcpy(copy_.get(), data_, length_);
        data_ = copy_.get();
    }
}

Input Input::Exactly(Napi::Value value, const char *name, size_t length, bool outlives_call)
{
    Input input(value, name, outlives_call);
    if (input.length_ != length)
        WrongLength(value.Env(), name, length, input.length_);
    return input;
}

Input Input::Optionally(Napi::Value value, const char *name, size_t length, bool outlives_call)
{
    return value.IsUndefined() ? Input() : Exactly(value, name, length, outlives_call);
}

Output::Output(Napi::Value value, const char *name, bool outlives_call)
{
    Napi::Env env = value.Env();
    View view;
    if (!value.IsTypedArray() || !Resolve(env, value, view))
        WrongType(value, name, "a Buffer or a Uint8Array");
    RefuseDetached(env, view, name);
    if (IsShared(env, view))
        Fail(env, MT_ERROR_INVALID_ARGUMENT, std::string(name) + " must not lie in a SharedArrayBuffer");
    if (outlives_call && IsResizable(env, view))
        Fail(env, MT_ERROR_INVALID_ARGUMENT, std::string(name) + " must not lie in a resizable ArrayBuffer");
    data_ = view.data;
    length_ = view.length;
}

Output Output::Exactly(Napi::Value value, const char *name, size_t length, bool outlives_call)
{
    Output output(value, name, outlives_call);
    if (output.length_ != length)
        WrongLength(value.Env(), name, length, output.length_);
    return output;
}

uint64_t Whole(Napi::Value value, const char *name, uint64_t max)
{
    Napi::Env env = value.Env();
    if (value.IsNumber())
    {
        double number = value.As<Napi::Number>().DoubleValue();
        if (number >= 0 && number <= SafeIntegerMax && number == std::floor(number) && static_cast<uint64_t>(number) <= max)
            return static_cast<uint64_t>(number);
    }
    else if (value.IsBigInt())
    {
        bool lossless = false;
        uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
        if (lossless && number <= max)
            return number;
    }
    else
        WrongType(value, name, "a number");
    Fail(env, MT_ERROR_INVALID_ARGUMENT,
        std::string(name) + " must be a whole number from 0 to " + std::to_string(max) + ", not " + value.ToString().Utf8Value());
}

uint32_t Whole32(Napi::Value value, const char *name) { return static_cast<uint32_t>(Whole(value, name, UINT32_MAX)); }

int64_t Signed(Napi::Value value, const char *name)
{
    if (value.IsNumber())
    {
        double number = value.As<Napi::Number>().DoubleValue();
        if (number >= -SafeIntegerMax && number <= SafeIntegerMax && number == std::floor(number))
            return static_cast<int64_t>(number);
    }
    else if (value.IsBigInt())
    {
        bool lossless = false;
        int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
        if (lossless)
            return number;
    }
    else
        WrongType(value, name, "a number or a BigInt");
    Fail(value.Env(), MT_ERROR_INVALID_ARGUMENT,
        std::string(name) + " must be a whole number, a safe integer or a BigInt of 64 bits, not " + value.ToString().Utf8Value());
}

Napi::Value Number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

std::string Text(Napi::Value value, const char *name)
{
    Napi::Env env = value.Env();
    std::string text;
    if (value.IsString())
    {
        std::u16string units = value.As<Napi::String>().Utf16Value();
        for (size_t i = 0; i < units.size(); i++)
        {
            bool high = units[i] >= 0xd800 && units[i] < 0xdc00;
            bool pair = high && i + 1 < units.size() && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000;
            if (pair)
                i++;
            else if (units[i] >= 0xd800 && units[i] < 0xe000)
                Fail(env, MT_ERROR_INVALID_ARGUMENT, std::string(name) + " has half of a surrogate pair in it");
        }

        text = value.As<Napi::String>().Utf8Value();
    }
    else if (value.IsTypedArray())
    {
        Input bytes(value, name);
        text.assign(reinterpret_cast<const char *>(bytes.data()), bytes.length());
    }
    else
        WrongType(value, name, "a string");

    if (text.find('\0') != std::string::npos)
        Fail(env, MT_ERROR_INVALID_ARGUMENT, std::string(name) + " has a NUL in it");
    return text;
}

Napi::Value Copy(Napi::Env env, const uint8_t *data, size_t length)
{
    return Napi::Buffer<uint8_t>::Copy(env, data, length);
}

void Handle::Close()
{
    if (void *live = Release())
        destroy(live);
}

void *Handle::Release()
{
    void *live = value;
    value = nullptr;
    return live;
}

Handle &HandleIn(Napi::Value value, Handle::Kind kind)
{
    if (!value.IsExternal())
        WrongType(value, "this", "an object of this package");
    auto *handle = value.As<Napi::External<Handle>>().Data();
    if (handle->kind != kind)
        WrongType(value, "this", "an object of this class");
    return *handle;
}

Handle &LiveHandle(Napi::Value value, Handle::Kind kind)
{
    Handle &handle = HandleIn(value, kind);
    if (handle.value == nullptr)
        Fail(value.Env(), MT_ERROR_INVALID_HANDLE, "it was closed before");
    return handle;
}

Napi::Value PerformLater(const Napi::CallbackInfo &info, size_t callback_index, Job job)
{
    Napi::Env env = info.Env();
    Napi::Array arguments = Napi::Array::New(env);
    for (uint32_t i = 0; i < info.Length(); i++)
        arguments.Set(i, info[i]);

    auto work = std::make_unique<PoolWork>(env);
    work->job = std::move(job);
    napi_status status = napi_create_async_work(
        env, nullptr, Napi::String::New(env, "megatorrent"), Execute, Complete, work.get(), &work->work);
    if (status == napi_ok)
        status = napi_create_reference(env, info[callback_index], 1, &work->callback);
    if (status == napi_ok)
        status = napi_create_reference(env, arguments, 1, &work->arguments);
    if (status == napi_ok)
        status = napi_queue_async_work(env, work->work);
    if (status != napi_ok)
        Fail(env, MT_ERROR_INTERNAL, "the work could not be queued");
    work.release(); // Complete takes it
    return env.Undefined();
}
} // namespace megatorrent
