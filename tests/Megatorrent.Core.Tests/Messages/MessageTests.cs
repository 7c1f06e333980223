using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Core.Tests.Messages;

public class MessageTests
{
    public static TheoryData<int> FrozenIndexes() => new(Enumerable.Range(0, MessageSamples.Frozen.Count));

    [Theory]
    [MemberData(nameof(FrozenIndexes))]
    public void Encodings_are_frozen_and_read_back(int index)
    {
        var (type, name, encoded, hex) = MessageSamples.Frozen[index];
        Assert.True(hex == Convert.ToHexStringLower(encoded), $"{name}: {Convert.ToHexStringLower(encoded)}");
        Assert.Equal(encoded, MessageSamples.Recode[type](encoded));
    }

    [Fact]
    public void Numbers_are_frozen()
    {
        Assert.Equal(
            "Hello=1 Ping=2 Pong=3 Get=4 Data=5 Want=6 Have=7 Store=8 Stored=9 Find=10 Found=11 Cancel=12 Status=13 StatusReply=14 Error=15 "
            + "Gossip=16 GossipReply=17 Probe=18 ProbeReply=19 Join=20 Joined=21 Notice=22 Proceed=23",
            string.Join(' ', Enum.GetValues<MessageType>().Select(type => $"{type}={(byte)type}")));
        Assert.Equal("None=0 Last=1 Upload=2", string.Join(' ', Enum.GetValues<FrameFlags>().Select(flag => $"{flag}={(byte)flag}")));
        Assert.Equal("Missing=1 Corrupt=2", string.Join(' ', Enum.GetValues<NoticeKind>().Select(kind => $"{kind}={(byte)kind}")));
        Assert.Equal(1, HelloMessage.Version);
    }

    [Fact]
    public void Limits_are_frozen()
    {
        Assert.Equal(1_114_112, MessageLimits.MaxFrameLength);
        Assert.Equal(262_144, MessageLimits.MaxDataLength);
        Assert.Equal(16_842_752, MessageLimits.MaxBlobLength);
        Assert.Equal(8192, MessageLimits.MaxWantIds);
        Assert.Equal(64, MessageLimits.MaxFindIds);
        Assert.Equal(16_384, MessageLimits.MaxDescriptorLength);
        Assert.Equal(262_144, MessageLimits.MaxOpaqueLength);
        Assert.Equal(1024, MessageLimits.MaxErrorTextLength);
        Assert.Equal(1024, MessageLimits.MaxHelloLength);
        Assert.Equal(32, MessageLimits.MaxControlRequestsUnderWay);
        Assert.Equal(4, MessageLimits.MaxUnauthenticatedRequestsUnderWay);
        foreach (MessageType type in Enum.GetValues<MessageType>())
            Assert.InRange(MessageLimits.MaxBodyLength(type), 0, MessageLimits.MaxFrameLength - 8);
    }

