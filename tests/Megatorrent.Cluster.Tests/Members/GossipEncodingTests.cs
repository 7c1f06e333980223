using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Members;

/// <summary>Every document that leaves the house: round trips, frozen forms, and what damage does to them.</summary>
public class GossipEncodingTests
{
    private static readonly DateTimeOffset T0 = TestKeys.Start;

    [Fact]
    public void Gossip_round_trips()
    {
        GossipMessage told = Sample();
        GossipMessage read = GossipMessage.Decode(told.Encode());
        Assert.Equal(told.Entries.Select(e => (e.Record.Id, e.State, e.AgeMs)), read.Entries.Select(e => (e.Record.Id, e.State, e.AgeMs)));
        Assert.Equal(told.Spent, read.Spent);
        Assert.Equal(told.Encode(), read.Encode());
    }

    [Fact]
    public void The_forms_are_frozen()
    {
        var spent = new GossipMessage();
        spent.Spent.Add(new SpentInvitation(1, DateTimeOffset.FromUnixTimeSeconds(1_767_225_600), new NodeId(new byte[32])));
        Assert.Equal(
            "d1:mle1:nld1:ei1767225600e1:n16:" + new string('\0', 15) + "\u00011:u32:" + new string('\0', 32) + "ee1:vi1ee",
            System.Text.Encoding.Latin1.GetString(spent.Encode()));
        Assert.Equal("d1:n32:" + new string('\0', 32) + "1:vi1ee",
            System.Text.Encoding.Latin1.GetString(new ProbeRequest(new NodeId(new byte[32])).Encode()));
        Assert.Equal("d1:ai1e1:vi1ee", System.Text.Encoding.Latin1.GetString(new ProbeReply(true, null).Encode()));
        Assert.Equal("d1:q7:memberse", System.Text.Encoding.Latin1.GetString(StatusQuery.Members.Span));
        Assert.Equal("d1:q4:nodee", System.Text.Encoding.Latin1.GetString(StatusQuery.Node.Span));
        Assert.Equal("d1:q10:repair-nowe", System.Text.Encoding.Latin1.GetString(StatusQuery.RepairNow.Span));
        Assert.Equal("d1:mle1:vi1e1:wi0ee", System.Text.Encoding.Latin1.GetString(ClusterView.Empty.Encode()));

        // Whole documents with records in them, by their hash: a change of any byte shows.
        string[] hashes =
            [Hash(Sample().Encode()), Hash(View().Encode()), Hash(new MemberFile(Sample(), T0).Encode()), Hash(Status().Encode())];
        Assert.Equal(["dab1824714acdbbf", "644b4c16bee564c1", "ea24fa59fffb39ac", "0f0f5f5bc60a2a4b"], hashes);
    }

    [Fact]
    public void A_view_round_trips_and_drops_what_does_not_hold()
    {
        ClusterView read = ClusterView.Decode(View().Encode());
        Assert.Equal(View().Members.Select(m => (m.Id, m.State, m.Since)), read.Members.Select(m => (m.Id, m.State, m.Since)));
        Assert.Equal((View().Version, 3, 2), (read.Version, read.DomainCount, read.Living.Count));
        Assert.Equal(3, read.Validated(TestKeys.ClusterKey, T0).Members.Count);
        Assert.Empty(read.Validated(new byte[32], T0).Members);
        Assert.Empty(read.Validated(TestKeys.ClusterKey, T0.AddYears(30)).Members);
    }

