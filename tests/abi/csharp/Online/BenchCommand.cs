using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>The argument bench: what the calls cost that other languages make across the C interface, made here without it.</summary>
internal static class BenchCommand
{
    private const int Batches = 7;
    private const int Gets = 3;
    private const int OneMebibyte = 1 << 20;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(50);

    private static uint _version = 1;

    /// <summary>Measures and prints.</summary>
    /// <param name="capability">A file to read, or null.</param>
    public static async Task RunAsync(string? capability)
    {
        Measure("empty", 0, static count =>
        {
            for (long i = 0; i < count; i++)
                Version();
        });

        byte[] small = RandomNumberGenerator.GetBytes(64), hash = new byte[Sha256.HashLength];
        Measure("sha256-64", small.Length, count =>
        {
            for (long i = 0; i < count; i++)
                Sha256.Hash(small, hash);
        });

        byte[] chunk = RandomNumberGenerator.GetBytes(OneMebibyte), blob = new byte[BlobSealer.Bound(OneMebibyte)], key = new byte[AeadCipher.KeyLength];
        Measure("seal-1m", chunk.Length, count =>
        {
            for (long i = 0; i < count; i++)
            {
                int length = BlobSealer.Seal(chunk, blob, CipherSuite.Aes256Gcm, CompressionKind.None, default, SystemRandomSource.Instance, key);
                Sha256.Hash(blob.AsSpan(0, length), hash); // the id, which mt_blob_seal gives too
            }
        });

        var code = new ReedSolomon(4, 2);
        ReadOnlyMemory<byte>[] data = [.. Enumerable.Range(0, 4).Select(i => (ReadOnlyMemory<byte>)chunk.AsMemory(i * OneMebibyte / 4, OneMebibyte / 4))];
        Memory<byte>[] parity = [new byte[OneMebibyte / 4], new byte[OneMebibyte / 4]];
        Measure("encode-1m", chunk.Length, count =>
        {
            for (long i = 0; i < count; i++)
                code.Encode(data, parity);
        });

        if (capability is not null)
            await ClusterAccess.WithClientAsync(client => GetAsync(client, Capability.Parse(capability)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Version() => _version;

    private static async Task GetAsync(Client.MegatorrentClient client, Capability capability)
    {
        long length = (await client.ListAsync(capability)).Length;
        var memory = new byte[length];
        List<double> times = [];
        for (int i = 0; i < Gets; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using var destination = new MemoryStream(memory);
            await client.CatAsync(capability, destination);
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        Print("get-256m", times, length);
    }

    // The loop is in the batch, so that nothing stands between it and the call.
    private static void Measure(string name, long bytes, Action<long> batch)
    {
        long count = 1;
        while (Time(batch, count) < BatchTime) // the compiler is done with it by then, too
            count *= 2;
        Print(name, [.. Enumerable.Range(0, Batches).Select(_ => Time(batch, count).TotalNanoseconds / count)], bytes);
    }

    private static TimeSpan Time(Action<long> batch, long count)
    {
        long start = Stopwatch.GetTimestamp();
        batch(count);
        return Stopwatch.GetElapsedTime(start);
    }

    private static void Print(string name, List<double> times, long bytes)
    {
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench {name} {times[times.Count / 2]:F2} {bytes}"));
    }
}
