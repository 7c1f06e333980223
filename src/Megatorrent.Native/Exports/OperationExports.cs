using System.Runtime.InteropServices;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Exports;

/// <summary>Operations that are under way or complete: part 13 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class OperationExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_operation_cancel")]
    private static Status Cancel(nuint handle)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status == Status.Ok)
                operation.Cancel();
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_wait")]
    private static Status Wait(nuint handle, int* done, uint timeoutMs)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status != Status.Ok)
                return status;
            if (done is null)
                return Guard.Null("done");
            if (timeoutMs != 0 && !operation.IsComplete && CallbackScope.WouldWaitForItself(operation))
                return LastError.Set(Status.State, "An operation cannot be waited for inside its own callback, or inside the log callback.");
            *done = operation.Wait(timeoutMs) ? 1 : 0;
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_status")]
    private static Status GetStatus(nuint handle)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status != Status.Ok)
                return status;
            if (!operation.IsComplete)
                return LastError.Set(Status.State, "The operation is under way.");
            (Status outcome, string detail) = operation.Outcome;
            return outcome == Status.Ok ? Status.Ok : LastError.Set(outcome, detail);
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_get_descriptor")]
    private static Status GetDescriptor(nuint handle, int* descriptor)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status != Status.Ok)
                return status;
            if (descriptor is null)
                return Guard.Null("descriptor");
            *descriptor = operation.GetDescriptor();
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_get_capability")]
    private static Status GetCapability(nuint handle, byte* capability, nuint capacity, nuint* length)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status == Status.Ok)
                status = Output.Check("cap", capability, capacity, length);
            if (status != Status.Ok)
                return status;
            return operation.TryGet(static call => call.Capability, out string? text, out status)
                ? Output.Text("cap", capability, capacity, length, text)
                : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_get_length")]
    private static Status GetLength(nuint handle, nuint* length)
    {
        try
        {
            Status status = Find(handle, out Operation operation);
            if (status != Status.Ok)
                return status;
            if (length is null)
                return Guard.Null("length");
            if (operation.TryGet(static call => call.Length, out nuint? found, out status))
                *length = found.Value;
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_take_client")]
    private static Status TakeClient(nuint handle, nuint* output)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = Find(handle, out Operation operation);
            if (status == Status.Ok && operation.TryGet(Operation.TakeClient, out ClientHolder? client, out status))
                *output = HandleTable.Shared.Add(HandleKind.Client, client);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_take_object")]
    private static Status TakeObject(nuint handle, nuint* output)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = Find(handle, out Operation operation);
            if (status == Status.Ok && operation.TryGet(Operation.TakeObject, out ObjectHolder? found, out status))
                *output = HandleTable.Shared.Add(HandleKind.Object, found);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_operation_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (Find(handle, out Operation operation) != Status.Ok)
                return;
            if (!operation.IsComplete && CallbackScope.WouldWaitForItself(operation))
                LastError.Set(Status.State, "An operation that is under way cannot be destroyed inside its own callback, or inside the log callback.");
            else if (HandleTable.Shared.TryRemove(handle, HandleKind.Operation))
                operation.Destroy();
            else
                Guard.Handle("operation"); // another thread was faster
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    private static Status Find(nuint handle, out Operation operation)
    {
        bool isLive = HandleTable.Shared.TryGet(handle, HandleKind.Operation, out Operation? found);
        operation = found!;
        return isLive ? Status.Ok : Guard.Handle("operation");
    }
}
