using System.Runtime.InteropServices;
using Megatorrent.Client;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Exports;

/// <summary>Downloads and uploads: part 12 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class StreamExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_download_create")]
    private static Status CreateDownload(nuint handle, nuint* output, ulong offset, ulong length)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ObjectExports.Find(handle, out ObjectHolder found);
            if (status != Status.Ok)
                return status;
            found.Client.ThrowIfClosed();
            ObjectDownload download = found.Stored.Download(
                (long)Math.Min(offset, long.MaxValue), (long)Math.Min(length, long.MaxValue)); // what is beyond any file is refused, or cut
            *output = HandleTable.Shared.Add(
                HandleKind.Download, new StreamHolder<ObjectDownload>(found.Client, download, static stream => stream.Cancel()));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_download_read")]
    private static Status ReadDownload(nuint handle, byte* destination, nuint capacity, nuint* length)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;
            status = ClientArguments.ReadDownload(handle, destination, capacity, out Call call);
            return status == Status.Ok ? ClientExports.RunRead(call, length) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_download_destroy")]
    private static void DestroyDownload(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (HandleTable.Shared.TryRemove(handle, HandleKind.Download, out StreamHolder<ObjectDownload>? download))
                _ = download.DestroyAsync(); // nothing of the caller's is used by what is left under way
            else
                Guard.Handle("download");
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_create")]
    private static Status CreateUpload(nuint handle, nuint* output, ClientPutOptions* options)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Find(handle, out ClientHolder client);
            if (status != Status.Ok)
                return status;
            status = ClientArguments.ReadPut(options, out PutArguments arguments);
            if (status == Status.Ok)
                *output = HandleTable.Shared.Add(HandleKind.Upload, UploadHolder.Create(client, arguments));
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_write")]
    private static Status WriteUpload(nuint handle, byte* data, nuint length)
    {
        try
        {
            Status status = ClientArguments.WriteUpload(handle, data, length, out Call call);
            return status == Status.Ok ? call.RunAndWait() : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_finish")]
    private static Status FinishUpload(nuint handle, byte* capability, nuint capacity, nuint* length)
    {
        try
        {
            Status status = ClientArguments.FinishUpload(handle, out Call call);
            return status == Status.Ok ? ClientExports.RunPut(call, capability, capacity, length) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_upload_destroy")]
    private static void DestroyUpload(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (HandleTable.Shared.TryRemove(handle, HandleKind.Upload, out UploadHolder? upload))
                upload.Destroy();
            else
                Guard.Handle("upload");
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }
}
