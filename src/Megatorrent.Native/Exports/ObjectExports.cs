using System.Runtime.InteropServices;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;
using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Exports;

/// <summary>Objects: part 12 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ObjectExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_object_open")]
    private static Status Open(nuint handle, nuint* output, byte* capability)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = 0;
            Status status = ClientArguments.OpenObject(handle, capability, out Call call);
            if (status == Status.Ok)
                status = call.RunAndWait();
            if (status == Status.Ok)
                *output = HandleTable.Shared.Add(HandleKind.Object, call.OpenedObject!);
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_get_info")]
    private static Status GetInfo(nuint handle, ObjectInfo* info)
    {
        try
        {
            uint size = 0;
            Status status = Find(handle, out ObjectHolder found);
            if (status == Status.Ok)
                status = NativeStruct.Check("info", info, out size);
            if (status != Status.Ok)
                return status;

            Listing listing = found.Stored.Listing;
            NativeStruct.Write(info, size, new ObjectInfo
            {
                Kind = (uint)listing.Kind,
                Mode = (uint)listing.Mode,
                EntryCount = (uint)listing.Entries.Count,
                Length = (ulong)listing.Length,
                ModifiedUnixNs = listing.ModifiedUnixNs,
            });
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_get_name")]
    private static Status GetName(nuint handle, byte* destination, nuint capacity, nuint* length)
    {
        try
        {
            Status status = Find(handle, out ObjectHolder found);
            if (status == Status.Ok)
                status = Output.Check("dst", destination, capacity, length);
            return status == Status.Ok ? Output.Text("dst", destination, capacity, length, found.Stored.Listing.Name) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_get_entry")]
    private static Status GetEntry(nuint handle, EntryInfo* destination, uint entryIndex)
    {
        try
        {
            uint size = 0;
            Status status = FindEntry(handle, entryIndex, out ObjectHolder found, out DirectoryEntry entry);
            if (status == Status.Ok)
                status = NativeStruct.Check("entry", destination, out size);
            if (status != Status.Ok)
                return status;

            NativeStruct.Write(destination, size, new EntryInfo
            {
                Kind = (uint)entry.Kind,
                Mode = (uint)entry.Mode,
                Length = (ulong)entry.Length,
                Offset = entry.Kind == EntryKind.File ? (ulong)found.OffsetOf((int)entryIndex) : 0,
                ModifiedUnixNs = entry.ModifiedUnixNs,
            });
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_get_entry_path")]
    private static Status GetEntryPath(nuint handle, byte* destination, nuint capacity, nuint* length, uint entryIndex)
    {
        try
        {
            Status status = FindEntry(handle, entryIndex, out _, out DirectoryEntry entry);
            if (status == Status.Ok)
                status = Output.Check("dst", destination, capacity, length);
            return status == Status.Ok ? Output.Text("dst", destination, capacity, length, entry.Path) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_read")]
    private static Status Read(nuint handle, byte* destination, nuint capacity, nuint* length, ulong offset)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;
            status = ClientArguments.ReadObject(handle, destination, capacity, offset, out Call call);
            return status == Status.Ok ? ClientExports.RunRead(call, length) : status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_object_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            Guard.Destroy("object", handle, HandleKind.Object);
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    /// <summary>Finds an object by its handle.</summary>
    internal static Status Find(nuint handle, out ObjectHolder found)
    {
        bool isLive = HandleTable.Shared.TryGet(handle, HandleKind.Object, out ObjectHolder? target);
        found = target!;
        return isLive ? Status.Ok : Guard.Handle("object");
    }

    private static Status FindEntry(nuint handle, uint index, out ObjectHolder found, out DirectoryEntry entry)
    {
        entry = null!;
        Status status = Find(handle, out found);
        if (status != Status.Ok)
            return status;
        IReadOnlyList<DirectoryEntry> entries = found.Stored.Listing.Entries;
        if (index >= (uint)entries.Count)
            return LastError.Set(Status.InvalidArgument, $"entry_index is {index}; the object has {entries.Count} entries, numbered from 0.");
        entry = entries[(int)index];
        return Status.Ok;
    }
}
