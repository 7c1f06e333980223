using System.Buffers;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Storage.Records;

namespace Megatorrent.Fuzz.Tests;

/// <summary>What the real encoders make: whole documents, from which a fuzzer mutates. Corpora begin with these.</summary>
internal static class Seeds
{
    private static readonly DateTimeOffset Now = TestKeys.Start;
    private static readonly Identity Node = TestKeys.Identity(1);
    private static readonly Identity Admin = TestKeys.Identity(1, "admin");
    private static readonly Certificate NodeCertificate = TestKeys.Certificate(Node);
    private static readonly Certificate AdminCertificate = TestKeys.Certificate(Admin, Role.Admin);
    private static readonly BlobId[] Ids = [TestKeys.Stripe(1), TestKeys.Stripe(2), TestKeys.Stripe(3)];

    /// <summary>Seeds by the name of their target, each with a name of its own.</summary>
    public static IEnumerable<(string Target, string Name, byte[] Input)> All() =>
        [.. Documents(), .. Texts(), .. Formats(), .. Messages(), .. Scripts()];

    private static Invitation Invite => Invitation.Create(
        Admin.Key, AdminCertificate, Role.Writer, Now.AddHours(1), TimeSpan.FromDays(30), ["192.0.2.1:4000"], new SeededRandomSource(1));

    private static LeaseStatement Statement => LeaseStatement.Create(Node, TestKeys.ClusterKey, Ids[0], 3, 2_000_000_000, 1_700_000_000);

    private static StripeDescriptor Stripe => new(2, Ids.Append(TestKeys.Stripe(4)).ToArray(), [4096, 4000]);

    private static IEnumerable<(string, string, byte[])> Documents()
    {
        yield return ("bencode", "document", "d1:ai-42e1:bl4:spami0eee"u8.ToArray());
        yield return ("stripe-descriptor", "stripe", Stripe.Encoded);
        yield return ("stripe-descriptor", "copies", new StripeDescriptor(2, [Ids[0]], [77]).Encoded);
        yield return ("certificate", "cluster", NodeCertificate.Encoded);
        yield return ("certificate", "token", Certificate.IssueByNode(
            Node.Key, NodeCertificate, Invite, TestKeys.Identity(2).PublicKey, Now).Encoded);
        yield return ("invitation", "invitation", Invite.Encoded);
        yield return ("node-record", "record", TestKeys.Record(1).Encoded);
        yield return ("lease-statement", "statement", Statement.Encode());
        using var credential = new Credential(Node, NodeCertificate, new byte[32], ["a.test:1", "[::1]:2"]);
        yield return ("credential", "bytes", [(byte)'B', .. credential.Encode()]);
        yield return ("credential", "text", [(byte)'T', .. Encoding.ASCII.GetBytes(credential.ToText())]);
        yield return ("credential", "invitation", [(byte)'I', .. Encoding.ASCII.GetBytes(Invite.ToText())]);

        var list = new ArrayBufferWriter<byte>();
        DirectoryEntry.EncodeList(
            [new("a", EntryKind.File, 5, 420, 1, ""), new("b", EntryKind.Directory, 0, 493, 2, ""), new("b/c", EntryKind.SymbolicLink, 0, 511, 3, "../a")],
            list);
        yield return ("directory", "three", [0, 5, .. list.WrittenSpan]);
        byte[] manifestPublic = Encoding.ASCII.GetBytes("ld1:di0e1:nl" + Stripe.Encoded.Length + ":").Concat(Stripe.Encoded).Concat("eee"u8.ToArray()).ToArray();
        byte[] manifestSecret = [.. "d1:ki1e1:mi420e1:n4:name1:sld1:k64:"u8, .. new byte[64], .. "1:l16:"u8, .. new byte[7], 16, .. new byte[7], 16, .. "ee1:ti1ee"u8];
        yield return ("manifest", "file", [(byte)'O', (byte)(manifestPublic.Length >> 8), (byte)manifestPublic.Length, .. manifestPublic, .. manifestSecret]);
        yield return ("manifest", "sealed", Targets.ManifestTarget.Seal(CipherSuite.Aes256Gcm, manifestPublic, manifestSecret));
        yield return ("noise", "payload", [(byte)'P', .. HandshakePayload.Create(Node, NodeCertificate, new byte[32])]);
        foreach (char what in "012T")
            yield return ("noise", $"message-{what}", [(byte)what, .. new byte[64]]);

        var key = new byte[32];
        var blob = new byte[BlobSealer.Bound(40)];
        int length = BlobSealer.Seal(new byte[40], blob, CipherSuite.Aes256Gcm, CompressionKind.None, default, Targets.ConstantRandom.Instance, key);
        yield return ("blob-header", "plain", blob[..length]);
        for (byte kind = 0; kind < 5; kind++)
        {
            yield return ("sealed-blob", $"kind-{kind}", [(byte)(kind << 1), 15, 0, 20, .. Encoding.ASCII.GetBytes(new string('a', 200))]);
            var packed = new byte[256];
            if (kind > 0 && Compressor.TryCompress((CompressionKind)kind, new byte[200], packed, out int written))
                yield return ("decompression", $"kind-{kind}", [kind, 0, 200, .. packed[..written]]);
        }
    }