    [Fact]
    public void The_longest_messages_fit_their_limits()
    {
        var ids = new BlobId[MessageLimits.MaxWantIds];
        Assert.Equal(MessageLimits.MaxBodyLength(MessageType.Want), new WantMessage(ids).EncodedLength);
        Assert.Equal(MessageLimits.MaxBodyLength(MessageType.Have), new HaveMessage(new bool[MessageLimits.MaxWantIds]).EncodedLength);
        Assert.Equal(MessageLimits.MaxBodyLength(MessageType.Find), new FindMessage(ids.AsMemory(0, MessageLimits.MaxFindIds)).EncodedLength);
        byte[] descriptor = new byte[MessageLimits.MaxDescriptorLength];
        var found = new FoundMessage(Enumerable.Repeat<byte[]?>(descriptor, MessageLimits.MaxFindIds).ToArray());
        Assert.Equal(MessageLimits.MaxBodyLength(MessageType.Found), found.EncodedLength);
        Assert.Equal(found.EncodedLength, found.Encode(new byte[found.EncodedLength]));
        var store = new StoreMessage(default, MessageLimits.MaxBlobLength, descriptor);
        Assert.Equal(MessageLimits.MaxBodyLength(MessageType.Store), store.EncodedLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WantMessage(new BlobId[MessageLimits.MaxWantIds + 1]).Encode(new byte[1 << 20]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FindMessage(new BlobId[MessageLimits.MaxFindIds + 1]).Encode(new byte[1 << 20]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WantMessage(ReadOnlyMemory<BlobId>.Empty).Encode(new byte[1 << 20]));
        Assert.Throws<ArgumentException>(() => new FoundMessage([[]]).Encode(new byte[64]));
        Assert.Throws<ArgumentException>(() => new StoreMessage(default, 0, default).Encode(new byte[64]));
    }

    [Fact]
    public void An_error_text_is_cut_at_a_character_and_cleaned()
    {
        // 1023 bytes of ASCII leave one byte, in which a character of two does not fit.
        byte[] body = MessageSamples.Write(ErrorMessage.MaxEncodedLength, new ErrorMessage(ErrorKind.NotFound, new string('a', 1023) + "éé").Encode);
        Assert.Equal(new string('a', 1023), ErrorMessage.Decode(body).Text);
        Assert.Equal(ErrorKind.NotFound, ErrorMessage.Decode(body).Kind);

        Assert.Equal("a\ufffd[31mb\ufffd", ErrorMessage.Decode([0, 9, 0, 8, .. "a\u001b[31mb\n"u8]).Text);
        Assert.Equal("\ufffd", ErrorMessage.Decode([0, 9, 0, 1, 0xff]).Text);
        Assert.Equal(ErrorKind.Internal, ErrorMessage.Decode([0xff, 0xff, 0, 0]).Kind);
        Assert.Equal(ErrorKind.Internal, ErrorMessage.Decode([0, 0, 0, 0]).Kind);
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
            Assert.Equal(kind, ErrorMessage.Decode(MessageSamples.Write(9, new ErrorMessage(kind, "").Encode)).Kind);
        Assert.Throws<ArgumentException>(() => new ErrorMessage(ErrorKind.Internal, "too long").Encode(new byte[8]));
    }

    [Fact]
    public void Versions_are_negotiated()
    {
        static HelloMessage Hello(ushort min, ushort max) => new(min, max, 0, 1, 1, 1);
        Assert.Equal(3, HelloMessage.Negotiate(Hello(1, 3), Hello(2, 5)));
        Assert.Equal(2, HelloMessage.Negotiate(Hello(2, 2), Hello(1, 2)));
        var old = Assert.Throws<MegatorrentException>(() => HelloMessage.Negotiate(Hello(3, 4), Hello(1, 2)));
        Assert.Equal(ErrorKind.Unsupported, old.Kind);
        Assert.Contains("update the peer", old.Message);
        Assert.Contains("update this program", Assert.Throws<MegatorrentException>(() => HelloMessage.Negotiate(Hello(1, 2), Hello(3, 4))).Message);
    }

    [Fact]
    public void A_hello_of_a_later_version_may_be_longer()
    {
        byte[] body = [.. MessageSamples.Write(64, new HelloMessage(1, 1, 0, 7, 8, 9).Encode), 1, 2, 3];
        Assert.Equal(7u, HelloMessage.Decode(body).MaxRequestsUnderWay);
    }

    [Theory]
    [InlineData(MessageType.Hello, "000200010000000000000001000000010000000" + "1")] // versions out of order
    [InlineData(MessageType.Hello, "0001000100000000000000000000000100000001")] // no requests
    [InlineData(MessageType.Want, "0000")] // asks for nothing
    [InlineData(MessageType.Want, "ffff")] // 65535 ids in no bytes
    [InlineData(MessageType.Find, "0041")] // 65 ids
    [InlineData(MessageType.Have, "0001ff")] // bits past the last
    [InlineData(MessageType.Have, "2001")] // 8193 ids
    [InlineData(MessageType.Stored, "00")]
    [InlineData(MessageType.Stored, "03")]
    [InlineData(MessageType.Found, "00010005aa")] // descriptor past the end
    [InlineData(MessageType.Found, "0001ffff")]
    [InlineData(MessageType.Found, "0041")]
    [InlineData(MessageType.Error, "00010401")] // text over the limit
    public void Bad_bodies_are_malformed(MessageType type, string hex)
    {
        var exception = Assert.Throws<MegatorrentException>(() => MessageSamples.Recode[type](Convert.FromHexString(hex)));
        Assert.Equal(ErrorKind.Malformed, exception.Kind);
        Assert.Contains(type.ToString(), exception.Message);
    }

    [Theory]
    [InlineData(0, 16_842_753)]
    [InlineData(16_842_752, 1)]
    [InlineData(-1, 1)] // as u64 beyond any blob
    [InlineData(0, -1)]
    public void Ranges_that_no_blob_has_are_malformed(long offset, int length)
    {
        var body = new byte[GetMessage.EncodedLength];
        new GetMessage(default, offset, length).Encode(body);
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => GetMessage.Decode(body)).Kind);
    }

