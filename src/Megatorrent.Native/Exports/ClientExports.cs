using System.Runtime.InteropServices;
using Megatorrent.Core.Manifests;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Exports;

/// <summary>The client: part 11 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ClientExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_client_open")]
    private static Status Open(nuint* output, byte* cluster, ClientOpenOptions* options)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.Open(cluster, options, out Call call);
            if (status == Status.Ok)
                status = call.RunAndWait();
            if (status == Status.Ok)
                *output = HandleTable.Shared.Add(HandleKind.Client, call.OpenedClient!);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_put")]
    private static Status Put(
        nuint handle, byte* capability, nuint capacity, nuint* capabilityLength, byte* data, nuint length, ClientPutOptions* options)
    {
        try
        {
            Status status = ClientArguments.Put(handle, data, length, options, out Call call);
            if (status == Status.Ok)
                status = Guard.Apart([new MemoryRange("cap", capability, capacity)], [new MemoryRange("data", data, length)]);
            return status == Status.Ok ? RunPut(call, capability, capacity, capabilityLength) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_put_file")]
    private static Status PutFile(
        nuint handle, byte* capability, nuint capacity, nuint* capabilityLength, byte* path, ClientPutOptions* options)
    {
        try
        {
            Status status = ClientArguments.PutFile(handle, path, options, out Call call);
            return status == Status.Ok ? RunPut(call, capability, capacity, capabilityLength) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_get_file")]
    private static Status GetFile(nuint handle, byte* path, byte* capability, ClientGetOptions* options)
    {
        try
        {
            Status status = ClientArguments.GetFile(handle, path, capability, options, out Call call);
            return status == Status.Ok ? call.RunAndWait() : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_read")]
    private static Status Read(
        nuint handle, byte* destination, nuint capacity, nuint* length, byte* capability, ulong offset)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;
            status = ClientArguments.Read(handle, destination, capacity, capability, offset, out Call call);
            return status == Status.Ok ? RunRead(call, length) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_verify")]
    private static Status Verify(nuint handle, ClientVerifyReport* report, byte* capability, ClientCheckOptions* options)
    {
        try
        {
            Status status = ClientArguments.Verify(handle, report, capability, options, out Call call);
            return status == Status.Ok ? call.RunAndWait() : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_repair")]
    private static Status Repair(nuint handle, ClientRepairReport* report, byte* capability, ClientCheckOptions* options)
    {
        try
        {
            Status status = ClientArguments.Repair(handle, report, capability, options, out Call call);
            return status == Status.Ok ? call.RunAndWait() : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_status")]
    private static Status GetStatus(nuint handle, ClientStatus* destination)
    {
        try
        {
            Status status = ClientArguments.GetStatus(handle, destination, out Call call);
            return status == Status.Ok ? call.RunAndWait() : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_client_close")]
    private static void Close(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (ClientArguments.Find(handle, out ClientHolder client) != Status.Ok)
                return;
            if (CallbackScope.WouldWaitForItself(client))
                LastError.Set(Status.State, "A client cannot be closed inside a progress callback of its own, or inside the log callback.");
            else if (!HandleTable.Shared.TryRemove(handle, HandleKind.Client))
                Guard.Handle("client"); // another thread was faster
            else
                Task.Run(client.CloseAsync).Wait();
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    /// <summary>Runs a put and writes the capability, whose length is known beforehand.</summary>
    internal static Status RunPut(Call call, byte* capability, nuint capacity, nuint* length)
    {
        Status status = Output.Check("cap", capability, capacity, length);
        if (status == Status.Ok && capacity <= Capability.TextLengthMax)
            status = Output.TooSmall("cap", capacity, length, Capability.TextLengthMax, isText: true);
        if (status == Status.Ok)
            status = call.RunAndWait();
        return status == Status.Ok ? Output.Text("cap", capability, capacity, length, call.Capability) : status;
    }

    /// <summary>Runs a read and stores how many bytes it wrote.</summary>
    internal static Status RunRead(Call call, nuint* length)
    {
        Status status = call.RunAndWait();
        if (status == Status.Ok)
            *length = call.Length ?? 0;
        return status;
    }
}
