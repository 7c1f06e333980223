using Megatorrent.Core.Wire;
using static Megatorrent.Core.Tests.Wire.TestCluster;

namespace Megatorrent.Core.Tests.Wire;

public sealed class CredentialTests : IDisposable
{
    private readonly TestCluster _cluster = new();
    private readonly byte[] _tenantSecret = [.. Enumerable.Range(100, 32).Select(value => (byte)value)];

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_layout_is_frozen()
    {
        using Credential credential = Make();
        var seed = new byte[32];
        _cluster.Writer.CopySeedTo(seed);
        byte[] head = Bytes("d1:a", Str(_cluster.WriterCertificate.Encoded), "1:i32:", seed, "1:pl11:a.test:4000e1:t32:", _tenantSecret);
        byte[] check = System.Security.Cryptography.SHA256.HashData(Bytes("megatorrent credential v1\0", head, "e"))[..8];
        byte[] expected = Bytes(head, "1:x8:", check, "e");
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(credential.Encode()));
        Assert.Equal("mtcred1:" + System.Buffers.Text.Base64Url.EncodeToString(expected), credential.ToText());
    }

    [Fact]
    public void Text_comes_back_the_same()
    {
        using Credential credential = Make();
        using Credential read = Credential.Parse($"\t{credential.ToText()}\n");
        Assert.Equal(credential.ToText(), read.ToText());
        Assert.Equal(_tenantSecret, read.TenantSecret.ToArray());
        Assert.Equal(["a.test:4000"], read.Endpoints);
        Assert.Equal(_cluster.PublicKey, read.ClusterKey);
        read.Certificate.Validate(_cluster.PublicKey, Now);
        using Identity identity = read.CreateIdentity();
        Assert.Equal(_cluster.Writer.Id, identity.Id);
        Assert.True(read.IdentitySeed.SequenceEqual(credential.IdentitySeed));
    }

    [Fact]
    public void The_secret_is_not_shown()
    {
        using Credential credential = Make();
        string shown = credential.ToString();
        string cluster = Convert.ToHexStringLower(_cluster.PublicKey)[..10];
        Assert.Equal($"credential of writer {_cluster.Writer.Id.ToShortString()} for cluster {cluster}", shown);
        Assert.DoesNotContain(Convert.ToHexStringLower(credential.IdentitySeed)[..8], shown);
        Assert.DoesNotContain(Convert.ToHexStringLower(_tenantSecret)[..8], shown);
    }

    // The text is what people copy. Any one wrong character, even inside a secret that nothing else could check, is found at once;
    // and no error repeats the text.
    [Fact]
    public void Any_wrong_character_is_found()
    {
        using Credential credential = Make();
        string text = credential.ToText();
        for (int at = 0; at < text.Length; at++)
        {
            char[] wrong = text.ToCharArray();
            wrong[at] = wrong[at] == 'x' ? 'y' : 'x';
            AssertQuiet(text, new string(wrong));
        }
    }

    [Fact]
    public void Any_cut_is_found()
    {
        using Credential credential = Make();
        string text = credential.ToText();
        for (int length = 0; length < text.Length; length++)
            AssertQuiet(text, text[..length]);
    }

    [Fact]
    public void A_change_that_only_the_check_value_sees_is_named()
    {
        using Credential credential = Make();
        byte[] encoded = credential.Encode();
        int tenant = encoded.AsSpan().IndexOf("1:t32:"u8) + 6;
        encoded[tenant + 5] ^= 1;
        AssertMalformed("its check value is wrong; it was changed since it was made", () => Credential.Decode(encoded));
        encoded[tenant + 5] ^= 1;
        int seed = encoded.AsSpan().IndexOf("1:i32:"u8) + 6;
        encoded[seed] ^= 1;
        AssertMalformed("its certificate is of another identity", () => Credential.Decode(encoded));
    }

    [Fact]
    public void What_is_no_credential_says_why()
    {
        AssertMalformed("it starts with 'mtinv1:', which is an invitation", () => Credential.Parse(_cluster.Invite().ToText()));
        AssertMalformed("it does not start with 'mtcred1:'", () => Credential.Parse("secret"));
        AssertMalformed("more than any credential", () => Credential.Parse("mtcred1:" + new string('A', 1_000_000)));
        AssertMalformed("the limit is 16384", () => Credential.Decode(new byte[Credential.MaxEncodedLength + 1]));
        AssertMalformed("unknown key 'z'", () => Credential.Decode("d1:zi1ee"u8));
        AssertMalformed("the entry 'a' is missing", () => Credential.Decode("de"u8));
        byte[] certificate = Bytes("d1:a", Str(_cluster.WriterCertificate.Encoded));
        byte[] secret = new byte[32];
        AssertMalformed("the entry 'i' is missing", () => Credential.Decode(Bytes(certificate, "e")));
        AssertMalformed("the entry 'p' is missing", () => Credential.Decode(Bytes(certificate, "1:i32:", secret, "e")));
        AssertMalformed("the entry 't' is missing", () => Credential.Decode(Bytes(certificate, "1:i32:", secret, "1:plee")));
        AssertMalformed("the entry 'x' is missing", () =>
            Credential.Decode(Bytes(certificate, "1:i32:", secret, "1:ple1:t32:", secret, "e")));
        AssertMalformed("more than 32 endpoints", () => Credential.Decode(
            Bytes(certificate, "1:i32:", secret, "1:pl", string.Concat(Enumerable.Repeat("3:a:1", 33)), "ee")));
    }

    [Fact]
    public void Disposing_takes_the_secrets_away()
    {
        Credential credential = Make();
        ReadOnlySpan<byte> seed = credential.IdentitySeed, tenantSecret = credential.TenantSecret;
        credential.Dispose();
        Assert.False(seed.ContainsAnyExcept((byte)0));
        Assert.False(tenantSecret.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => credential.IdentitySeed.Length);
        Assert.Throws<ObjectDisposedException>(() => credential.TenantSecret.Length);
        Assert.Throws<ObjectDisposedException>(credential.ToText);
        Assert.Throws<ObjectDisposedException>(credential.CreateIdentity);
        Assert.NotEmpty(credential.ToString());
    }

    [Fact]
    public void Arguments_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new Credential(_cluster.Writer, _cluster.NodeCertificate, _tenantSecret, []));
        Assert.Throws<ArgumentException>(() => new Credential(_cluster.Writer, _cluster.WriterCertificate, new byte[16], []));
        var error = Assert.Throws<MegatorrentException>(() =>
            new Credential(_cluster.Writer, _cluster.WriterCertificate, _tenantSecret, ["x"]));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
    }

    [Fact]
    public void The_fullest_credential_fits()
    {
        string endpoint = string.Join('.', Enumerable.Repeat(new string('n', 62), 4)) + ":65535";
        using var credential = new Credential(
            _cluster.Writer, _cluster.WriterCertificate, _tenantSecret, [.. Enumerable.Repeat(endpoint, Credential.MaxEndpoints)]);
        int certificateMore = Certificate.MaxEncodedLength - _cluster.WriterCertificate.Encoded.Length;
        Assert.InRange(credential.Encode().Length + certificateMore, 0, Credential.MaxEncodedLength);
        using Credential read = Credential.Parse(credential.ToText());
        Assert.Equal(Credential.MaxEndpoints, read.Endpoints.Count);
    }

    private Credential Make() => new(_cluster.Writer, _cluster.WriterCertificate, _tenantSecret, ["a.test:4000"]);

    private static void AssertQuiet(string right, string wrong)
    {
        var error = Assert.Throws<MegatorrentException>(() => Credential.Parse(wrong));
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.DoesNotContain(right[40..60], error.ToString());
    }
}