    [Theory]
    [InlineData(32, 0x7f)] // blob length
    [InlineData(38, 1)] // says descriptor only, announces a blob
    [InlineData(38, 2)] // unknown flag
    [InlineData(39, 1)] // reserved
    [InlineData(36, 0x7f)] // descriptor length
    public void Bad_stores_are_malformed(int position, byte value)
    {
        byte[] body = MessageSamples.Write(99, new StoreMessage(default, 100, new byte[20]).Encode);
        body[position] = value;
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => StoreMessage.Decode(body)).Kind);
    }

    [Fact]
    public void Every_cut_and_every_extension_is_malformed()
    {
        foreach (var (type, name, encoded, _) in MessageSamples.Frozen)
        {
            for (int length = 0; length < encoded.Length; length++)
                AssertMalformed(type, encoded[..length], $"{name} cut to {length}");
            if (type != MessageType.Hello)
                AssertMalformed(type, [.. encoded, 0], $"{name} with one more byte");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_bodies_are_refused_or_mean_exactly_what_they_say(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        for (int round = 0; round < 20_000; round++)
        {
            var (type, name, encoded, _) = MessageSamples.Frozen[random.Next(MessageSamples.Frozen.Count)];
            byte[] body = Mutate(encoded, random);
            try
            {
                byte[] again = MessageSamples.Recode[type](body);
                // Hello ignores what later versions append, and an error's text and kind are cleaned: there the meaning must be stable instead.
                if (type is MessageType.Hello or MessageType.Error)
                    Assert.Equal(again, MessageSamples.Recode[type](again));
                else
                    Assert.Equal(body, again);
            }
            catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Malformed)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, round {round}, {name} {Convert.ToHexStringLower(body)}: {exception}");
            }
        }
    }

    internal static byte[] Mutate(byte[] bytes, SeededRandomSource random)
    {
        var mutated = new List<byte>(bytes);
        for (int count = 1 + random.Next(4); count > 0; count--)
        {
            int kind = random.Next(4);
            int at = random.Next(mutated.Count + 1);
            if (kind == 0)
                mutated.Insert(at, (byte)random.Next(256));
            else if (at == mutated.Count)
                continue;
            else if (kind == 1)
                mutated.RemoveAt(at);
            else if (kind == 2)
                mutated[at] ^= (byte)(1 << random.Next(8));
            else
                mutated[at] = (byte)(random.Next(2) * 255);
        }
        return [.. mutated];
    }

    private static void AssertMalformed(MessageType type, byte[] body, string what)
    {
        try
        {
            MessageSamples.Recode[type](body);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Malformed)
        {
            return;
        }
        Assert.Fail($"{what} was taken");
    }
}