    private static IEnumerable<(string, string, byte[])> Texts()
    {
        var capability = new Capability(Ids[0], 300, 2, new byte[32]);
        yield return ("capability", "read", Encoding.ASCII.GetBytes(capability.ToString()));
        yield return ("capability", "verify", Encoding.ASCII.GetBytes(capability.ToVerifyOnly().ToString()));
        string[] texts =
        [
            "C" + Cid.Format(Ids[0]), "N" + TestKeys.Record(1).Id, "S4+2", "E192.0.2.7:7420", "E[2001:db8::1]:7420", "Enode.example:0", "Rwriter",
            "La:1,b:2, [::1]:3", "Tio_uring", "Tauto", "D0420", "P127.0.0.1:80",
        ];
        foreach ((int i, string text) in texts.Index())
            yield return ("configuration", $"text-{i}", Encoding.ASCII.GetBytes(text));
        yield return ("coordinator-messages", "range", "{\"header\":{\"revision\":\"7\"},\"kvs\":[{\"key\":\"YQ==\",\"value\":\"Yg==\",\"mod_revision\":\"3\",\"lease\":\"9\"}],\"count\":\"1\"}"u8.ToArray());
        yield return ("coordinator-messages", "error", "{\"error\":\"no\",\"succeeded\":true}"u8.ToArray());
        yield return ("cluster-file", "cluster", "C{\"cluster\":\"00\",\"nodes\":[{\"id\":\"00\",\"pid\":1,\"listen\":\"127.0.0.1:1\",\"data\":\"n\",\"domain\":\"d\"}],\"nodeArguments\":[\"--x\"]}"u8.ToArray());
        yield return ("cluster-file", "pointer", "P{\"data\":\"/tmp/mt\",\"cluster\":\"00\"}"u8.ToArray());
    }

