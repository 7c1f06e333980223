using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Core.Tests.Messages;

public class MessageViewTests
{
    public static TheoryData<int> FrozenIndexes() => new(Enumerable.Range(0, MessageSamples.Frozen.Count));

    [Theory]
    [MemberData(nameof(FrozenIndexes))]
    public void Reads_and_writes_what_the_struct_of_each_type_does(int index)
    {
        var (type, name, body, _) = MessageSamples.Frozen[index];
        byte[] frame = Frame(type, body);
        Assert.True(MessageView.TryDecode(frame, out MessageView message, out int length), name);
        Assert.Equal(frame.Length, length);
        Assert.Equal(frame.Length, message.FrameLength);
        byte[] again = new byte[frame.Length];
        Assert.Equal(frame.Length, message.Encode(again));
        Assert.Equal(frame, again);
    }

    [Theory]
    [InlineData(MessageType.Ping, 0)]
    [InlineData(MessageType.Cancel, 0)]
    [InlineData(MessageType.Data, 1000)]
    [InlineData(MessageType.Data, 0)]
    [InlineData(MessageType.Gossip, 17)]
    [InlineData(MessageType.Joined, MessageLimits.MaxOpaqueLength)]
    public void Opaque_bodies_are_passed_through(MessageType type, int length)
    {
        byte[] body = new byte[length];
        new SeededRandomSource(5).Fill(body);
        byte[] frame = Frame(type, body);
        Assert.True(MessageView.TryDecode([.. frame, 1, 2, 3], out MessageView message, out int frameLength));
        Assert.Equal(frame.Length, frameLength);
        Assert.True(message.Bytes.SequenceEqual(body));
        byte[] again = new byte[frame.Length];
        message.Encode(again);
        Assert.Equal(frame, again);
    }

    [Fact]
    public void The_members_are_those_of_the_type()
    {
        Assert.True(MessageView.TryDecode(Frame(MessageType.Get, MessageSamples.Frozen[1].Encoded), out MessageView get, out _));
        Assert.Equal((MessageType.Get, 7u, 0x10203ul, 0x40506u), (get.Type, get.RequestNumber, get.Offset, get.Length));
        Assert.Equal(new BlobId(Enumerable.Repeat((byte)0x11, 32).ToArray()), get.Id);
        Assert.True(get.Bytes.IsEmpty && get.Items.IsEmpty && get.Code == 0 && get.Count == 0);

        Assert.True(MessageView.TryDecode(Frame(MessageType.Error, [0xff, 0xff, 0, 1, (byte)'x']), out MessageView error, out _));
        Assert.Equal((uint)ErrorKind.Internal, error.Code); // a kind of a later version
        Assert.True(error.Bytes.SequenceEqual("x"u8));
    }

    // What one decoder takes the other takes, and with the same error where it is none: 23 types, 60 000 damaged bodies.
    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Damage_is_judged_as_by_the_struct_of_each_type(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        int accepted = 0;
        for (int i = 0; i < 30_000; i++)
        {
            var (type, _, original, _) = MessageSamples.Frozen[i % MessageSamples.Frozen.Count];
            byte[] body = Mutator.Mutate(random, original);
            if (body.Length > MessageLimits.MaxBodyLength(type))
                continue;
            byte[] frame = Frame(type, body);
            ErrorKind? expected = Try(() => MessageSamples.Recode[type](body));
            ErrorKind? found = Try(() => MessageView.TryDecode(frame, out _, out _));
            Assert.True(expected == found, $"seed {seed}, mutation {i}, {type} {Convert.ToHexString(body)}: {expected} and {found}");
            accepted += found is null ? 1 : 0;
        }
        Assert.InRange(accepted, 1000, 29_000);
    }

    [Fact]
    public void A_cut_frame_says_how_long_it_is()
    {
        byte[] frame = Frame(MessageType.Have, MessageSamples.Frozen[3].Encoded);
        for (int length = 0; length < frame.Length; length++)
        {
            Assert.False(MessageView.TryDecode(frame.AsSpan(0, length), out _, out int frameLength));
            Assert.Equal(length < FrameHeader.Length ? FrameHeader.Length : frame.Length, frameLength);
        }
    }

    [Fact]
    public void What_a_type_cannot_have_is_refused_before_a_byte_is_written()
    {
        byte[] text = [(byte)'a', 0xff];
        Refuse(new MessageView { Type = 0, RequestNumber = 1 });
        Refuse(new MessageView { Type = (MessageType)24, RequestNumber = 1 });
        Refuse(new MessageView { Type = MessageType.Ping });
        Refuse(new MessageView { Type = MessageType.Ping, RequestNumber = 1, Flags = FrameFlags.Last });
        Refuse(new MessageView { Type = MessageType.Ping, RequestNumber = 1, Count = 1 });
        Refuse(new MessageView { Type = MessageType.Data, RequestNumber = 1, Flags = (FrameFlags)4 });
        Refuse(new MessageView { Type = MessageType.Data, RequestNumber = 1, Bytes = new byte[MessageLimits.MaxDataLength + 1] });
        Refuse(new MessageView { Type = MessageType.Get, RequestNumber = 1, Items = text });
        Refuse(new MessageView { Type = MessageType.Get, RequestNumber = 1, Offset = ulong.MaxValue, Length = 1 });
        Refuse(new MessageView { Type = MessageType.Hello, RequestNumber = 1, MaxVersion = 1, MaxRequestsUnderWay = 1, IdleTimeoutMs = 1 });
        Refuse(new MessageView { Type = MessageType.Hello, MaxVersion = 65536, MaxRequestsUnderWay = 1, IdleTimeoutMs = 1 });
        Refuse(new MessageView { Type = MessageType.Want, RequestNumber = 1 });
        // 32 times this count is 32, modulo 2^32.
        Refuse(new MessageView { Type = MessageType.Want, RequestNumber = 1, Count = 134_217_729, Items = new byte[32] });
        Refuse(new MessageView { Type = MessageType.Error, RequestNumber = 1, Code = 1, Bytes = text });
        Refuse(new MessageView { Type = MessageType.Error, RequestNumber = 1, Code = 16 });
        Refuse(new MessageView { Type = MessageType.Stored, RequestNumber = 1, Code = 257 });
    }

    private static void Refuse(MessageView message)
    {
        byte[] destination = new byte[MessageLimits.MaxFrameLength];
        ErrorKind? kind = null;
        try
        {
            message.Encode(destination);
        }
        catch (MegatorrentException exception)
        {
            kind = exception.Kind;
        }
        Assert.Equal(ErrorKind.InvalidArgument, kind);
        Assert.False(destination.AsSpan().ContainsAnyExcept((byte)0));
    }

    private static ErrorKind? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (MegatorrentException exception)
        {
            return exception.Kind;
        }
    }

    private static byte[] Frame(MessageType type, byte[] body)
    {
        byte[] frame = new byte[FrameHeader.Length + body.Length];
        new FrameHeader(type, FrameFlags.None, type == MessageType.Hello ? 0 : 7u, body.Length).Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Length));
        return frame;
    }
}
