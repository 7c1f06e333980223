// Operations of the library as calls that call back: part 13 of the header.
//
//      JavaScript thread         threads of the library
//      Start  ---------------->  works
//      OnEvent  <--- queue ----  progress (the newest only: a slow event loop does not make a queue grow)
//      OnEvent  <--- queue ----  complete, once
//
// The second piece waits a moment for JavaScript to have heard of the first: who says no at once is to be heard before a short operation is
// over. After that nothing waits for the event loop.
//
// There is one queue an environment. It keeps the event loop alive while an operation is under way, and no longer. When the environment
// ends before its operations, they are cancelled and waited for, since they use memory of JavaScript.
#pragma once

#include "support.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace megatorrent
{
class Operation;

// What the queue carries; lies inside the operation, so that posting allocates nothing.
struct Event
{
    Operation *operation;
    bool complete; // else progress
};

// How an operation is carried out.
struct Call
{
    // Begins it: a mt_*_start with operation.handle, Operation::Completed and &operation.
    std::function<mt_status_t(Operation &)> start;
    // What it gave, asked for when it is complete with MT_OK; empty: undefined.
    std::function<Napi::Value(Napi::Env, Operation &)> result;
};

// How a call is carried out that waits for other nodes and that the header has no operation for: on a thread of its own, since a thread of
// the pool that waits for the network is one that reads no files meanwhile.
struct Waiting
{
    std::function<mt_status_t()> run;
    std::function<Napi::Value(Napi::Env)> result; // as in Call
    std::function<void()> unblock;                // makes run return soon; may be empty where it does so anyway
};

class Operation
{
  public:
    mt_operation_t *handle = nullptr;

    // For the library: the functions for progress and completion. The context is the operation.
    static int32_t Progressed(void *context, uint64_t bytes_done, uint64_t bytes_total) noexcept;
    static void Completed(void *context, mt_operation_t *handle, mt_status_t status) noexcept;

    // (..., callback[, progress]): begins, keeps every argument alive until the end, and then calls callback(error) or
    // callback(undefined, result); progress(done, total) meanwhile, total undefined while it is not known. Gives an external for Cancel.
    static Napi::Value Start(const Napi::CallbackInfo &info, size_t callback_index, Call call);
    static Napi::Value Start(const Napi::CallbackInfo &info, size_t callback_index, Waiting waiting);

    // (external): asks it to stop; nothing if it is complete.
    static Napi::Value Cancel(const Napi::CallbackInfo &info);

  private:
    friend class Loop;

    Operation(const Napi::CallbackInfo &info, size_t callback_index);
    static Napi::Value Begun(Napi::Env env, std::shared_ptr<Operation> operation);
    void OnProgress(Napi::Env env);
    void OnComplete(Napi::Env env);
    void Abandon();
    void Unpin();

    const std::shared_ptr<Loop> loop_;
    const napi_env env_;
    napi_ref callback_ = nullptr;
    napi_ref progress_ = nullptr;
    napi_ref arguments_ = nullptr;
    Call call_;
    Waiting waiting_;
    std::thread thread_;
    mt_status_t status_ = MT_OK; // of the thread
    std::string detail_;
    std::atomic<bool> canceled_{false}; // the library learns of it at the next piece too, which may be sooner

    Event progress_event_{this, false};
    Event complete_event_{this, true};
    std::mutex progress_mutex_;
    std::condition_variable progress_told_;
    bool progress_posted_ = false;
    bool is_progress_told_ = false; // JavaScript has been called for the first piece
    uint64_t pieces_ = 0;
    uint64_t bytes_done_ = 0;
    uint64_t bytes_total_ = 0;
};

// How an object is put, as the library wants it, and where the result goes.
class PutOptions
{
  public:
    // From {dataShards, parityShards, suite, compression, deduplicate, name}; all but the name must be there.
    explicit PutOptions(Napi::Value value);
    PutOptions(const PutOptions &) = delete;
    PutOptions &operator=(const PutOptions &) = delete;

    const mt_put_options_t *For(Operation &operation);
    const mt_put_options_t *WithoutProgress() const { return &options_; }

    // The capability and what was stored, of an operation that is complete.
    Napi::Value Result(Napi::Env env, Operation &operation) const;

  private:
    mt_put_options_t options_ = {};
    mt_put_result_t result_ = {};
    std::string name_;
};

// The bytes that a read wrote: a result of a Call.
Napi::Value OperationLength(Napi::Env env, Operation &operation);

class Loop
{
  public:
    // The environment's, which is made at the first call.
    static std::shared_ptr<Loop> Of(Napi::Env env);

    Loop() = default;
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    // Sends an event to the environment's thread, from any thread. Does nothing once the environment ends.
    void Post(Event *event);

    void Add(Napi::Env env, std::shared_ptr<Operation> operation);
    std::shared_ptr<Operation> Remove(Napi::Env env, Operation *operation);

  private:
    static void OnEvent(napi_env env, napi_value, void *context, void *data);
    static void OnEnd(void *context);

    napi_threadsafe_function queue_ = nullptr;
    std::mutex mutex_; // guards the queue against being used after the end
    bool ended_ = false;
    std::unordered_map<Operation *, std::shared_ptr<Operation>> active_; // of the environment's thread
};
} // namespace megatorrent
