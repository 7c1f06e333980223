using System.Runtime.InteropServices;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Exports;

/// <summary>Blobs: part 5 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class BlobExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_blob_bound")]
    private static nuint GetBound(nuint length) =>
        length <= BlobHeader.PlaintextLengthMax ? (nuint)BlobSealer.Bound((int)length) : 0;

    [UnmanagedCallersOnly(EntryPoint = "mt_blob_seal")]
    private static Status Seal(
        byte* destination, nuint capacity, nuint* length, byte* id, byte* key, byte* source, nuint sourceLength, BlobOptions* options)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok && (id is null || key is null))
                status = Guard.Null(id is null ? "id32" : "key32");
            if (status == Status.Ok)
                status = Guard.CheckInput("src", source, sourceLength);
            if (status != Status.Ok)
                return status;
            if (sourceLength > BlobHeader.PlaintextLengthMax)
            {
                return LastError.Set(
                    Status.LimitExceeded, $"src_length is {sourceLength}; a chunk has at most {BlobHeader.PlaintextLengthMax} bytes.");
            }

            int bound = BlobSealer.Bound((int)sourceLength);
            if (capacity < (nuint)bound)
                return Output.TooSmall("dst", capacity, length, (nuint)bound);
            status = BlobOptions.Read(options, out BlobOptions how);
            if (status == Status.Ok)
            {
                status = Guard.Apart(
                    [new("dst", destination, capacity), new("id32", id, BlobId.Length), new("key32", key, AeadCipher.KeyLength)],
                    [new("src", source, sourceLength), new("tenant_secret32", how.TenantSecret32, (nuint)how.TenantSecret.Length)]);
            }

            if (status != Status.Ok)
                return status;

            Span<byte> blob = new(destination, bound);
            int written = BlobSealer.Seal(
                new ReadOnlySpan<byte>(source, (int)sourceLength),
                blob,
                how.ToSuite(),
                how.ToCompression(),
                how.TenantSecret,
                SystemRandomSource.Instance,
                new Span<byte>(key, AeadCipher.KeyLength));
            Sha256.Hash(blob[..written], new Span<byte>(id, BlobId.Length));
            *length = (nuint)written;
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_blob_open")]
    private static Status Open(byte* destination, nuint capacity, nuint* length, byte* key, byte* source, nuint sourceLength)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok)
                status = key is null ? Guard.Null("key32") : Guard.CheckInput("src", source, sourceLength);
            if (status == Status.Ok)
                status = Guard.CheckLength("src_length", sourceLength);
            if (status == Status.Ok)
            {
                status = Guard.Apart(
                    [new("dst", destination, capacity)], [new("key32", key, AeadCipher.KeyLength), new("src", source, sourceLength)]);
            }

            ReadOnlySpan<byte> blob = default;
            BlobHeader header = default;
            if (status == Status.Ok)
                status = ReadHeader(source, sourceLength, out blob, out header);
            if (status != Status.Ok)
                return status;
            if (capacity < (nuint)header.PlaintextLength)
                return Output.TooSmall("dst", capacity, length, (nuint)header.PlaintextLength);

            Span<byte> chunk = new(destination, header.PlaintextLength);
            *length = (nuint)BlobSealer.Open(blob, new ReadOnlySpan<byte>(key, AeadCipher.KeyLength), chunk);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_blob_inspect")]
    private static Status Inspect(BlobInfo* info, byte* source, nuint sourceLength)
    {
        try
        {
            Status status = NativeStruct.Check("info", info, out uint size);
            if (status == Status.Ok)
                status = Guard.CheckInput("src", source, sourceLength);
            if (status == Status.Ok)
                status = Guard.CheckLength("src_length", sourceLength);
            BlobHeader header = default;
            if (status == Status.Ok)
                status = ReadHeader(source, sourceLength, out _, out header);
            if (status == Status.Ok)
            {
                NativeStruct.Write(info, size, new BlobInfo
                {
                    Suite = (uint)header.Suite,
                    Compression = Constants.FromCompression(header.Compression),
                    PlaintextLength = (uint)header.PlaintextLength,
                });
            }

            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    /// <summary>Reads the header. More than a span can hold is no blob.</summary>
    private static Status ReadHeader(byte* source, nuint sourceLength, out ReadOnlySpan<byte> blob, out BlobHeader header)
    {
        if (sourceLength > BlobSealer.BlobLengthMax)
        {
            blob = default;
            header = default;
            return LastError.Set(Status.Malformed, $"src_length is {sourceLength}; no blob has over {BlobSealer.BlobLengthMax} bytes.");
        }

        blob = new ReadOnlySpan<byte>(source, (int)sourceLength);
        header = BlobHeader.Decode(blob);
        return Status.Ok;
    }
}
