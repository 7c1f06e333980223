// The log: part 14 of the header. There is one a process, whichever environment set it last.
#include "support.h"

#include <mutex>
#include <utility>

namespace megatorrent
{
namespace
{
// Lines that wait for the event loop; what comes when so many do is dropped, since a line is worth less than memory.
constexpr size_t LinesMax = 4096;

struct Line
{
    int32_t level;
    std::string message;
};

// Where lines go. It lives until its queue is finalized, on its environment's thread.
struct Sink
{
    napi_env env = nullptr;
    napi_threadsafe_function queue = nullptr;
};

std::mutex current_mutex;
Sink *current; // the sink that the library calls

void Take(void *context, int32_t level, const char *message) noexcept
{
    auto *line = new (std::nothrow) Line{level, message};
    if (line != nullptr && napi_call_threadsafe_function(static_cast<Sink *>(context)->queue, line, napi_tsfn_nonblocking) != napi_ok)
        delete line;
}

void Deliver(napi_env env, napi_value callback, void *, void *data)
{
    std::unique_ptr<Line> line(static_cast<Line *>(data));
    if (env == nullptr || callback == nullptr)
        return;
    try
    {
        Napi::Function(env, callback).Call({Napi::Number::New(env, line->level), Napi::String::New(env, line->message)});
    }
    catch (const Napi::Error &error)
    {
        error.ThrowAsJavaScriptException();
    }
}

void OnEnd(void *context)
{
    std::lock_guard<std::mutex> lock(current_mutex);
    if (current == context)
    {
        mt_log_set(nullptr, nullptr, MT_LOG_ERROR);
        current = nullptr;
    }
}

void OnFinalize(napi_env env, void *data, void *)
{
    napi_remove_env_cleanup_hook(env, OnEnd, data);
    delete static_cast<Sink *>(data);
}

// (callback or null, level)
Napi::Value Set(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    int32_t level = static_cast<int32_t>(Whole(info[1], "level", INT32_MAX));
    Sink *sink = nullptr;
    if (info[0].IsFunction())
    {
        auto made = std::make_unique<Sink>();
        made->env = env;
        if (napi_create_threadsafe_function(env, info[0], nullptr, Napi::String::New(env, "megatorrent log"), LinesMax, 1, made.get(),
                OnFinalize, nullptr, Deliver, &made->queue) != napi_ok)
            Fail(env, MT_ERROR_INTERNAL, "the queue of lines could not be made");
        sink = made.release(); // the queue's finalizer takes it
        napi_unref_threadsafe_function(env, sink->queue);
        napi_add_env_cleanup_hook(env, OnEnd, sink);
    }
    else if (!info[0].IsNull())
        WrongType(info[0], "callback", "a function or null");

    std::unique_lock<std::mutex> lock(current_mutex);
    mt_status_t status = mt_log_set(sink == nullptr ? nullptr : Take, sink, level);
    std::string detail = status == MT_OK ? std::string() : LastError();
    // The library does not call it any more, or never did.
    Sink *unused = status == MT_OK ? std::exchange(current, sink) : sink;
    lock.unlock();
    if (unused != nullptr)
        napi_release_threadsafe_function(unused->queue, napi_tsfn_release);
    if (status != MT_OK)
        Fail(env, status, detail);
    return env.Undefined();
}
} // namespace

void DefineLog(Napi::Object exports) { Define<Set>(exports, "logSet"); }
} // namespace megatorrent
