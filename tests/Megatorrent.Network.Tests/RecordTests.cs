using System.Runtime.InteropServices;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network.Tests;

/// <summary>What a record writer takes, a record reader gives, whatever the lengths; and a record straight to its place.</summary>
public class RecordTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_appended_arrives(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        var (sending, receiving) = Ciphers();
        using NoiseCipher send = sending, receive = receiving;
        var line = new Line();
        var writer = new RecordWriter(line, send);
        using var reader = new RecordReader(line, receive);
        for (int round = 0; round < 60; round++)
        {
            var expected = new List<byte>();
            while (writer.Room > 0 && random.Next(40) > 0)
            {
                int header = random.Next(random.Next(2) == 0 ? 40 : 20_000);
                int most = Math.Max(0, writer.RoomAfter(header));
                Append(Math.Min(header, writer.Room));
                if (random.Next(2) == 0)
                    Append(random.Next(4) == 0 ? most : Math.Min(most, random.Next(random.Next(2) == 0 ? 300 : 300_000)));
            }
            await writer.FlushAsync();
            Assert.True(writer.IsEmpty);
            Assert.True(line.Written <= 8 * RecordFormat.MaxSealed, $"seed {seed}, round {round}: a batch of {line.Written} bytes");
            line.Written = 0;
            var received = new List<byte>();
            while (received.Count < expected.Count)
                received.AddRange(await ReadAsync(direct: random.Next(2) == 0));
            Assert.True(expected.SequenceEqual(received), $"seed {seed}, round {round}");

            void Append(int length)
            {
                byte[] bytes = new byte[length];
                random.Fill(bytes);
                writer.Append(bytes);
                expected.AddRange(bytes);
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append(new byte[writer.Room + 1]));
        writer.Release();

        async Task<byte[]> ReadAsync(bool direct)
        {
            Assert.True(await reader.ReadSealedAsync());
            if (!direct)
                return reader.Open().ToArray();
            byte[] place = new byte[reader.SealedLength];
            new DataPiece(reader).MoveTo(place);
            Assert.Equal(0, reader.SealedLength);
            return place;
        }
    }

    [Fact]
    public async Task A_changed_record_leaves_zeros_in_its_place_and_ends_the_stream()
    {
        var (sending, receiving) = Ciphers();
        using NoiseCipher send = sending, receive = receiving;
        var line = new Line();
        var writer = new RecordWriter(line, send);
        using var reader = new RecordReader(line, receive);
        writer.Append(new byte[20_000]);
        await writer.FlushAsync();
        writer.Release();
        line.Change(10_000);
        Assert.True(await reader.ReadSealedAsync());
        byte[] place = [.. Enumerable.Repeat((byte)7, 20_001)];
        var refused = Assert.Throws<MegatorrentException>(() => new DataPiece(reader).MoveTo(place));
        Assert.Equal(ErrorKind.Integrity, refused.Kind);
        Assert.True(place.AsSpan(0, 20_000).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(7, place[20_000]);
    }

    private static (NoiseCipher Send, NoiseCipher Receive) Ciphers()
    {
        var random = new SeededRandomSource(1);
        byte[] secret = new byte[32];
        random.Fill(secret);
        using var initiator = new NoiseHandshake(true, CipherSuite.Aes256Gcm, secret, random, default);
        random.Fill(secret);
        using var responder = new NoiseHandshake(false, CipherSuite.Aes256Gcm, secret, random, default);
        byte[] message = new byte[NoiseHandshake.MaxMessage], payload = new byte[NoiseHandshake.MaxMessage];
        NoiseHandshake writing = initiator, reading = responder;
        for (int i = 0; i < NoiseHandshake.MessageCount; i++)
        {
            int length = writing.WriteMessage(default, message);
            reading.ReadMessage(message.AsSpan(0, length), payload);
            (writing, reading) = (reading, writing);
        }
        var (send, receiveUnused) = initiator.Split();
        var (sendUnused, receive) = responder.Split();
        receiveUnused.Dispose();
        sendUnused.Dispose();
        return (send, receive);
    }

    /// <summary>What is written can be read, at most 5000 bytes at a time.</summary>
    private sealed class Line : ITransportConnection
    {
        private readonly List<byte> _bytes = [];

        public long Written { get; set; }

        public string RemoteEndpoint => "line";

        public void Change(int index) => _bytes[index] ^= 1;

        public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
        {
            int count = Math.Min(5000, Math.Min(destination.Length, _bytes.Count));
            CollectionsMarshal.AsSpan(_bytes)[..count].CopyTo(destination.Span);
            _bytes.RemoveRange(0, count);
            return ValueTask.FromResult(count);
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
        {
            _bytes.AddRange(source.Span);
            Written += source.Length;
            return ValueTask.CompletedTask;
        }

        public void CompleteWriting()
        {
        }

        public void Abort()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
