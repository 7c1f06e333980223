using System.Text;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Reputation;

/// <summary>What travels and what is written down; docs/spec/reputation.md.</summary>
public class OpinionTests
{
    [Fact]
    public void An_opinion_is_what_it_was_and_signed()
    {
        using Identity observer = TestKeys.Identity(1);
        Opinion sent = Opinion.Create(observer, 77, [Line(2, 0.25, 1), Line(3, 0.999, 0.5)]);
        Opinion opinion = Opinion.Decode(sent.Encode());
        Assert.Equal((observer.Id, 77), (opinion.Observer, opinion.Sequence));
        Assert.Equal([Line(2, 0.25, 1), Line(3, 0.999, 0.5)], opinion.Entries);
        Assert.True(opinion.IsSignedBy(observer.PublicKey));
        using Identity other = TestKeys.Identity(2);
        Assert.False(opinion.IsSignedBy(other.PublicKey));
    }

    [Fact]
    public void The_encoding_is_frozen()
    {
        using Identity observer = TestKeys.Identity(1);
        byte[] encoded = Opinion.Create(observer, 5, [Line(2, 0.5, 0.25)]).Encode();
        string text = Encoding.Latin1.GetString(encoded);
        string body = $"d1:eld1:ci250e1:n32:{Latin(NodeId.AsSpan(Line(2, 0, 0).Subject))}1:si500eee1:o32:{Latin(NodeId.AsSpan(observer.Id))}1:qi5ee";
        Assert.StartsWith($"d1:b{body.Length}:{body}1:s64:", text);
        Assert.EndsWith("1:vi1ee", text);
    }

    [Fact]
    public void Every_changed_byte_is_refused_or_fails_the_signature()
    {
        using Identity observer = TestKeys.Identity(1);
        byte[] encoded = Opinion.Create(observer, 5, [Line(2, 0.5, 0.25), Line(3, 0.1, 1)]).Encode();
        int held = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            byte[] changed = [.. encoded];
            changed[i] ^= 1;
            try
            {
                held += Opinion.Decode(changed).IsSignedBy(observer.PublicKey) ? 1 : 0;
            }
            catch (MegatorrentException exception)
            {
                Assert.Equal(ErrorKind.Malformed, exception.Kind);
            }
        }
        Assert.InRange(held, 0, 1); // the version of the envelope is not signed: a newer one may be
    }

    [Theory]
    [InlineData("d1:eld1:ci250e1:n32:{2}1:si1001eee1:o32:{1}1:qi5ee")] // a score above 1
    [InlineData("d1:eld1:ci250e1:n32:{2}1:si1eed1:ci250e1:n32:{2}1:si1eee1:o32:{1}1:qi5ee")] // one member twice
    [InlineData("d1:eld1:ci250e1:n32:{1}1:si1eee1:o32:{1}1:qi5ee")] // of itself
    [InlineData("d1:ele1:o32:{1}1:qi-1ee")]
    [InlineData("d1:ele1:qi5ee")]
    public void What_breaks_a_rule_is_malformed(string body)
    {
        using Identity one = TestKeys.Identity(1);
        using Identity two = TestKeys.Identity(2);
        body = body.Replace("{1}", Latin(NodeId.AsSpan(one.Id)), StringComparison.Ordinal)
            .Replace("{2}", Latin(NodeId.AsSpan(two.Id)), StringComparison.Ordinal);
        byte[] document = Encoding.Latin1.GetBytes($"d1:b{body.Length}:{body}1:s64:{new string('x', 64)}1:vi1ee");
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => Opinion.Decode(document)).Kind);
    }

    [Fact]
    public void The_largest_opinion_fits_and_an_exchange_leaves_out_what_does_not()
    {
        using Identity observer = TestKeys.Identity(1);
        Opinion largest = Opinion.Create(observer, long.MaxValue, Enumerable.Range(2, Opinion.MaxEntries).Select(i => Line(i, 1, 1)));
        Assert.InRange(largest.Encode().Length, 10_000, Opinion.MaxLength);
        byte[] message = OpinionExchange.Encode(Enumerable.Repeat(largest, 50));
        Assert.InRange(message.Length, OpinionExchange.MaxLength / 2, OpinionExchange.MaxLength + 1024);
        List<Opinion> read = OpinionExchange.Decode(message);
        Assert.InRange(read.Count, 8, 49);
        Assert.All(read, opinion => Assert.True(opinion.IsSignedBy(observer.PublicKey)));
    }

    [Fact]
    public void The_file_is_what_it_was_and_its_form_is_frozen()
    {
        var record = new DirectRecord { FirstSeen = TestKeys.Start, At = TestKeys.Start };
        record.Lived(TimeSpan.FromSeconds(10), 0.5);
        record.Requested(20, 2, 12, 1_000_000);
        record.Observed(PeerEvidence.Withheld);
        NodeId id = Line(2, 0, 0).Subject;
        byte[] encoded = new ReputationFile(TestKeys.Start, 9, [(id, record)]).Encode();
        Assert.StartsWith(
            $"d1:pld1:fi1767225600000e1:n32:{Latin(NodeId.AsSpan(id))}1:uli5000ei10000ei20000ei2000ei0ei0ei1000e", Encoding.Latin1.GetString(encoded));
        Assert.EndsWith("1:qi9e1:ti1767225600000e1:vi1ee", Encoding.Latin1.GetString(encoded));
        ReputationFile file = ReputationFile.Decode(encoded);
        (NodeId readId, DirectRecord read) = Assert.Single(file.Records);
        Assert.Equal((id, TestKeys.Start, 9L), (readId, read.FirstSeen, file.Sequence));
        Assert.Equal(record.Score, read.Score, 0.001);
        Assert.Equal(encoded, file.Encode());
    }

    private static Opinion.Entry Line(int subject, double score, double confidence)
    {
        using Identity identity = TestKeys.Identity(subject);
        return new Opinion.Entry(identity.Id, score, confidence);
    }

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
