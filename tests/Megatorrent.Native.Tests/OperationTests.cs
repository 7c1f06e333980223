using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Tests;

/// <summary>Operations around work of the test's own; those of the client are shown by the suites from the published library.</summary>
public sealed unsafe class OperationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void ItsOutcomeIsThereOnceItIsComplete()
    {
        TaskCompletionSource work = new();
        Operation operation = Start(new Call("test", null, (call, _) => work.Task.ContinueWith(_ => call.Length = 42)));
        Assert.False(operation.IsComplete);
        Assert.False(operation.Wait(0));
        Assert.False(operation.TryGet(static call => call.Length, out nuint? _, out Status early));
        Assert.Equal(Status.State, early);
        work.SetResult();
        Assert.True(operation.Wait((uint)Limit.TotalMilliseconds));
        Assert.True(operation.TryGet(static call => call.Length, out nuint? length, out _));
        Assert.Equal((nuint)42, length);
        Assert.False(operation.TryGet(static call => call.Capability, out string? _, out Status none));
        Assert.Equal(Status.State, none);
        operation.Destroy();
    }

    [Fact]
    public void WhatWasThrownIsItsOutcome()
    {
        Operation operation = Start(new Call("test", null, (_, _) => throw new StatusException(Status.NotFound, "gone")));
        Assert.True(operation.Wait(uint.MaxValue));
        Assert.Equal((Status.NotFound, "gone"), operation.Outcome);
        operation.Destroy();
    }

    [Fact]
    public void CancellingEndsIt()
    {
        Operation operation = Start(Endless());
        operation.Cancel();
        Assert.True(operation.Wait(uint.MaxValue));
        Assert.Equal(Status.Canceled, operation.Outcome.Status);
        operation.Destroy();
    }

    [Fact]
    public void DestroyingCancelsAndWaits()
    {
        bool ended = false;
        Operation operation = Start(new Call(
            "test", null, (_, token) => new TaskCompletionSource().Task.WaitAsync(token).ContinueWith(_ => ended = true)));
        operation.Destroy();
        Assert.True(ended);
    }

    [Fact]
    public void ItsCompletionIsCalledOnceAndMayDestroyIt()
    {
        CompletionRecord record = new();
        GCHandle pin = GCHandle.Alloc(record);
        try
        {
            nuint handle;
            Operation.Start(&handle, new Call("test", null, (_, _) => Task.CompletedTask), &Completed, (void*)GCHandle.ToIntPtr(pin));
            Assert.True(record.Called.Wait(Limit));
            Assert.Equal((1, handle, 0), (record.Count, record.Handle, record.Status));
            Assert.False(HandleTable.Shared.TryGet(handle, HandleKind.Operation, out Operation? _));
        }
        finally
        {
            pin.Free();
        }
    }

    [Fact]
    public void ItsDescriptorBecomesReadable()
    {
        if (OperatingSystem.IsWindows())
            return;
        TaskCompletionSource work = new();
        Operation operation = Start(new Call("test", null, (_, _) => work.Task));
        int descriptor = operation.GetDescriptor();
        Assert.Equal(descriptor, operation.GetDescriptor());
        Assert.False(IsReadable(descriptor, 0));
        work.SetResult();
        Assert.True(IsReadable(descriptor, (int)Limit.TotalMilliseconds));
        operation.Destroy();
        Assert.Throws<StatusException>(() => operation.GetDescriptor());

        Operation late = Start(new Call("test", null, (_, _) => Task.CompletedTask));
        late.Wait(uint.MaxValue);
        Assert.True(IsReadable(late.GetDescriptor(), 0));
        late.Destroy();
    }

    [Fact]
    public void InsideACallbackItWouldWaitForItself()
    {
        Operation one = Start(Endless()), other = Start(Endless());
        Assert.False(CallbackScope.WouldWaitForItself(one));
        using (CallbackScope.Progress(null, one))
        {
            Assert.True(CallbackScope.WouldWaitForItself(one));
            Assert.False(CallbackScope.WouldWaitForItself(other));
            using (CallbackScope.Log())
                Assert.True(CallbackScope.WouldWaitForItself(other));
            Assert.False(CallbackScope.WouldWaitForItself(other));
        }

        Assert.False(CallbackScope.WouldWaitForItself(one));
        one.Destroy();
        other.Destroy();
    }

    private static Call Endless() => new("test", null, (_, token) => new TaskCompletionSource().Task.WaitAsync(token));

    private static Operation Start(Call call)
    {
        nuint handle;
        Assert.Equal(Status.Ok, Operation.Start(&handle, call, null, null));
        Assert.True(HandleTable.Shared.TryGet(handle, HandleKind.Operation, out Operation? operation));
        Assert.True(HandleTable.Shared.TryRemove(handle, HandleKind.Operation));
        return operation;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Completed(void* context, nuint handle, int status)
    {
        CompletionRecord record = (CompletionRecord)GCHandle.FromIntPtr((nint)context).Target!;
        record.Count++;
        record.Handle = handle;
        record.Status = status;
        HandleTable.Shared.TryGet(handle, HandleKind.Operation, out Operation? operation);
        HandleTable.Shared.TryRemove(handle, HandleKind.Operation);
        operation!.Destroy();
        record.Called.Set();
    }

    private static bool IsReadable(int descriptor, int timeoutMs)
    {
        PollDescriptor poll = new() { Descriptor = descriptor, Events = 1 };
        return Poll(&poll, 1, timeoutMs) == 1;
    }

    [DllImport("libc", EntryPoint = "poll")]
    private static extern int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }

    private sealed class CompletionRecord
    {
        public int Count { get; set; }

        public nuint Handle { get; set; }

        public int Status { get; set; }

        public ManualResetEventSlim Called { get; } = new();
    }
}
