using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Exports;

/// <summary>Capabilities: part 8 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class CapabilityExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_capability_parse")]
    private static Status Parse(CapabilityInfo* info, byte* capability) =>
        ParseInside(info, capability);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status ParseInside(CapabilityInfo* info, byte* capability)
    {
        try
        {
            Status status = NativeStruct.Check("info", info, out uint size);
            ReadOnlySpan<byte> utf8 = default;
            if (status == Status.Ok)
                status = NativeText.Read("capability", capability, out utf8);
            if (status != Status.Ok)
                return status;

            CapabilityInfo parsed = default;
            using (SecretText text = new(utf8))
            {
                Span<byte> key = new(parsed.Key, AeadCipher.KeyLength);
                parsed.CanRead = Capability.Decode(text.Span, out BlobId root, out int rootLength, out int parityShards, key) ? 1u : 0;
                root.CopyTo(new Span<byte>(parsed.RootId, BlobId.Length));
                parsed.RootLength = (uint)rootLength;
                parsed.ParityShards = (uint)parityShards;
            }

            NativeStruct.Write(info, size, parsed);
            Zero(ref parsed);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_capability_format")]
    private static Status Format(byte* destination, nuint capacity, nuint* length, CapabilityInfo* info) =>
        FormatInside(destination, capacity, length, info);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status FormatInside(byte* destination, nuint capacity, nuint* length, CapabilityInfo* info)
    {
        CapabilityInfo fields = default;
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            if (status == Status.Ok)
                status = NativeStruct.Read("info", info, out fields);
            if (status != Status.Ok)
                return status;
            if (fields.CanRead > 1)
                return LastError.Set(Status.InvalidArgument, $"info->can_read is {fields.CanRead}; it is 1 or 0.");

            ReadOnlySpan<byte> key = new(fields.Key, fields.CanRead == 1 ? AeadCipher.KeyLength : 0);
            BlobId root = new(new ReadOnlySpan<byte>(fields.RootId, BlobId.Length));
            int rootLength = (int)Math.Min(fields.RootLength, int.MaxValue);
            int parityShards = (int)Math.Min(fields.ParityShards, int.MaxValue);
            return Write(destination, capacity, length, root, rootLength, parityShards, key);
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
        finally
        {
            Zero(ref fields);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_capability_to_verify")]
    private static Status ToVerify(byte* destination, nuint capacity, nuint* length, byte* capability) =>
        ToVerifyInside(destination, capacity, length, capability);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status ToVerifyInside(byte* destination, nuint capacity, nuint* length, byte* capability)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            ReadOnlySpan<byte> utf8 = default;
            if (status == Status.Ok)
                status = NativeText.Read("capability", capability, out utf8);
            if (status != Status.Ok)
                return status;

            using SecretText text = new(utf8);
            Span<byte> key = stackalloc byte[AeadCipher.KeyLength];
            Capability.Decode(text.Span, out BlobId root, out int rootLength, out int parityShards, key);
            CryptographicOperations.ZeroMemory(key);
            return Write(destination, capacity, length, root, rootLength, parityShards, default);
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    private static Status Write(
        byte* destination, nuint capacity, nuint* length, BlobId root, int rootLength, int parityShards, ReadOnlySpan<byte> key)
    {
        Span<char> text = stackalloc char[Capability.TextLengthMax];
        try
        {
            int written = Capability.Encode(root, rootLength, parityShards, key, text);
            return Output.Text("dst", destination, capacity, length, (ReadOnlySpan<char>)text[..written]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text));
        }
    }

    private static void Zero(ref CapabilityInfo info) =>
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<CapabilityInfo>(ref info)));
}
