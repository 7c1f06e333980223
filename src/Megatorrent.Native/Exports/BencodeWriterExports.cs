using System.Runtime.InteropServices;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Native.Exports;

/// <summary>Writing bencode: part 7 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class BencodeWriterExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_create")]
    private static Status Create(nuint* output)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            *output = HandleTable.Shared.Add(HandleKind.BencodeWriter, new BencodeDocument());
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_integer")]
    private static Status WriteInteger(nuint handle, long value) => Write(handle, writer => writer.WriteInteger(value));

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_bytes")]
    private static Status WriteBytes(nuint handle, byte* data, nuint length) =>
        Write(handle, writer => writer.WriteBytes(Span(data, length)), data, length);

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_key")]
    private static Status WriteKey(nuint handle, byte* data, nuint length) =>
        Write(handle, writer => writer.WriteKey(Span(data, length)), data, length);

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_begin_list")]
    private static Status BeginList(nuint handle) => Write(handle, static writer => writer.BeginList());

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_begin_dictionary")]
    private static Status BeginDictionary(nuint handle) => Write(handle, static writer => writer.BeginDictionary());

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_end")]
    private static Status End(nuint handle) => Write(handle, static writer => writer.End());

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_finish")]
    private static Status Finish(nuint handle, byte* destination, nuint capacity, nuint* length)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.BencodeWriter, out BencodeDocument? document))
                return Guard.Handle("writer");
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;
            lock (document)
            {
                if (document.Writer.IsComplete)
                    return Output.Bytes("dst", destination, capacity, length, document.Bytes);
                return LastError.Set(Status.State, document.Writer.Depth == 0
                    ? "No value was written yet."
                    : $"{document.Writer.Depth} lists and dictionaries are open.");
            }
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_writer_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            Guard.Destroy("writer", handle, HandleKind.BencodeWriter);
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    private static Status Write(nuint handle, Action<BencodeWriter> write, byte* data = null, nuint length = 0)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.BencodeWriter, out BencodeDocument? document))
                return Guard.Handle("writer");
            Status status = Guard.CheckInput("data", data, length);
            if (status != Status.Ok)
                return status;
            lock (document)
                write(document.Writer);
            return Status.Ok;
        }
        catch (InvalidOperationException misuse)
        {
            return LastError.Set(Status.State, misuse.Message);
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    /// <summary>The caller's bytes; of more than a document can have, as many as the writer needs to refuse them.</summary>
    private static ReadOnlySpan<byte> Span(byte* data, nuint length) =>
        new(data, (int)Math.Min(length, BencodeReaderExports.LengthMax + 1));
}