    private static IEnumerable<(string, string, byte[])> Formats()
    {
        var gossip = new GossipMessage();
        gossip.Entries.Add(new GossipEntry(TestKeys.Record(1), MemberState.Alive, 0));
        gossip.Spent.Add(new SpentInvitation(UInt128.MaxValue - 5, Now.AddDays(1), TestKeys.Record(4).Id));
        SignedLayout layout = SignedLayout.Sign(
            ClusterLayout.Empty.Next(Now, new LayoutNode(TestKeys.Record(1).Id, NodeMode.Draining) { Weight = 3, Domain = "x" }), Admin.Key, AdminCertificate);
        var view = new ClusterView([TestKeys.Member(1), TestKeys.Member(2, state: MemberState.Dead)], 42, layout);
        var status = new NodeStatus
        {
            Id = TestKeys.Record(1).Id.ToString(),
            Endpoint = "10.0.0.1:4000",
            Domain = "rack-1",
            Version = "0.1.0",
            Members = [new MemberStatus { Id = TestKeys.Record(2).Id.ToString(), Endpoint = "10.0.0.2:4000", Domain = "rack-2", State = "dead" }],
        };
        var entry = new GossipEntry(TestKeys.Record(1), MemberState.Alive, 5);
        yield return Of("cluster-messages", 0, view.Encode());
        yield return Of("cluster-messages", 1, gossip.Encode());
        yield return Of("cluster-messages", 2, new ProbeRequest(TestKeys.Record(1).Id).Encode());
        yield return Of("cluster-messages", 3, new ProbeReply(true, entry).Encode());
        yield return Of("cluster-messages", 4, new MemberFile(gossip, Now).Encode());
        yield return Of("cluster-messages", 5, new JoinRequest(Invite).Encode());
        yield return Of("cluster-messages", 6, new JoinReply(NodeCertificate, view).Encode());
        yield return Of("cluster-messages", 7, status.Encode());
        yield return Of("cluster-messages", 8, new NodeQuestion("members", new byte[] { 1 }).Encode());
        yield return Of("layout", 0, layout.Layout.Encoded);
        yield return Of("layout", 1, layout.Encoded);
        yield return Of("layout", 2, new LayoutReply(true, layout, "embedded", true).Encode());

        var report = new LeaseReport([new LeaseReport.Entry(Statement, NodeCertificate.Encoded, [0, 2])], 3, 0);
        yield return Of("lease-messages", 0, new LeaseRequest(Statement, NodeCertificate, Ids).Encode());
        yield return Of("lease-messages", 1, new LeaseQuery(Ids, [1, 2, 3], 0).Encode());
        yield return Of("lease-messages", 2, new LeaseAnswer([new bool[3], null, new bool[9]], 4).Encode());
        yield return Of("lease-messages", 3, report.Encode());
        yield return Of("lease-messages", 4, new LeaseGift(Ids, report).Encode());
        yield return Of("lease-messages", 5, new LeaseStates([0, 0, 0], 6).Encode());
        yield return ("lease-log", "statement", new LeaseRecord { Statement = Statement, Certificate = NodeCertificate.Encoded, LearnedUnixMs = 5, Stripes = Ids }.Encode()[LeaseRecord.FrameLength..]);
        yield return ("lease-log", "times", new LeaseRecord { Touched = Ids, TouchedUnixMs = [1, 2, 3], Mark = 1, MarkUnixMs = 9 }.Encode()[LeaseRecord.FrameLength..]);

        yield return Of("repair-messages", 0, EntropyMessages.EncodeQuestion(new byte[EntropyLayout.NameLength], 2, [new StripeRange(0, 0)]));
        yield return Of("repair-messages", 1, EntropyMessages.EncodeSums([new RangeSum(1, 2), new RangeSum(3, 4)]));
        yield return Of("repair-messages", 2, EntropyMessages.EncodeStripes([(Ids[0], 5)], isCut: true));
        yield return Of("repair-messages", 3, SurplusMessages.EncodeHint(Ids));
        yield return Of("repair-messages", 4, SurplusMessages.EncodeConfirm(Ids[0], Ids[1], new byte[16]));
        yield return Of("repair-messages", 5, SurplusMessages.EncodeProof(new byte[32]));

        var challenge = new AuditChallenge(new byte[32], Ids[0], 0, 5);
        AuditProof proof = AuditProof.Sign(Node.Key, TestKeys.Record(2).Id, challenge, new byte[32]);
        AuditProof other = AuditProof.Sign(Node.Key, TestKeys.Record(2).Id, challenge with { Blob = Ids[1] }, new byte[32]);
        yield return Of("audit", 0, challenge.Encode());
        yield return Of("audit", 1, proof.Encoded);
        yield return Of("audit", 2, Accusation.Sign(Admin.Key, TestKeys.Record(1).Id, [(proof, Ids[0]), (other, Ids[1])]).Encoded);
        yield return Of("audit", 3, new AuditHistory().Encode());
        yield return Of("audit", 4, ScrubLedger.Fresh(1_700_000_000_000).Encode());
        yield return Of("audit", 5, new EvidenceReply([], [new AuditedBlob(TestKeys.Record(1).Id, Ids[0], 5)]).Encode());

        Opinion opinion = Opinion.Create(Node, 7, [new Opinion.Entry(TestKeys.Record(2).Id, 0.5, 0.25)]);
        yield return Of("reputation", 0, opinion.Encode());
        yield return Of("reputation", 1, OpinionExchange.Encode([opinion]));
        yield return Of("reputation", 2, new ReputationFile(Now, 1, []).Encode());
        var state = new ForecastState();
        state.Hourly.Add(0, 1, 2, 3);
        yield return Of("forecast", 0, state.Encode());
        yield return Of("forecast", 1, new RiskReply(1, 2).Encode());
    }

