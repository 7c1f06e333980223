using System.Runtime.InteropServices;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Native.Exports;

/// <summary>Reading bencode: part 7 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class BencodeReaderExports
{
    /// <summary>The longest document that is read or written, in bytes: <c>MT_BENCODE_LENGTH_MAX</c>.</summary>
    public const int LengthMax = 16 * 1024 * 1024;

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_reader_create")]
    private static Status Create(nuint* output, byte* data, nuint length)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            Status status = Guard.CheckInput("data", data, length);
            if (status != Status.Ok)
                return status;
            if (length > LengthMax)
                return LastError.Set(Status.LimitExceeded, $"length is {length}; a document has at most {LengthMax} bytes.");

            BencodeTokenReader reader = new(new ReadOnlySpan<byte>(data, (int)length));
            *output = HandleTable.Shared.Add(HandleKind.BencodeReader, reader);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_reader_next")]
    private static Status ReadNext(nuint handle, BencodeTokenInfo* token)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.BencodeReader, out BencodeTokenReader? reader))
                return Guard.Handle("reader");
            Status status = NativeStruct.Check("token", token, out uint size);
            if (status != Status.Ok)
                return status;

            BencodeToken next;
            lock (reader)
                next = reader.Next();
            NativeStruct.Write(token, size, new BencodeTokenInfo
            {
                Type = (uint)next.Kind,
                Depth = (uint)next.Depth,
                Integer = next.Integer,
                Offset = (nuint)next.Offset,
                Length = (nuint)next.Length,
            });
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_reader_skip")]
    private static Status Skip(nuint handle)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.BencodeReader, out BencodeTokenReader? reader))
                return Guard.Handle("reader");
            lock (reader)
            {
                return reader.TrySkipValue()
                    ? Status.Ok
                    : LastError.Set(Status.State, "No value is next, but a key, the end of a list or dictionary, or that of the document.");
            }
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_bencode_reader_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            Guard.Destroy("reader", handle, HandleKind.BencodeReader);
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }
}
