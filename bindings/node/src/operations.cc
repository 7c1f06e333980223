#include "operations.h"

#include <chrono>
#include <system_error>

namespace megatorrent
{
namespace
{
// An event loop that is busy for longer than this is not waited for.
constexpr std::chrono::milliseconds FirstProgressWaitMax{500};
} // namespace

std::shared_ptr<Loop> Loop::Of(Napi::Env env)
{
    Environment &environment = Environment::Of(env);
    if (environment.loop == nullptr)
    {
        auto loop = std::make_shared<Loop>();
        napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "megatorrent"), 0, 1, nullptr,
            nullptr, loop.get(), OnEvent, &loop->queue_);
        if (status == napi_ok)
            status = napi_unref_threadsafe_function(env, loop->queue_);
        // Hooks run in the reverse order, so this one before the queue goes.
        if (status == napi_ok)
            status = napi_add_env_cleanup_hook(env, OnEnd, loop.get());
        if (status != napi_ok)
            Fail(env, MT_ERROR_INTERNAL, "the queue of events could not be made");
        environment.loop = loop;
    }

    return environment.loop;
}

void Loop::Post(Event *event)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!ended_)
        napi_call_threadsafe_function(queue_, event, napi_tsfn_nonblocking);
}

void Loop::Add(Napi::Env env, std::shared_ptr<Operation> operation)
{
    if (active_.empty())
        napi_ref_threadsafe_function(env, queue_);
    active_.emplace(operation.get(), operation);
}

std::shared_ptr<Operation> Loop::Remove(Napi::Env env, Operation *operation)
{
    auto found = active_.find(operation);
    std::shared_ptr<Operation> removed = std::move(found->second);
    active_.erase(found);
    if (active_.empty())
        napi_unref_threadsafe_function(env, queue_);
    return removed;
}

void Loop::OnEvent(napi_env env, napi_value, void *, void *data)
{
    // Without an environment it has ended, and the operation with it.
    if (env == nullptr)
        return;

    auto *event = static_cast<Event *>(data);
    try
    {
        if (event->complete)
            event->operation->OnComplete(env);
        else
            event->operation->OnProgress(env);
    }
    catch (const Napi::Error &error)
    {
        error.ThrowAsJavaScriptException();
    }
}

void Loop::OnEnd(void *context)
{
    auto *loop = static_cast<Loop *>(context);
    {
        std::lock_guard<std::mutex> lock(loop->mutex_);
        loop->ended_ = true;
    }

    for (auto &entry : loop->active_)
    {
        // All at once, so that waiting takes as long as the slowest.
        if (entry.first->handle != nullptr)
            mt_operation_cancel(entry.first->handle);
        else if (entry.first->waiting_.unblock)
            entry.first->waiting_.unblock();
    }

    for (auto &entry : loop->active_)
        entry.first->Abandon();
    loop->active_.clear();
}

Operation::Operation(const Napi::CallbackInfo &info, size_t callback_index) : loop_(Loop::Of(info.Env())), env_(info.Env())
{
    Napi::Env env = info.Env();
    if (!info[callback_index].IsFunction())
        WrongType(info[callback_index], "callback", "a function");
    Napi::Array arguments = Napi::Array::New(env);
    for (uint32_t i = 0; i < callback_index; i++)
        arguments.Set(i, info[i]);

    napi_status status = napi_create_reference(env, info[callback_index], 1, &callback_);
    if (status == napi_ok)
        status = napi_create_reference(env, arguments, 1, &arguments_);
    if (status == napi_ok && info[callback_index + 1].IsFunction())
        status = napi_create_reference(env, info[callback_index + 1], 1, &progress_);
    if (status != napi_ok)
    {
        Unpin();
        Fail(env, MT_ERROR_INTERNAL, "an argument could not be kept");
    }
}

Napi::Value Operation::Start(const Napi::CallbackInfo &info, size_t callback_index, Call call)
{
    std::shared_ptr<Operation> operation(new Operation(info, callback_index));
    operation->call_ = std::move(call);
    mt_status_t status = operation->call_.start(*operation);
    if (status != MT_OK)
    {
        std::string detail = LastError();
        operation->Unpin();
        Fail(info.Env(), status, detail);
    }

    // It may be complete by now; this thread learns of that later.
    return Begun(info.Env(), std::move(operation));
}