    private static IEnumerable<(string, string, byte[])> Messages()
    {
        yield return Message(MessageType.Hello, 0, body => new HelloMessage(1, 1, 0, 16, 1 << 20, 1000).Encode(body));
        yield return Message(MessageType.Get, 1, body => new GetMessage(Ids[0], 0, 10).Encode(body));
        yield return Message(MessageType.Want, 2, body => new WantMessage(Ids).Encode(body));
        yield return Message(MessageType.Find, 3, body => new FindMessage(Ids).Encode(body));
        yield return Message(MessageType.Store, 4, body => new StoreMessage(Ids[0], 5, Stripe.Encoded).Encode(body));
        yield return Message(MessageType.Stored, 5, body => new StoredMessage(true).Encode(body));
        yield return Message(MessageType.Error, 6, body => new ErrorMessage(ErrorKind.NotFound, "no").Encode(body));
        yield return Message(MessageType.Notice, 7, body => new NoticeMessage(Ids[0], NoticeKind.Missing).Encode(body));
        yield return Message(MessageType.Have, 8, static body => Write(body, [0, 3, 0xa0]));
        yield return Message(MessageType.Found, 9, static body => Write(body, [0, 1, 0, 2, 1, 2]));
        yield return Message(MessageType.Data, 10, static body => Write(body, [1, 2, 3]));
    }

    private static IEnumerable<(string, string, byte[])> Scripts()
    {
        yield return ("erasure", "small", [3, 2, 0, 1, 0, 63, .. Enumerable.Range(0, 200).Select(static i => (byte)i)]);
        yield return ("hashes", "several", [7, .. Enumerable.Range(0, 300).Select(static i => (byte)i)]);
        yield return ("merkle-proof", "own", [(byte)'B', 23, 1, 2, 3]);
        yield return ("merkle-proof", "strange", [(byte)'V', 2, .. new byte[32 + 8 + 64 + 96]]);
        yield return ("segment-recovery", "records", [(byte)'S', 1, 0, 9, 1, 0, 0, 1, 1, 9, 2, 0, 0, 2, 0, 20, 3, 0, 0, 3, 0, 0, 1, 1, 16, 1, 0, 30, 5, 0, 1]);
        yield return ("segment-recovery", "raw", [(byte)'R', .. new byte[200]]);
        yield return ("segment-recovery", "format", [(byte)'F', .. FormatFile.Encode(7)]);
        yield return ("segment-recovery", "name", [(byte)'N', .. "00000001.seg"u8]);
        var checkpoint = new byte[40 + 24 + 44 + 16];
        checkpoint[24] = 2; // the next segment
        checkpoint[28] = 1; // the position
        checkpoint[32] = 1; // one segment
        checkpoint[40] = 1; // its number
        checkpoint[44] = 1; // its records
        checkpoint[56] = 64; // its length
        BlobId id = BlobId.Of([1, 2, 3]);
        id.CopyTo(checkpoint.AsSpan(64));
        checkpoint[96] = 1;
        checkpoint[100] = 64;
        checkpoint[104] = 3;
        checkpoint[108] = 1; // one blob
        yield return ("checkpoint", "one", checkpoint);

        // The peer connected, as an admin; it says hello and asks for each thing, stores, and cancels.
        byte[] hello = [5, 0, 0, 100, 60];
        byte[] admin = [8];
        yield return ("session", "asks", [.. admin, .. hello, 5, 1, 1, 0, 0, 0, 10, 5, 2, 2, 5, 4, 3, 5, 6, 4, 10, 255, 255]);
        yield return ("session", "stores", [.. admin, .. hello, 5, 3, 1, 1, 0, 5, 4, 1, 3, 1, 0, 5, 3, 2, 0, 9, 3, 5, 5, 2]);
        yield return ("session", "answers", [1, 11, 6, .. hello, 11, 1, 0, 100, 4, 1, 1, 0, 100, 11, 2, 5, 8, 2, 11, 3, 0, 50, 5, 7, 3, 8, 255]);
        yield return ("session", "breaks", [.. admin, .. hello, 0, 9, 1, 0, 0, 7, 3, 1, 2, 3, 8, 50]);
    }

    private static (string, string, byte[]) Of(string target, int index, byte[] document) =>
        (target, $"format-{(char)('A' + index)}", [(byte)('A' + index), .. document]);

    private static (string, string, byte[]) Message(MessageType type, uint number, Func<byte[], int> encode)
    {
        var body = new byte[8192];
        int length = encode(body);
        var frame = new byte[FrameHeader.Length];
        new FrameHeader(type, FrameFlags.None, number, length).Write(frame);
        return ("node-messages", type.ToString().ToLowerInvariant(), [.. frame, .. body[..length]]);
    }

    private static int Write(byte[] body, byte[] bytes)
    {
        bytes.CopyTo(body, 0);
        return bytes.Length;
    }
}
