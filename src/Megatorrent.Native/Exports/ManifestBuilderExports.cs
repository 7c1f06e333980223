using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Exports;

/// <summary>Making manifests: part 8 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ManifestBuilderExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_create")]
    private static Status Create(nuint* output, ManifestInfo* info, byte* name)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            Status status = NativeStruct.Read("info", info, out ManifestInfo fields);
            string text = "";
            if (status == Status.Ok && name is not null)
                status = NativeText.Read("name", name, out text);
            if (status != Status.Ok)
                return status;
            if (fields.Reserved != 0)
                return LastError.Set(Status.Unsupported, $"info->reserved is {fields.Reserved}; it must be 0.");
            if (fields.StreamCount != 0 || fields.HasKeys != 0)
                return LastError.Set(Status.InvalidArgument, "info->stream_count and info->has_keys must be 0: streams are added later.");

            // Clamped to what an int holds, and refused by the builder.
            ManifestBuilder builder = new(
                (ManifestKind)Math.Min(fields.Kind, int.MaxValue), text, (int)Math.Min(fields.Mode, int.MaxValue), fields.ModifiedUnixNs);
            *output = HandleTable.Shared.Add(HandleKind.Manifest, new ManifestObject(builder));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_add_stream")]
    private static Status AddStream(nuint handle, uint depth)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            lock (manifest)
            {
                if (manifest.Builder is not { } builder)
                    return Opened();
                builder.AddStream((int)Math.Min(depth, int.MaxValue));
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_add_stripe")]
    private static Status AddStripe(
        nuint handle, uint dataShards, uint parityShards, byte* ids, uint* lengths, byte* keys, ulong* plaintextLengths)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            if (ids is null || lengths is null)
                return Guard.Null(ids is null ? "ids" : "lengths");
            if (keys is null || plaintextLengths is null)
                return Guard.Null(keys is null ? "keys" : "plaintext_lengths");
            lock (manifest)
            {
                if (manifest.IsDisposed)
                    return Guard.Handle("manifest");
                if (manifest.Builder is not { } builder)
                    return Opened();
                if (builder.StreamCount == 0)
                    return LastError.Set(Status.State, "The manifest has no stream yet; add one first.");
                return AddStripe(builder, dataShards, parityShards, ids, lengths, keys, plaintextLengths);
            }
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_seal")]
    private static Status Seal(
        nuint handle, byte* destination, nuint capacity, nuint* length, byte* id, byte* key, BlobOptions* options) =>
        SealInside(handle, destination, capacity, length, id, key, options);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status SealInside(
        nuint handle, byte* destination, nuint capacity, nuint* length, byte* id, byte* key, BlobOptions* options)
    {
        Span<byte> fresh = stackalloc byte[AeadCipher.KeyLength];
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok && (id is null || key is null))
                return Guard.Null(id is null ? "id32" : "key32");
            BlobOptions how = default;
            if (status == Status.Ok)
                status = BlobOptions.Read(options, out how);
            if (status == Status.Ok)
            {
                status = Guard.Apart(
                    [new("dst", destination, capacity), new("id32", id, BlobId.Length), new("key32", key, AeadCipher.KeyLength)],
                    [new("tenant_secret32", how.TenantSecret32, (nuint)how.TenantSecret.Length)]);
            }

            if (status != Status.Ok)
                return status;

            byte[] blob;
            lock (manifest)
            {
                if (manifest.IsDisposed)
                    return Guard.Handle("manifest");
                if (manifest.Whole is not { } whole)
                    return NotWhole(manifest);
                blob = whole.Seal(how.ToSuite(), how.TenantSecret, SystemRandomSource.Instance, fresh);
            }

            status = Output.Bytes("dst", destination, capacity, length, blob);
            if (status == Status.Ok)
            {
                BlobId.Of(blob).CopyTo(new Span<byte>(id, BlobId.Length));
                fresh.CopyTo(new Span<byte>(key, AeadCipher.KeyLength));
            }

            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fresh);
        }
    }

    private static Status AddStripe(
        ManifestBuilder builder, uint dataShards, uint parityShards, byte* ids, uint* lengths, byte* keys, ulong* plaintextLengths)
    {
        // Before anything is read: the counts say how much there is.
        if (dataShards == 0 || (ulong)dataShards + parityShards > ReedSolomon.MaxShards)
        {
            return LastError.Set(
                Status.InvalidArgument,
                $"No stripe is {dataShards}+{parityShards}: it has at least 1 data blob, and at most {ReedSolomon.MaxShards} in all.");
        }

        int dataCount = (int)dataShards;
        BlobId[] idArray = new BlobId[dataCount == 1 ? 1 : dataCount + (int)parityShards];
        new ReadOnlySpan<byte>(ids, idArray.Length * BlobId.Length).CopyTo(MemoryMarshal.AsBytes(idArray.AsSpan()));
        int[] lengthArray = new int[dataCount];
        long[] plaintexts = new long[dataCount];
        for (int i = 0; i < dataCount; i++)
        {
            if (lengths[i] is 0 or > BlobSealer.BlobLengthMax)
            {
                return LastError.Set(
                    Status.InvalidArgument, $"lengths[{i}] is {lengths[i]}; a blob has 1 to {BlobSealer.BlobLengthMax} bytes.");
            }
            if (plaintextLengths[i] > long.MaxValue)
            {
                return LastError.Set(
                    Status.InvalidArgument, $"plaintext_lengths[{i}] is {plaintextLengths[i]}; that is more than any object has.");
            }
            lengthArray[i] = (int)lengths[i];
            plaintexts[i] = (long)plaintextLengths[i];
        }

        builder.AddStripe(
            new StripeDescriptor((int)parityShards, idArray, lengthArray),
            new ReadOnlySpan<byte>(keys, dataCount * AeadCipher.KeyLength),
            plaintexts);
        return Status.Ok;
    }

    private static Status Opened() => LastError.Set(Status.State, "The manifest was opened, not made: nothing can be added to it.");

    private static Status NotWhole(ManifestObject manifest) => LastError.Set(
        Status.State,
        manifest.Builder is null
            ? "The manifest was opened without its key: what would have to be sealed is not there."
            : $"The manifest has {manifest.StreamCount} streams; one of kind {manifest.Kind} has {Manifest.StreamCount(manifest.Kind)}.");
}
