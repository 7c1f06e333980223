using System.Runtime.InteropServices;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Exports;

/// <summary>The beginnings of operations: part 13 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class OperationStartExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_client_open_start")]
    private static Status OpenClient(
        nuint* output, byte* cluster, ClientOpenOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Open(cluster, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_put_start")]
    private static Status Put(
        nuint client, nuint* output, byte* data, nuint length, ClientPutOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Put(client, data, length, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_put_file_start")]
    private static Status PutFile(
        nuint client, nuint* output, byte* path, ClientPutOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.PutFile(client, path, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_get_file_start")]
    private static Status GetFile(
        nuint client, nuint* output, byte* path, byte* capability, ClientGetOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.GetFile(client, path, capability, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_read_start")]
    private static Status Read(
        nuint client, nuint* output, byte* destination, nuint capacity, byte* capability, ulong offset,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Read(client, destination, capacity, capability, offset, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_verify_start")]
    private static Status Verify(
        nuint client, nuint* output, ClientVerifyReport* report, byte* capability, ClientCheckOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Verify(client, report, capability, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_repair_start")]
    private static Status Repair(
        nuint client, nuint* output, ClientRepairReport* report, byte* capability, ClientCheckOptions* options,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Repair(client, report, capability, options, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_open_start")]
    private static Status OpenObject(
        nuint client, nuint* output, byte* capability,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.OpenObject(client, capability, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_read_start")]
    private static Status ReadObject(
        nuint found, nuint* output, byte* destination, nuint capacity, ulong offset,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.ReadObject(found, destination, capacity, offset, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_download_read_start")]
    private static Status ReadDownload(
        nuint download, nuint* output, byte* destination, nuint capacity,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.ReadDownload(download, destination, capacity, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_write_start")]
    private static Status WriteUpload(
        nuint upload, nuint* output, byte* data, nuint length,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.WriteUpload(upload, data, length, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_finish_start")]
    private static Status FinishUpload(
        nuint upload, nuint* output,
        delegate* unmanaged[Cdecl]<void*, nuint, int, void> completion, void* context)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.FinishUpload(upload, out Call call);
            return status == Status.Ok ? Operation.Start(output, call, completion, context) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }
}
