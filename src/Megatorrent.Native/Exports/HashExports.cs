using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Native.Exports;

/// <summary>SHA-256 and Merkle trees: part 3 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class HashExports
{
    /// <summary>Messages that are handed to the multi-buffer hash at once; bounds the memory that a call takes.</summary>
    private const int BatchCount = 256;

    [UnmanagedCallersOnly(EntryPoint = "mt_sha256_length")]
    private static nuint GetLength() => Sha256.HashLength;

    [UnmanagedCallersOnly(EntryPoint = "mt_sha256")]
    private static Status HashOne(byte* output, byte* data, nuint length)
    {
        try
        {
            if (output is null)
                return Guard.Null("out32");
            if (data is null && length != 0)
                return Guard.Null("data");
            if (length > (nuint)nint.MaxValue)
                return Guard.Length("length", length);
            if (Guard.Overlap(output, Sha256.HashLength, data, length))
                return Guard.Overlap("out32", "data");

            Hash(data, length, output);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_sha256_many")]
    private static Status HashMany(byte* output, byte** data, nuint* lengths, nuint count)
    {
        try
        {
            if (count == 0)
                return Status.Ok;
            if (output is null || data is null || lengths is null)
                return Guard.Null(output is null ? "out" : data is null ? "data" : "lengths");
            if (count > (nuint)nint.MaxValue / Sha256.HashLength)
                return LastError.Set(Status.Length, $"count is {count}; so many hashes cannot lie in memory.");

            for (nuint i = 0; i < count; i++)
            {
                if (data[i] is null && lengths[i] != 0)
                    return Guard.NullElement("data", i);
                if (lengths[i] > (nuint)nint.MaxValue)
                    return Guard.Length($"lengths[{i}]", lengths[i]);
            }

            // The arrays too: a hash that lands in one would send the rest of the call anywhere.
            nuint outputLength = count * Sha256.HashLength;
            if (Guard.Overlap(output, outputLength, data, count * (nuint)sizeof(byte*))
                || Guard.Overlap(output, outputLength, lengths, count * (nuint)sizeof(nuint)))
            {
                return Guard.Overlap("out", "data or lengths");
            }

            for (nuint i = 0; i < count; i++)
            {
                if (Guard.Overlap(output, outputLength, data[i], lengths[i]))
                    return Guard.Overlap("out", $"data[{i}]");
            }

            HashBatches(output, data, lengths, count);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_merkle_root")]
    private static Status GetMerkleRoot(byte* output, byte* data, nuint length)
    {
        try
        {
            if (output is null)
                return Guard.Null("out32");
            if (data is null && length != 0)
                return Guard.Null("data");
            if (length > (nuint)nint.MaxValue)
                return Guard.Length("length", length);
            if (length > int.MaxValue)
                return LastError.Set(Status.LimitExceeded, $"length is {length}; in one call it is at most {int.MaxValue}.");
            if (Guard.Overlap(output, MerkleTree.HashLength, data, length))
                return Guard.Overlap("out32", "data");

            MerkleTree.Build(new ReadOnlySpan<byte>(data, (int)length)).Root.CopyTo(new Span<byte>(output, MerkleTree.HashLength));
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    private static void HashBatches(byte* output, byte** data, nuint* lengths, nuint count)
    {
        PointerMemory[] pointers = new PointerMemory[(int)Math.Min(count, BatchCount)];
        ReadOnlyMemory<byte>[] messages = new ReadOnlyMemory<byte>[pointers.Length];
        for (int i = 0; i < pointers.Length; i++)
            pointers[i] = new PointerMemory();

        for (nuint first = 0; first < count;)
        {
            // A run of messages that a span can hold, up to the next that it cannot.
            int run = 0;
            while (run < pointers.Length && first + (nuint)run < count && lengths[first + (nuint)run] <= int.MaxValue)
            {
                nuint i = first + (nuint)run;
                messages[run] = pointers[run].Show(data[i], (int)lengths[i]);
                run++;
            }

            byte* hashes = output + (first * Sha256.HashLength);
            if (run == 0)
                Hash(data[first], lengths[first], hashes);
            else
                Sha256.HashMany(messages.AsSpan(0, run), new Span<byte>(hashes, run * Sha256.HashLength));
            first += (nuint)Math.Max(1, run);
        }
    }

    private static void Hash(byte* data, nuint length, byte* output)
    {
        Span<byte> hash = new(output, Sha256.HashLength);
        if (length <= int.MaxValue)
        {
            Sha256.Hash(new ReadOnlySpan<byte>(data, (int)length), hash);
            return;
        }

        // Longer than a span can be: in pieces.
        using IncrementalHash incremental = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (length > 0)
        {
            int piece = (int)Math.Min(length, 1 << 30);
            incremental.AppendData(new ReadOnlySpan<byte>(data, piece));
            data += piece;
            length -= (nuint)piece;
        }

        incremental.GetHashAndReset(hash);
    }
}
