using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Megatorrent.Core.Compression;

namespace Megatorrent.Core.Tests.Compression;

public class CompressorTests
{
    private static readonly CompressionKind[] Kinds = Enum.GetValues<CompressionKind>();

    public static TheoryData<CompressionKind> AllKinds => new(Kinds);

    public static TheoryData<CompressionKind> RealKinds => new(Kinds.Where(kind => kind != CompressionKind.None));

    [Fact]
    public void Numbers_are_frozen()
    {
        Assert.Equal(
            ["None=0", "Zstd=1", "Lz4=2", "Gzip=3", "Brotli=4"],
            Kinds.Select(kind => $"{kind}={(byte)kind}"));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Round_trip_gives_the_same_bytes(CompressionKind kind)
    {
        foreach (int length in new[] { 0, 1, 2, 63, 64, 65, 4095, 4096, 65535, 65536, 65537, 200_000, 1 << 20 })
        {
            foreach ((string name, byte[] data) in Samples(length, seed: 20))
            {
                byte[] compressed = Compress(kind, data);
                byte[] back = new byte[data.Length];
                back.AsSpan().Fill(0xAA);
                Compressor.Decompress(kind, compressed, back);
                Assert.True(data.AsSpan().SequenceEqual(back), $"{kind}, {length} bytes of {name}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Repetitive_bytes_shrink_and_random_bytes_do_not_fit(CompressionKind kind)
    {
        byte[] repetitive = Text(1 << 20, seed: 21), random = RandomBytes(1 << 20, seed: 22);
        byte[] room = new byte[(1 << 20) - 1];

        Assert.True(Compressor.TryCompress(kind, repetitive, room, out int written));
        Assert.InRange(written, 1, 700_000);
        Assert.False(Compressor.TryCompress(kind, random, room, out written));
        Assert.Equal(0, written);
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Exactly_enough_room_is_enough_and_nothing_past_it_is_written(CompressionKind kind)
    {
        byte[] data = Text(10_000, seed: 23);
        byte[] compressed = Compress(kind, data);
        byte[] room = new byte[compressed.Length + 16];
        for (int length = 0; length < compressed.Length; length += Math.Max(1, compressed.Length / 50))
        {
            room.AsSpan().Fill(0xAA);
            // a small room may also make the encoder find a shorter form; but it never reaches past it
            if (!Compressor.TryCompress(kind, data, room.AsSpan(0, length), out int shorter))
                Assert.Equal(0, shorter);
            Assert.True(room.AsSpan(length).IndexOfAnyExcept((byte)0xAA) < 0, $"{kind} wrote past {length} bytes");
        }

        // Encoders may want slack beyond the result; their stated bound is always enough, the result's own length need not be.
        Assert.True(Compressor.TryCompress(kind, data, new byte[data.Length + 1024], out int written));
        Assert.Equal(compressed.Length, written);
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void Nothing_does_not_fit_into_no_room(CompressionKind kind)
    {
        byte[] compressed = Compress(kind, []);
        Assert.False(Compressor.TryCompress(kind, [], new byte[compressed.Length - 1], out int written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Gzip_needs_no_room_beyond_its_result_and_is_of_level_2()
    {
        byte[] data = Text(200_000, seed: 33);
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = 2 }, leaveOpen: true))
        {
            for (int at = 0; at < data.Length; at += 64 << 10)
                gzip.Write(data, at, Math.Min(64 << 10, data.Length - at));
        }
        byte[] room = new byte[output.Length];
        Assert.True(Compressor.TryCompress(CompressionKind.Gzip, data, room, out int written));
        Assert.Equal(output.ToArray(), room[..written]);
        Assert.False(Compressor.TryCompress(CompressionKind.Gzip, data, room.AsSpan(1), out _));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Another_length_than_the_original_is_refused(CompressionKind kind)
    {
        byte[] data = Text(5000, seed: 24);
        byte[] compressed = Compress(kind, data);
        foreach (int length in new[] { 0, 1, 4999, 5001, 5100, 100_000 })
            Refused(kind, compressed, length, $"{length} instead of 5000 bytes");
        Refused(kind, Compress(kind, []), 1, "one byte instead of none");
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Cut_at_every_byte_is_refused(CompressionKind kind)
    {
        byte[] data = [.. Text(600, seed: 25), .. RandomBytes(200, seed: 26)];
        byte[] compressed = Compress(kind, data);
        for (int length = 0; length < compressed.Length; length++)
            Refused(kind, compressed[..length], data.Length, $"cut to {length} of {compressed.Length} bytes");
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Bytes_after_the_end_are_refused(CompressionKind kind)
    {
        byte[] data = Text(1000, seed: 27);
        byte[] compressed = Compress(kind, data);
        foreach (byte[] tail in new byte[][] { [0], [0xff], [1, 2, 3, 4, 5, 6, 7, 8, 9], compressed, Compress(kind, []) })
        {
            if (tail.Length > 0)
                Refused(kind, [.. compressed, .. tail], data.Length, $"{tail.Length} more bytes");
        }
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Nothing_is_not_a_stream(CompressionKind kind)
    {
        if (kind == CompressionKind.None)
            Compressor.Decompress(kind, [], []);
        else
            Refused(kind, [], 0, "empty source");
        Refused(kind, [], 10, "empty source");
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void A_flipped_bit_or_garbage_never_does_more_than_fail_or_give_wrong_bytes(CompressionKind kind)
    {
        const ulong Seed = 28;
        byte[] data = [.. Text(900, Seed), .. RandomBytes(100, Seed)];
        byte[] compressed = Compress(kind, data);
        byte[] guarded = new byte[data.Length + 64];
        int refused = 0;
        for (int bit = 0; bit < compressed.Length * 8; bit++)
        {
            compressed[bit / 8] ^= (byte)(1 << (bit % 8));
            refused += TryDecompressGuarded(kind, compressed, guarded, data.Length) ? 0 : 1;
            compressed[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.True(refused > compressed.Length, $"{kind}: only {refused} of {compressed.Length * 8} single-bit errors were noticed");

        var random = new SeededRandomSource(Seed);
        for (int round = 0; round < 2000; round++)
        {
            byte[] garbage = new byte[random.Next(300)];
            random.Fill(garbage);
            if (round % 2 == 0) // with the start of a good stream, which lets the decoder run
                compressed.AsSpan(0, Math.Min(random.Next(40), garbage.Length)).CopyTo(garbage);
            TryDecompressGuarded(kind, garbage, guarded, data.Length);
        }

        Compressor.Decompress(kind, compressed, guarded.AsSpan(0, data.Length)); // and the pools are none the worse
        Assert.True(data.AsSpan().SequenceEqual(guarded.AsSpan(0, data.Length)));
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void A_bomb_is_refused_within_bounded_memory(CompressionKind kind)
    {
        byte[] bomb = Compress(kind, new byte[16 << 20]);
        Assert.InRange(bomb.Length, 1, 200_000);
        Refused(kind, bomb, 1024, "warm-up");

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Refused(kind, bomb, 1024, "a bomb");
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
        Assert.InRange(each, 0, 64 << 10);
    }

    [Fact]
    public void A_zstd_frame_that_claims_1_KiB_and_holds_more_is_refused()
    {
        byte[] frame = Compress(CompressionKind.Zstd, new byte[100_000]);
        // RFC 8878 §3.1.1: descriptor 0xA0 = single segment, 4-byte content size, no checksum, no dictionary
        Assert.Equal(0xA0, frame[4]);
        Assert.Equal(100_000u, BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(5)));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(5), 1024);

        Refused(CompressionKind.Zstd, frame, 1024, "the claimed length");
        Refused(CompressionKind.Zstd, frame, 100_000, "the real length");
    }

    [Fact]
    public void A_gzip_member_whose_checksum_is_wrong_is_refused()
    {
        byte[] data = Text(1000, seed: 29);
        byte[] member = Compress(CompressionKind.Gzip, data);
        for (int i = 1; i <= 8; i++)
        {
            member[^i] ^= 1;
            Refused(CompressionKind.Gzip, member, data.Length, $"trailer byte -{i}");
            member[^i] ^= 1;
        }
    }

    [Fact]
    public void A_second_gzip_member_is_refused_also_where_its_length_is_that_of_the_first()
    {
        byte[] letter = Compress(CompressionKind.Gzip, [(byte)'a']), zero = Compress(CompressionKind.Gzip, [0]);
        Refused(CompressionKind.Gzip, [.. letter, .. zero], 1, "two members of one byte");
    }

    [Theory]
    [MemberData(nameof(RealKinds))]
    public void What_is_no_stream_is_no_byte_either(CompressionKind kind)
    {
        byte[] two = [.. Compress(kind, [1]), .. Compress(kind, [1])];
        for (int length = 0; length < 12; length++)
            Refused(kind, RandomBytes(length, seed: 34), 1, $"{length} random bytes");
        Refused(kind, two, 1, "two streams");
    }

    [Fact]
    public void Gzip_and_Brotli_are_those_of_other_programs()
    {
        byte[] data = Text(70_000, seed: 30);
        using var gzip = new GZipStream(new MemoryStream(Compress(CompressionKind.Gzip, data)), CompressionMode.Decompress);
        using var brotli = new BrotliStream(new MemoryStream(Compress(CompressionKind.Brotli, data)), CompressionMode.Decompress);
        foreach (Stream stream in new Stream[] { gzip, brotli })
        {
            using var output = new MemoryStream();
            stream.CopyTo(output);
            Assert.True(data.AsSpan().SequenceEqual(output.ToArray()), stream.GetType().Name);
        }
    }

    [Theory] // printf 'hello hello hello hello\n' through the programs gzip -n (1.12) and zstd (1.5.4); the LZ4 block is written by hand
    [InlineData(CompressionKind.Gzip, "1f8b0800000000000003cb48cdc9c957c84027b9000088590b18000000")]
    [InlineData(CompressionKind.Zstd, "28b52ffd24186d00003868656c6c6f200a0100994b11a87c2ea8")] // with a checksum
    [InlineData(CompressionKind.Zstd, "28b52ffd20186d00003868656c6c6f200a0100994b11")] // without
    [InlineData(CompressionKind.Lz4, "6968656c6c6f20060050656c6c6f0a")] // 6 literals, 13 bytes from 6 back, 5 literals
    public void Streams_of_other_programs_are_read(CompressionKind kind, string stream)
    {
        byte[] expected = "hello hello hello hello\n"u8.ToArray();
        byte[] output = new byte[expected.Length];
        Compressor.Decompress(kind, Convert.FromHexString(stream), output);
        Assert.Equal(expected, output);
    }

    [Fact]
    public void Unknown_kind_is_an_argument_error()
    {
        Assert.Throws<ArgumentException>(() => Compressor.TryCompress((CompressionKind)5, [1], new byte[9], out _));
        Assert.Throws<ArgumentException>(() => Compressor.Decompress((CompressionKind)5, [1], new byte[1]));
    }

    [Fact]
    public void Many_threads_compress_at_once()
    {
        byte[][] data = [.. Enumerable.Range(0, 64).Select(i => Text(50_000, (ulong)i))];
        Parallel.For(0, data.Length, i =>
        {
            CompressionKind kind = Kinds[i % Kinds.Length];
            byte[] back = new byte[data[i].Length];
            Compressor.Decompress(kind, Compress(kind, data[i]), back);
            Assert.True(data[i].AsSpan().SequenceEqual(back), $"{kind}, seed {i}");
        });
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(4096)]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(1 << 20)]
    public void Probe_tells_text_from_random_bytes(int length)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Assert.True(Compressor.LooksCompressible(Text(length, seed)), $"text, {length} bytes, seed {seed}");
            Assert.False(Compressor.LooksCompressible(RandomBytes(length, seed)), $"random, {length} bytes, seed {seed}");
            Assert.True(Compressor.LooksCompressible(new byte[length]), $"zeros, {length} bytes");
        }
    }

    [Fact]
    public void Probe_sees_repeated_strings_of_evenly_used_bytes()
    {
        byte[] block = RandomBytes(1024, seed: 31);
        byte[] data = new byte[1 << 20];
        for (int i = 0; i < data.Length; i += block.Length)
            block.CopyTo(data, i);
        Assert.True(Compressor.LooksCompressible(data));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Probe_looks_at_the_first_and_the_last_bytes_and_twice_between(int sample)
    {
        const int length = 1 << 20, sampleLength = 4096;
        byte[] data = RandomBytes(length, seed: 35);
        data.AsSpan(sample * ((length - sampleLength) / 3), sampleLength).Clear();
        Assert.True(Compressor.LooksCompressible(data));
    }

    [Fact]
    public void Probe_says_no_to_what_is_compressed_already()
    {
        byte[] text = Text(4 << 20, seed: 32);
        foreach (CompressionKind kind in new[] { CompressionKind.Zstd, CompressionKind.Gzip, CompressionKind.Brotli })
            Assert.False(Compressor.LooksCompressible(Compress(kind, text)), kind.ToString());
        Assert.False(Compressor.LooksCompressible([]));
        Assert.False(Compressor.LooksCompressible(new byte[63]));
    }

    private static byte[] Compress(CompressionKind kind, byte[] data)
    {
        byte[] room = new byte[data.Length + data.Length / 100 + 1024];
        Assert.True(Compressor.TryCompress(kind, data, room, out int written), $"{kind}, {data.Length} bytes");
        return room[..written];
    }

    private static void Refused(CompressionKind kind, byte[] stream, int length, string what)
    {
        byte[] output = new byte[length];
        var exception = Record.Exception(() => Compressor.Decompress(kind, stream, output));
        Assert.True(
            exception is MegatorrentException { Kind: ErrorKind.Integrity }, $"{kind}, {what}: {exception?.GetType().Name ?? "accepted"}");
    }

    private static bool TryDecompressGuarded(CompressionKind kind, byte[] stream, byte[] guarded, int length)
    {
        guarded.AsSpan(length).Fill(0x5C);
        try
        {
            Compressor.Decompress(kind, stream, guarded.AsSpan(0, length));
            return true;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Integrity)
        {
            return false;
        }
        finally
        {
            Assert.True(guarded.AsSpan(length).IndexOfAnyExcept((byte)0x5C) < 0, $"{kind} wrote past the destination");
        }
    }

    private static IEnumerable<(string Name, byte[] Data)> Samples(int length, ulong seed)
    {
        yield return ("zeros", new byte[length]);
        yield return ("text", Text(length, seed));
        yield return ("random bytes", RandomBytes(length, seed));
        byte[] mixed = Text(length, seed);
        RandomBytes(length / 2, seed).CopyTo(mixed, length / 4);
        yield return ("a mixture", mixed);
    }

    private static byte[] RandomBytes(int length, ulong seed)
    {
        byte[] data = new byte[length];
        new SeededRandomSource(seed).Fill(data);
        return data;
    }

    // Words of a small vocabulary in random order: compresses about as well as prose.
    private static byte[] Text(int length, ulong seed)
    {
        string[] words = ["stripe ", "parity ", "of ", "the ", "repair ", "node, ", "and ", "a ", "chunk ", "lost ", "store\n", "every "];
        var random = new SeededRandomSource(seed);
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
            text.Append(words[random.Next(words.Length)]);
        return System.Text.Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