Napi::Value Operation::Start(const Napi::CallbackInfo &info, size_t callback_index, Waiting waiting)
{
    std::shared_ptr<Operation> operation(new Operation(info, callback_index));
    operation->waiting_ = std::move(waiting);
    Operation *raw = operation.get();
    try
    {
        raw->thread_ = std::thread(
            [raw]
            {
                raw->status_ = raw->waiting_.run();
                if (raw->status_ != MT_OK)
                    raw->detail_ = LastError();
                Completed(raw, nullptr, raw->status_);
            });
    }
    catch (const std::system_error &)
    {
        operation->Unpin();
        Fail(info.Env(), MT_ERROR_LIMIT_EXCEEDED, "the system gives no more threads");
    }

    return Begun(info.Env(), std::move(operation));
}

Napi::Value Operation::Begun(Napi::Env env, std::shared_ptr<Operation> operation)
{
    operation->loop_->Add(env, operation);
    return Napi::External<std::shared_ptr<Operation>>::New(env, new std::shared_ptr<Operation>(operation),
        [](Napi::Env, std::shared_ptr<Operation> *reference) { delete reference; });
}

Napi::Value Operation::Cancel(const Napi::CallbackInfo &info)
{
    if (!info[0].IsExternal())
        WrongType(info[0], "operation", "an operation");
    Operation &operation = **info[0].As<Napi::External<std::shared_ptr<Operation>>>().Data();
    operation.canceled_ = true;
    if (operation.handle != nullptr)
        Check(info.Env(), mt_operation_cancel(operation.handle));
    return info.Env().Undefined();
}

int32_t Operation::Progressed(void *context, uint64_t bytes_done, uint64_t bytes_total) noexcept
{
    auto *operation = static_cast<Operation *>(context);
    if (operation->canceled_)
        return 1;
    if (operation->progress_ == nullptr)
        return 0; // nobody wants to know
    std::unique_lock<std::mutex> lock(operation->progress_mutex_);
    if (++operation->pieces_ == 2)
        operation->progress_told_.wait_for(lock, FirstProgressWaitMax, [operation] { return operation->is_progress_told_; });
    if (operation->canceled_)
        return 1;
    operation->bytes_done_ = bytes_done;
    operation->bytes_total_ = bytes_total;
    if (!operation->progress_posted_)
    {
        operation->progress_posted_ = true;
        operation->loop_->Post(&operation->progress_event_);
    }

    return 0;
}

void Operation::Completed(void *context, mt_operation_t *, mt_status_t) noexcept
{
    auto *operation = static_cast<Operation *>(context);
    // The operation may be gone as soon as this is posted, the loop not.
    std::shared_ptr<Loop> loop = operation->loop_;
    loop->Post(&operation->complete_event_);
}

void Operation::OnProgress(Napi::Env env)
{
    uint64_t done, total;
    {
        std::lock_guard<std::mutex> lock(progress_mutex_);
        // What comes from here on is told by another event, after this one.
        progress_posted_ = false;
        done = bytes_done_;
        total = bytes_total_;
    }

    napi_value progress;
    if (napi_get_reference_value(env, progress_, &progress) == napi_ok)
        Napi::Function(env, progress).Call({Number(env, done), total == MT_LENGTH_UNKNOWN ? env.Undefined() : Number(env, total)});
    std::lock_guard<std::mutex> lock(progress_mutex_);
    is_progress_told_ = true;
    progress_told_.notify_all();
}

void Operation::OnComplete(Napi::Env env)
{
    std::shared_ptr<Operation> self = loop_->Remove(env, this);
    napi_value error = env.Undefined();
    napi_value result = env.Undefined();
    napi_value callback = nullptr;
    napi_get_reference_value(env, callback_, &callback);
    try
    {
        if (thread_.joinable())
            thread_.join();
        else if ((status_ = mt_operation_status(handle)) != MT_OK)
            detail_ = LastError();

        if (status_ != MT_OK)
            error = MakeError(env, status_, detail_);
        else if (call_.result)
            result = call_.result(env, *this);
        else if (waiting_.result)
            result = waiting_.result(env);
    }
    catch (const Napi::Error &failure)
    {
        // Also when the environment is about to end and runs no JavaScript any more.
        Abandon();
        error = failure.Value();
    }

    Abandon();
    if (callback != nullptr)
        Napi::Function(env, callback).Call({error, result});
}

// Waits until the library uses nothing of it any more, and lets go of all that it holds.
void Operation::Abandon()
{
    if (thread_.joinable())
        thread_.join();
    mt_operation_destroy(handle);
    handle = nullptr;
    Unpin();
}

void Operation::Unpin()
{
    for (napi_ref *reference : {&callback_, &progress_, &arguments_})
    {
        if (*reference != nullptr)
            napi_delete_reference(env_, *reference);
        *reference = nullptr;
    }

    // What the closures hold are copies of inputs and places for outputs.
    call_ = {};
    waiting_ = {};
}
} // namespace megatorrent
