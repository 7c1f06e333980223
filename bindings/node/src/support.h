// What every part of the addon shares: arguments that are checked, errors, handles, and work off the event loop.
//
// Every function here is called on the thread of its environment (the main thread or a worker thread) unless it says otherwise. A function
// that fails throws Napi::Error, which node-addon-api turns into a JavaScript exception; nothing is thrown across the C interface.
#pragma once

#include <megatorrent.h>
#include <napi.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace megatorrent
{
class Loop;

// What the addon keeps for one environment.
struct Environment
{
    Napi::FunctionReference make_error; // (status, code, message) => MegatorrentError
    std::shared_ptr<Loop> loop;         // made with the first operation

    static Environment &Of(Napi::Env env);
};

// Throws a MegatorrentError with a status and a text.
[[noreturn]] void Fail(Napi::Env env, mt_status_t status, const std::string &message);

// Makes the same without throwing it.
Napi::Value MakeError(Napi::Env env, mt_status_t status, const std::string &message);

// The text that the library has for the last failure on this thread.
std::string LastError();

// Throws what the library says unless status is MT_OK.
void Check(Napi::Env env, mt_status_t status);

// Throws a TypeError: "NAME must be EXPECTED, not ...".
[[noreturn]] void WrongType(Napi::Value value, const char *name, const char *expected);

// Bytes that are read: any view or ArrayBuffer, in place. What another thread may write to (a SharedArrayBuffer) is copied, and so is, when
// the bytes are used after the call has returned, what JavaScript can take away meanwhile (a resizable ArrayBuffer).
class Input
{
  public:
    Input() = default;
    Input(Napi::Value value, const char *name, bool outlives_call = false);

    // The same, and it must have exactly this many bytes.
    static Input Exactly(Napi::Value value, const char *name, size_t length, bool outlives_call = false);

    // The same, and undefined is allowed: data() is then null.
    static Input Optionally(Napi::Value value, const char *name, size_t length, bool outlives_call = false);

    const uint8_t *data() const { return data_; }
    size_t length() const { return length_; }

    // The memory of the copy, if there was one; data() is good as long as it lives.
    std::unique_ptr<uint8_t[]> TakeCopy() { return std::move(copy_); }

  private:
    const uint8_t *data_ = nullptr;
    size_t length_ = 0;
    std::unique_ptr<uint8_t[]> copy_;
};

// Bytes that are written, in place: a view whose memory stays where it is. What others may write to or take away meanwhile is refused: a
// SharedArrayBuffer, and a resizable ArrayBuffer when the bytes are written after the call has returned.
class Output
{
  public:
    Output() = default;
    Output(Napi::Value value, const char *name, bool outlives_call = false);
    static Output Exactly(Napi::Value value, const char *name, size_t length, bool outlives_call = false);

    uint8_t *data() const { return data_; }
    size_t length() const { return length_; }

  private:
    uint8_t *data_ = nullptr;
    size_t length_ = 0;
};

// A whole number, 0 to the limit; a BigInt is taken too.
uint64_t Whole(Napi::Value value, const char *name, uint64_t max);
uint32_t Whole32(Napi::Value value, const char *name);

// A whole number of 64 bits with a sign.
int64_t Signed(Napi::Value value, const char *name);

// A number for a length or offset: exact, since nothing that the library has is longer than 2^53.
Napi::Value Number(Napi::Env env, uint64_t value);

// A text for the library: UTF-8 without NUL and without half a surrogate pair. A Uint8Array counts as UTF-8 already, for paths.
std::string Text(Napi::Value value, const char *name);

// A copy of bytes as a Buffer.
Napi::Value Copy(Napi::Env env, const uint8_t *data, size_t length);

// What a JavaScript object holds on to in the library. It is destroyed when it is closed, when the object is collected, and when the
// environment ends.
struct Handle
{
    enum class Kind
    {
        ReedSolomon,
        BencodeReader,
        BencodeWriter,
        Manifest,
        Noise,
        Client,
        Object,
        Download,
        Upload,
    };

    Handle(Kind kind, void *value, void (*destroy)(void *)) : kind(kind), value(value), destroy(destroy) {}
    ~Handle() { Close(); }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;

    // Destroys it once.
    void Close();

    // Gives it away: what is returned is the caller's to destroy.
    void *Release();

    const Kind kind;
    void *value;
    void (*const destroy)(void *);
    uint32_t data_shards = 0;   // of a Reed-Solomon code
    uint32_t parity_shards = 0;
};

// Wraps a handle that was just made, together with the function that destroys it.
template <auto destroy, typename T> Napi::External<Handle> Wrap(Napi::Env env, Handle::Kind kind, T *value)
{
    auto *handle = new Handle(kind, value, [](void *dead) { destroy(static_cast<T *>(dead)); });
    return Napi::External<Handle>::New(env, handle, [](Napi::Env, Handle *dead) { delete dead; });
}

// The handle in an argument, closed or not.
Handle &HandleIn(Napi::Value value, Handle::Kind kind);

// The live handle in an argument; throws MT_ERROR_INVALID_HANDLE for one that was closed.
Handle &LiveHandle(Napi::Value value, Handle::Kind kind);
template <typename T> T *Live(Napi::Value value, Handle::Kind kind) { return static_cast<T *>(LiveHandle(value, kind).value); }

// A call that takes long enough to be worth another thread.
struct Job
{
    std::function<mt_status_t()> run;             // on any thread; touches no JavaScript
    std::function<Napi::Value(Napi::Env)> result; // on the environment's thread, when run gave MT_OK
};

// Whether the argument at an index asks for the work to be done off the event loop: it is the callback.
inline bool IsAsync(const Napi::CallbackInfo &info, size_t callback_index) { return info[callback_index].IsFunction(); }

// Does a job on a thread of the pool, keeps every argument alive meanwhile, and calls back (error) or (undefined, result).
Napi::Value PerformLater(const Napi::CallbackInfo &info, size_t callback_index, Job job);

inline Napi::Value Nothing(Napi::Env env) { return env.Undefined(); }

// Does a job at once and returns its result, or with a callback later. Only for work that needs the processor, never for waiting.
template <typename Run, typename Result = Napi::Value (*)(Napi::Env)>
Napi::Value Perform(const Napi::CallbackInfo &info, size_t callback_index, Run run, Result result = Nothing)
{
    if (IsAsync(info, callback_index))
        return PerformLater(info, callback_index, {std::move(run), std::move(result)});
    Check(info.Env(), run());
    return result(info.Env());
}

// Sets a function of the addon.
template <Napi::Value (*function)(const Napi::CallbackInfo &)> void Define(Napi::Object exports, const char *name)
{
    exports.Set(name, Napi::Function::New<function>(exports.Env(), name));
}

void DefineHashes(Napi::Object exports);
void DefineReedSolomon(Napi::Object exports);
void DefineBlobs(Napi::Object exports);
void DefineKeys(Napi::Object exports);
void DefineBencode(Napi::Object exports);
void DefineManifests(Napi::Object exports);
void DefineNoise(Napi::Object exports);
void DefineWire(Napi::Object exports);
void DefineClient(Napi::Object exports);
void DefineStreams(Napi::Object exports);
void DefineLog(Napi::Object exports);
} // namespace megatorrent
