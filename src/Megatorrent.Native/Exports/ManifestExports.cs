using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Exports;

/// <summary>Reading manifests: part 8 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class ManifestExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_open")]
    private static Status Open(nuint* output, byte* blob, nuint length, byte* key)
    {
        try
        {
            if (output is null)
                return Guard.Null("out");
            Status status = Guard.CheckInput("blob", blob, length);
            if (status == Status.Ok)
                status = Guard.CheckLength("length", length);
            if (status != Status.Ok)
                return status;
            if (length > Manifest.EncodedLengthMax)
            {
                return LastError.Set(
                    Status.Malformed, $"length is {length}; no manifest is longer than {Manifest.EncodedLengthMax} bytes.");
            }

            ReadOnlySpan<byte> bytes = new(blob, (int)length);
            Manifest manifest = key is null
                ? Manifest.ReadPublic(bytes)
                : Manifest.Open(bytes, new ReadOnlySpan<byte>(key, AeadCipher.KeyLength));
            *output = HandleTable.Shared.Add(HandleKind.Manifest, new ManifestObject(manifest, hasKeys: key is not null));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_get_info")]
    private static Status GetInfo(nuint handle, ManifestInfo* info)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = NativeStruct.Check("info", info, out uint size);
            if (status != Status.Ok)
                return status;
            lock (manifest)
            {
                NativeStruct.Write(info, size, new ManifestInfo
                {
                    Kind = (uint)manifest.Kind,
                    Mode = (uint)manifest.Mode,
                    StreamCount = (uint)manifest.StreamCount,
                    ModifiedUnixNs = manifest.ModifiedUnixNs,
                    HasKeys = manifest.HasKeys ? 1u : 0,
                });
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_get_name")]
    private static Status GetName(nuint handle, byte* destination, nuint capacity, nuint* length)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = Output.Check("dst", destination, capacity, length);
            if (status != Status.Ok)
                return status;

            string name = manifest.Name;
            if (name.Contains('\0'))
                return LastError.Set(Status.Malformed, "The name in the manifest has a NUL character in it.");
            return Output.Text("dst", destination, capacity, length, name);
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_get_stream")]
    private static Status GetStream(nuint handle, ManifestStreamInfo* info, uint streamIndex)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = NativeStruct.Check("stream", info, out uint size);
            if (status != Status.Ok)
                return status;
            lock (manifest)
            {
                if (manifest.FindStream(streamIndex) is not { } stream)
                    return NoStream(manifest, streamIndex);
                NativeStruct.Write(info, size, new ManifestStreamInfo
                {
                    Depth = (uint)stream.Depth,
                    Length = (ulong)stream.Length,
                    StripeCount = (uint)stream.Nodes.Count,
                });
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_get_stripe")]
    private static Status GetStripe(nuint handle, StripeInfo* info, uint streamIndex, uint stripeIndex) =>
        GetStripeInside(handle, info, streamIndex, stripeIndex);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status GetStripeInside(nuint handle, StripeInfo* info, uint streamIndex, uint stripeIndex)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = NativeStruct.Check("stripe", info, out uint size);
            if (status != Status.Ok)
                return status;
            lock (manifest)
            {
                status = FindStripe(manifest, streamIndex, stripeIndex, out _, out StripeDescriptor? stripe);
                if (status != Status.Ok)
                    return status;
                StripeInfo found = new()
                {
                    DataShards = (uint)stripe!.DataShards,
                    ParityShards = (uint)stripe.ParityShards,
                    ShardLength = (uint)stripe.ShardLength,
                    IdCount = (uint)stripe.Ids.Length,
                };
                stripe.Id.CopyTo(new Span<byte>(found.Id, BlobId.Length));
                NativeStruct.Write(info, size, found);
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_get_blob")]
    private static Status GetBlob(nuint handle, StripeBlobInfo* info, uint streamIndex, uint stripeIndex, uint blobIndex) =>
        GetBlobInside(handle, info, streamIndex, stripeIndex, blobIndex);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status GetBlobInside(nuint handle, StripeBlobInfo* info, uint streamIndex, uint stripeIndex, uint blobIndex)
    {
        try
        {
            if (!HandleTable.Shared.TryGet(handle, HandleKind.Manifest, out ManifestObject? manifest))
                return Guard.Handle("manifest");
            Status status = NativeStruct.Check("blob", info, out uint size);
            if (status != Status.Ok)
                return status;
            lock (manifest)
            {
                if (manifest.IsDisposed)
                    return Guard.Handle("manifest");
                status = FindStripe(manifest, streamIndex, stripeIndex, out ManifestStream? stream, out StripeDescriptor? stripe);
                if (status != Status.Ok)
                    return status;
                if (blobIndex >= (uint)stripe!.Ids.Length)
                {
                    return LastError.Set(
                        Status.InvalidArgument, $"blob_index is {blobIndex}; the stripe has {stripe.Ids.Length} blobs, numbered from 0.");
                }

                StripeBlobInfo found = new() { Length = (uint)stripe.LengthOf((int)blobIndex) };
                stripe.Ids[(int)blobIndex].CopyTo(new Span<byte>(found.Id, BlobId.Length));
                if (manifest.HasKeys && blobIndex < (uint)stripe.DataShards)
                {
                    int index = manifest.CountBlobsBefore(streamIndex, stream!, stripeIndex) + (int)blobIndex;
                    found.HasKey = 1;
                    found.PlaintextLength = (ulong)stream!.Lengths[index];
                    ReadOnlySpan<byte> key = stream.Keys.Span.Slice(index * AeadCipher.KeyLength, AeadCipher.KeyLength);
                    key.CopyTo(new Span<byte>(found.Key, AeadCipher.KeyLength));
                }

                NativeStruct.Write(info, size, found);
            }

            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_manifest_destroy")]
    private static void Destroy(nuint handle)
    {
        try
        {
            if (handle == 0)
                return;
            if (!HandleTable.Shared.TryRemove(handle, HandleKind.Manifest, out ManifestObject? manifest))
            {
                Guard.Handle("manifest");
                return;
            }

            lock (manifest)
                manifest.Dispose();
        }
        catch (Exception exception)
        {
            LastError.Set(exception);
        }
    }

    private static Status FindStripe(
        ManifestObject manifest, uint streamIndex, uint stripeIndex, out ManifestStream? stream, out StripeDescriptor? stripe)
    {
        stripe = null;
        stream = manifest.FindStream(streamIndex);
        if (stream is null)
            return NoStream(manifest, streamIndex);
        if (stripeIndex >= (uint)stream.Nodes.Count)
        {
            return LastError.Set(
                Status.InvalidArgument, $"stripe_index is {stripeIndex}; the stream has {stream.Nodes.Count} stripes, numbered from 0.");
        }
        stripe = stream.Nodes[(int)stripeIndex];
        return Status.Ok;
    }

    private static Status NoStream(ManifestObject manifest, uint streamIndex) => LastError.Set(
        Status.InvalidArgument, $"stream_index is {streamIndex}; the manifest has {manifest.StreamCount} streams, numbered from 0.");
}
