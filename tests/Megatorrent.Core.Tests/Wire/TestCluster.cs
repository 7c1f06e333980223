using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

/// <summary>A cluster with one of everybody, from a seed, at a fixed time; and documents that the product would refuse to make.</summary>
internal sealed class TestCluster : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public TestCluster(ulong seed = 1)
    {
        Random = new SeededRandomSource(seed);
        Key = SigningKey.Generate(Random);
        Admin = Identity.Generate(Random);
        Node = Identity.Generate(Random);
        Writer = Identity.Generate(Random);
        Reader = Identity.Generate(Random);
        Stranger = Identity.Generate(Random);
        AdminCertificate = Certificate.IssueByCluster(Key, Admin.PublicKey, Role.Admin, Now.AddDays(-10), Now.AddDays(1000));
        NodeCertificate = Issue(Node, Role.Node);
        WriterCertificate = Issue(Writer, Role.Writer);
        ReaderCertificate = Issue(Reader, Role.Reader);

        Certificate Issue(Identity subject, Role role) =>
            Certificate.IssueByAdmin(Admin.Key, AdminCertificate, subject.PublicKey, role, Now.AddDays(-5), Now.AddDays(500));
    }

    public SeededRandomSource Random { get; }

    public SigningKey Key { get; }

    public byte[] PublicKey => Key.PublicKey.ToArray();

    public Identity Admin { get; }

    public Identity Node { get; }

    public Identity Writer { get; }

    public Identity Reader { get; }

    public Identity Stranger { get; }

    public Certificate AdminCertificate { get; }

    public Certificate NodeCertificate { get; }

    public Certificate WriterCertificate { get; }

    public Certificate ReaderCertificate { get; }

    public Invitation Invite(Role role = Role.Writer)
    {
        string[] endpoints = ["192.0.2.1:4000", "node.example:4000"];
        return Invitation.Create(Admin.Key, AdminCertificate, role, Now.AddHours(1), TimeSpan.FromDays(30), endpoints, Random);
    }

    /// <summary>ASCII text, numbers and bytes in a row: how the tests spell a format out without the product's writer.</summary>
    public static byte[] Bytes(params object[] parts)
    {
        var all = new List<byte>();
        foreach (object part in parts)
            all.AddRange(part is byte[] bytes ? bytes : System.Text.Encoding.ASCII.GetBytes(part.ToString()!));
        return [.. all];
    }

    /// <summary>A bencode string.</summary>
    public static byte[] Str(byte[] bytes) => Bytes(bytes.Length, ":", bytes);

    /// <summary>Signs a dictionary that is given in two halves, around its entry <c>s</c>.</summary>
    public static byte[] Sign(SigningKey key, string context, byte[] head, byte[] tail)
    {
        var signature = new byte[Ed25519.SignatureLength];
        key.Sign(Bytes(context, "\0", head, tail), signature);
        return Bytes(head, "1:s64:", signature, tail);
    }

    /// <summary>Any certificate at all, well-formed and signed by <paramref name="signer"/>.</summary>
    public Certificate Forge(
        SigningKey signer,
        Identity subject,
        string role,
        Certificate? issuer = null,
        Invitation? token = null,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? expires = null,
        byte[]? clusterKey = null)
    {
        byte[] head = Bytes(
            "d1:c", Str(clusterKey ?? PublicKey),
            "1:ei", (expires ?? Now.AddDays(1)).ToUnixTimeSeconds(), "e",
            issuer is null ? "" : Bytes("1:i", Str(issuer.Encoded)),
            "1:ni", (notBefore ?? Now).ToUnixTimeSeconds(), "e",
            "1:r", Str(Bytes(role)));
        byte[] tail = Bytes(token is null ? "" : Bytes("1:t", Str(token.Encoded)), "1:u", Str(subject.PublicKey.ToArray()), "e");
        return Certificate.Decode(Sign(signer, "megatorrent certificate v1", head, tail));
    }

    /// <summary>Any invitation at all, well-formed and signed by <paramref name="signer"/>.</summary>
    public Invitation ForgeInvitation(
        SigningKey signer, string role, Certificate? issuer = null, DateTimeOffset? expires = null, byte[]? clusterKey = null)
    {
        byte[] head = Bytes(
            "d", issuer is null ? "" : Bytes("1:a", Str(issuer.Encoded)),
            "1:c", Str(clusterKey ?? PublicKey),
            "1:ei", (expires ?? Now.AddHours(1)).ToUnixTimeSeconds(), "e",
            "1:li2592000e1:n16:", new byte[16], "1:ple",
            "1:r", Str(Bytes(role)));
        return Invitation.Decode(Sign(signer, "megatorrent invitation v1", head, Bytes("e")));
    }

    public static MegatorrentException AssertUnauthorized(string expected, Action act)
    {
        var error = Assert.Throws<MegatorrentException>(act);
        Assert.Equal(ErrorKind.Unauthorized, error.Kind);
        Assert.Contains(expected, error.Message);
        return error;
    }

    public static MegatorrentException AssertMalformed(string expected, Action act)
    {
        var error = Assert.Throws<MegatorrentException>(act);
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.Contains(expected, error.Message);
        return error;
    }

    public void Dispose()
    {
        Key.Dispose();
        Admin.Dispose();
        Node.Dispose();
        Writer.Dispose();
        Reader.Dispose();
        Stranger.Dispose();
    }
}
