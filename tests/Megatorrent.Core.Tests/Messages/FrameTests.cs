using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Core.Tests.Messages;

public class FrameTests
{
    [Fact]
    public void A_header_is_frozen_and_reads_back()
    {
        var header = new FrameHeader(MessageType.Data, FrameFlags.Last | FrameFlags.Upload, 0x01020304, 0x20000);
        var bytes = new byte[FrameHeader.Length];
        header.Write(bytes);
        Assert.Equal("00020008" + "05" + "03" + "0000" + "01020304", Convert.ToHexStringLower(bytes));
        Assert.Equal(header, FrameHeader.Read(bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameHeader(MessageType.Ping, 0, 1, 1).Write(new byte[12]));
        Assert.Throws<ArgumentException>(() => FrameHeader.Read(new byte[11]));
    }

    [Theory]
    [InlineData("ffffffff" + "05000000" + "00000001", "4294967295")] // 4 GiB
    [InlineData("00110001" + "0b000000" + "00000001", "1114113")]
    [InlineData("00000007" + "02000000" + "00000001", "7")]
    [InlineData("00000000" + "02000000" + "00000001", "0")]
    [InlineData("00000008" + "00000000" + "00000001", "unknown type 0")]
    [InlineData("00000008" + "18000000" + "00000001", "unknown type 24")]
    [InlineData("00000009" + "02000000" + "00000001", "limit is 0")]
    [InlineData("00040009" + "05000000" + "00000001", "limit is 262144")]
    [InlineData("00000008" + "02010000" + "00000001", "flags 0x01")]
    [InlineData("00000008" + "05040000" + "00000001", "flags 0x04")]
    [InlineData("00000008" + "02000001" + "00000001", "reserved")]
    [InlineData("00000008" + "02000000" + "00000000", "request number 0")]
    [InlineData("0000001c" + "01000000" + "00000001", "request number 1")]
    public void Bad_headers_break_the_protocol(string hex, string says)
    {
        var exception = Assert.Throws<MegatorrentException>(() => FrameHeader.Read(Convert.FromHexString(hex)));
        Assert.Equal(ErrorKind.ProtocolViolation, exception.Kind);
        Assert.Contains(says, exception.Message);
    }

    [Fact]
    public void A_frame_of_4_GiB_is_refused_before_its_body_is_awaited()
    {
        var sink = new RecordingSink();
        using var assembler = new FrameAssembler(sink);
        byte[] header = Convert.FromHexString("ffffffff" + "14000000" + "00000001");
        assembler.Append(header.AsSpan(0, 11));
        Assert.Throws<MegatorrentException>(() => assembler.Append(header.AsSpan(11)));
        Assert.Empty(sink.Frames);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Frames_come_out_whole_however_the_stream_is_cut(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        var expected = new List<(FrameHeader Header, byte[] Body)>();
        var stream = new MemoryStream();
        for (uint number = 1; number < 200; number++)
        {
            var type = (MessageType)(1 + random.Next(23));
            int length = random.Next(random.Next(8) == 0 ? MessageLimits.MaxBodyLength(type) + 1 : Math.Min(64, MessageLimits.MaxBodyLength(type)) + 1);
            var flags = type == MessageType.Data ? (FrameFlags)random.Next(4) : FrameFlags.None;
            var header = new FrameHeader(type, flags, type == MessageType.Hello ? 0 : number, length);
            var body = new byte[length];
            random.Fill(body);
            expected.Add((header, body));
            var bytes = new byte[FrameHeader.Length];
            header.Write(bytes);
            stream.Write(bytes);
            stream.Write(body);
        }

        var sink = new RecordingSink();
        using var assembler = new FrameAssembler(sink);
        ReadOnlySpan<byte> rest = stream.ToArray();
        while (!rest.IsEmpty)
        {
            int count = Math.Min(rest.Length, 1 + random.Next(random.Next(2) == 0 ? 30 : 70_000));
            if (assembler.TryTakeData(count, out FrameHeader header, out bool endOfFrame))
                sink.OnData(header, rest[..count], endOfFrame);
            else
                assembler.Append(rest[..count]);
            rest = rest[count..];
        }
        Assert.True(assembler.IsBetweenFrames);
        Assert.Equal(expected.Count, sink.Frames.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Header, sink.Frames[i].Header);
            Assert.True(expected[i].Body.AsSpan().SequenceEqual(sink.Frames[i].Body), $"seed {seed}, frame {i}");
        }
    }

    [Fact]
    public void A_truncated_frame_is_seen()
    {
        var sink = new RecordingSink();
        using var assembler = new FrameAssembler(sink);
        var frame = new byte[FrameHeader.Length + 10];
        new FrameHeader(MessageType.Status, 0, 1, 10).Write(frame);
        for (int length = 1; length < frame.Length; length++)
        {
            assembler.Append(frame.AsSpan(length - 1, 1));
            Assert.False(assembler.IsBetweenFrames);
            Assert.Empty(sink.Frames);
        }
        assembler.Append(frame.AsSpan(frame.Length - 1));
        Assert.True(assembler.IsBetweenFrames);
        Assert.Single(sink.Frames);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Mutated_streams_are_refused_or_stay_within_the_limits(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        for (int round = 0; round < 5_000; round++)
        {
            var frame = new byte[FrameHeader.Length + 5];
            new FrameHeader((MessageType)(random.Next(2) == 0 ? 13 : 5), 0, 1, 5).Write(frame);
            byte[] stream = [.. MessageTests.Mutate(frame, random), .. MessageTests.Mutate(frame, random)];
            using var assembler = new FrameAssembler(new RecordingSink());
            try
            {
                assembler.Append(stream);
            }
            catch (MegatorrentException exception) when (exception.Kind == ErrorKind.ProtocolViolation)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, round {round}, {Convert.ToHexStringLower(stream)}: {exception}");
            }
        }
    }

    private sealed class RecordingSink : IFrameSink
    {
        private readonly List<byte> _data = [];

        public List<(FrameHeader Header, byte[] Body)> Frames { get; } = [];

        public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
        {
            Assert.NotEqual(MessageType.Data, header.Type);
            Assert.Equal(header.BodyLength, body.Length);
            Frames.Add((header, body.ToArray()));
        }

        public void OnData(in FrameHeader header, ReadOnlySpan<byte> piece, bool endOfFrame)
        {
            Assert.Equal(MessageType.Data, header.Type);
            _data.AddRange(piece);
            Assert.Equal(endOfFrame, _data.Count == header.BodyLength);
            if (!endOfFrame)
                return;
            Frames.Add((header, [.. _data]));
            _data.Clear();
        }
    }
}
