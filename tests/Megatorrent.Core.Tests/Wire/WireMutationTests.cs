using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

/// <summary>Every parser of this folder under damage: only MegatorrentException gets out, and what parses is canonical.</summary>
public sealed class WireMutationTests : IDisposable
{
    private const int Mutations = 10_000;

    private readonly TestCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Theory]
    [InlineData(31)]
    public void Certificates(ulong seed)
    {
        Certificate certificate = Certificate.IssueByNode(
            _cluster.Node.Key, _cluster.NodeCertificate, _cluster.Invite(), _cluster.Stranger.PublicKey, Now);
        Run(seed, certificate.Encoded, damaged =>
        {
            Certificate read = Certificate.Decode(damaged);
            Assert.Equal(damaged, read.Encoded);
        });
    }

    [Theory]
    [InlineData(32)]
    public void Invitations(ulong seed) =>
        Run(seed, _cluster.Invite().Encoded, damaged => Assert.Equal(damaged, Invitation.Decode(damaged).Encoded));

    [Theory]
    [InlineData(33)]
    public void Credentials(ulong seed)
    {
        using var credential = new Credential(_cluster.Writer, _cluster.WriterCertificate, new byte[32], ["a.test:1", "[::1]:2"]);
        byte[] encoded = credential.Encode();
        Run(seed, encoded, damaged =>
        {
            using Credential read = Credential.Decode(damaged);
            Assert.Equal(damaged, read.Encode());
        });
    }

    [Theory]
    [InlineData(34)]
    public void Node_records(ulong seed)
    {
        NodeRecord record = NodeRecord.Create(_cluster.Node, _cluster.NodeCertificate, "a.test:1", "rack", 3, 4, "0.1.0");
        Run(seed, record.Encoded, damaged => Assert.Equal(damaged, NodeRecord.Decode(damaged).Encoded));
    }

    [Theory]
    [InlineData(35)]
    public void Handshake_payloads(ulong seed)
    {
        var key = new byte[32];
        byte[] payload = HandshakePayload.Create(_cluster.Node, _cluster.NodeCertificate, key);
        Run(
            seed,
            payload,
            damaged => HandshakePayload.Validate(damaged, key, _cluster.PublicKey, Now),
            ErrorKind.Unauthorized,
            ErrorKind.Unsupported);
    }

    [Theory]
    [InlineData(36)]
    public void Texts(ulong seed)
    {
        byte[] text = System.Text.Encoding.ASCII.GetBytes(_cluster.Invite().ToText());
        Run(seed, text, damaged =>
        {
            string wrong = System.Text.Encoding.Latin1.GetString(damaged);
            Assert.Equal(wrong.Trim(), Invitation.Parse(wrong).ToText());
        });
    }

    private static void Run(ulong seed, byte[] original, Action<byte[]> parse, params ErrorKind[] alsoAllowed)
    {
        var random = new SeededRandomSource(seed);
        parse(original);
        for (int i = 0; i < Mutations; i++)
        {
            byte[] damaged = Mutator.Mutate(random, original);
            try
            {
                parse(damaged);
            }
            catch (MegatorrentException error) when (error.Kind == ErrorKind.Malformed || alsoAllowed.Contains(error.Kind))
            {
                // Refused, as it should be.
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}, mutation {i}: {Convert.ToHexString(damaged)}: {error}");
            }
        }
    }
}