    [Fact]
    public void A_view_with_a_member_twice_is_refused()
    {
        byte[] record = TestKeys.Record(1).Encoded;
        byte[] twice = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("m");
            writer.BeginList();
            for (int i = 0; i < 2; i++)
            {
                writer.BeginDictionary();
                writer.WriteKey("r");
                writer.WriteBytes(record);
                writer.WriteKey("s");
                writer.WriteInteger(1);
                writer.WriteKey("t");
                writer.WriteInteger(0);
                writer.End();
            }
            writer.End();
            writer.WriteKey("v");
            writer.WriteInteger(1);
            writer.WriteKey("w");
            writer.WriteInteger(1);
            writer.End();
        });
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => ClusterView.Decode(twice)).Kind);
    }

    [Fact]
    public void A_view_too_large_for_a_message_keeps_the_living()
    {
        Member[] members = [.. TestKeys.Members(300).Select((m, i) => i < 40 ? m : new Member(m.Record, MemberState.Dead, m.Since))];
        byte[] encoded = new ClusterView(members, 1).Encode(64 * 1024);
        Assert.True(encoded.Length <= 64 * 1024);
        ClusterView read = ClusterView.Decode(encoded);
        Assert.Equal(40, read.Living.Count);
        Assert.InRange(read.Members.Count, 41, 299);
    }

    [Fact]
    public void A_status_round_trips()
    {
        NodeStatus status = Status();
        NodeStatus read = NodeStatus.Decode(status.Encode());
        Assert.Equal(status.Members, read.Members);
        Assert.Empty(read.Services);
        Assert.Equal(status with { Members = [] }, read with { Members = [], Services = status.Services });
        var services = new Dictionary<string, IReadOnlyDictionary<string, long>>
        {
            ["b"] = new Dictionary<string, long> { ["two"] = 2, ["one"] = -1 },
            ["a"] = new Dictionary<string, long>(),
        };
        Assert.Equivalent(services, NodeStatus.Decode((status with { Services = services }).Encode()).Services, strict: true);
        Assert.Equal("", read.Transport);
        Assert.Equal("io_uring", NodeStatus.Decode((status with { Transport = "io_uring" }).Encode()).Transport);
    }

    [Fact]
    public void Keys_of_a_later_version_are_skipped()
    {
        Assert.True(ProbeReply.Decode("d1:ai1e1:vi2e1:z3:newe"u8).Reached);
        Assert.Empty(GossipMessage.Decode("d1:mle1:vi7e1:zd1:ai1eee"u8).Entries);
        Assert.Equal("node", NodeQuestion.Decode("d1:q4:node1:zi1ee"u8).Name);
        Assert.Equal("d1:b2:hi1:q4:nodee"u8, new NodeQuestion("node", "hi"u8.ToArray()).Encode());
        Assert.Equal("hi"u8, NodeQuestion.Decode("d1:b2:hi1:q4:nodee"u8).Body.Span);
    }

    [Theory]
    [InlineData("")]
    [InlineData("de")]
    [InlineData("d1:mle1:nlee")]
    [InlineData("d1:mle1:vi0ee")]
    [InlineData("d1:mle1:vi1eex")]
    [InlineData("d1:mli1ee1:vi1ee")]
    [InlineData("d1:mldee1:vi1ee")]
    [InlineData("d1:mld1:ai-1e1:r0:1:si1eee1:vi1ee")]
    [InlineData("d1:nld1:ei-5e1:n16:................1:u32:................................eee")]
    [InlineData("d1:nld1:ei5e1:n15:...............1:u32:................................eee")]
    public void Broken_gossip_is_malformed(string text) => Assert.Equal(
        ErrorKind.Malformed,
        Assert.Throws<MegatorrentException>(() => GossipMessage.Decode(System.Text.Encoding.ASCII.GetBytes(text))).Kind);

    [Fact]
    public void Too_many_entries_are_refused()
    {
        var message = new GossipMessage();
        for (int i = 0; i <= GossipMessage.MaxSpent; i++)
            message.Spent.Add(new SpentInvitation((UInt128)i, T0, default));
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => GossipMessage.Decode(message.Encode())).Kind);
        Assert.Equal(ErrorKind.Malformed,
            Assert.Throws<MegatorrentException>(() => GossipMessage.Decode(new byte[GossipMessage.MaxLength + 1])).Kind);
    }

    [Theory]
    [InlineData(11ul)]
    [InlineData(12ul)]
    public void Damage_anywhere_is_malformed_or_harmless_but_never_another_failure(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        (string Name, byte[] Document, Action<byte[]> Read)[] documents =
        [
            ("gossip", Sample().Encode(), bytes => GossipMessage.Decode(bytes)),
            ("view", View().Encode(), bytes => ClusterView.Decode(bytes)),
            ("file", new MemberFile(Sample(), T0).Encode(), bytes => MemberFile.Decode(bytes)),
            ("status", Status().Encode(), bytes => NodeStatus.Decode(bytes)),
            ("probe", new ProbeRequest(TestKeys.Record(1).Id).Encode(), bytes => ProbeRequest.Decode(bytes)),
            ("reply", new ProbeReply(true, new GossipEntry(TestKeys.Record(1), MemberState.Alive, 5)).Encode(),
                bytes => ProbeReply.Decode(bytes)),
            ("query", StatusQuery.Members.ToArray(), bytes => NodeQuestion.Decode(bytes)),
            ("join", [.. "d1:i"u8, .. "3:abc1:vi1ee"u8], bytes => JoinRequest.Decode(bytes)),
            ("joined", new JoinReply(TestKeys.Record(1).Certificate, View()).Encode(), bytes => JoinReply.Decode(bytes)),
        ];
        foreach ((string name, byte[] document, Action<byte[]> read) in documents)
        {
            for (int round = 0; round < 400; round++)
            {
                byte[] damaged = Mutate(document, random);
                try
                {
                    read(damaged);
                }
                catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Malformed or ErrorKind.InvalidArgument)
                {
                    // As it should be.
                }
                catch (Exception exception)
                {
                    Assert.Fail($"{name}, seed {seed}, round {round}: {exception}");
                }
            }
        }
    }

    private static byte[] Mutate(byte[] document, SeededRandomSource random)
    {
        byte[] bytes = [.. document];
        int changes = 1 + random.Next(3);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..], .. "e"u8],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                2 => bytes.Length > 2 ? bytes[..Math.Max(1, at)] : bytes,
                _ => [.. bytes[..at], (byte)"0123456789dlie:-"[random.Next(16)], .. bytes[(at + 1)..]],
            };
        }
        return bytes;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(BlobId.Of(bytes).ToArray())[..16];

    private static GossipMessage Sample()
    {
        var message = new GossipMessage();
        message.Entries.Add(new GossipEntry(TestKeys.Record(1), MemberState.Alive, 0));
        message.Entries.Add(new GossipEntry(TestKeys.Record(2, incarnation: 77), MemberState.Suspect, 1234));
        message.Entries.Add(new GossipEntry(TestKeys.Record(3, weight: 500), MemberState.Dead, long.MaxValue));
        message.Spent.Add(new SpentInvitation(UInt128.MaxValue - 5, T0.AddDays(1), TestKeys.Record(4).Id));
        return message;
    }

    private static ClusterView View() => new(
    [
        TestKeys.Member(1),
        TestKeys.Member(2, state: MemberState.Suspect, since: T0.AddMilliseconds(1)),
        TestKeys.Member(3, state: MemberState.Dead, since: T0.AddDays(1)),
    ], 42);

    private static NodeStatus Status() => new()
    {
        Id = TestKeys.Record(1).Id.ToString(),
        Endpoint = "10.0.0.1:4000",
        Domain = "rack-1",
        Version = "0.1.0",
        UptimeMs = 1,
        CapacityBytes = 2,
        UsedBytes = 3,
        LiveBytes = 4,
        Blobs = 5,
        Stripes = 6,
        Members = [new MemberStatus { Id = TestKeys.Record(2).Id.ToString(), Endpoint = "10.0.0.2:4000", Domain = "rack-2", State = "dead",
            Weight = 7, Incarnation = 8, SinceUnixMs = 9 }],
        Repair = new RepairStatus
        {
            StripesKnown = 10,
            StripesResponsible = 11,
            StripesHealthy = 12,
            StripesEndangered = 13,
            StripesWaiting = 14,
            StripesUnrecoverable = 15,
            StripesUnderRepair = 16,
            StripesRepairedTotal = 17,
            BlobsRestoredTotal = 18,
            BytesMovedTotal = 19,
            BytesToMove = 29,
            BytesDone = 30,
            BytesPerSecond = 31,
            SecondsLeft = 32,
            LimitBytesPerSecond = 33,
            StripesSurplus = 34,
            SurplusRemovedTotal = 35,
            Cycles = 20,
            CycleMs = 21,
            CycleStartedUnixMs = 22,
            CycleMembers = 23,
            Running = true,
            Settled = true,
        },
        Scrub = new ScrubStatus { EndedUnixMs = 24, DurationMs = 25, Checked = 26, Bad = 27, BytesChecked = 28, Running = true },
    };
}
