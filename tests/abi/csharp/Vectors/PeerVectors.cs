using System.Text.Json.Nodes;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes peers.json.</summary>
internal static class PeerVectors
{
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly byte[] Static = X25519Public("static");

    /// <summary>The file.</summary>
    public static JsonObject Make()
    {
        using Identity cluster = Identity.FromSeed(Named("cluster"));
        using Identity stranger = Identity.FromSeed(Named("another cluster"));
        using Identity admin = Identity.FromSeed(Named("admin"));
        using Identity writer = Identity.FromSeed(Named("writer"));
        using Identity reader = Identity.FromSeed(Named("reader"));
        using Identity node = Identity.FromSeed(Named("node"));
        Certificate adminCertificate = Issue(cluster, admin, Role.Admin);
        Certificate writerCertificate = Issue(cluster, writer, Role.Writer);
        Certificate readerCertificate = Certificate.IssueByAdmin(admin.Key, adminCertificate, reader.PublicKey, Role.Reader, Begin, End);
        Certificate nodeCertificate = Issue(cluster, node, Role.Node);
        return new JsonObject
        {
            ["about"] = About(
                "Who a peer is, docs/spec/noise.md and docs/spec/certificate.md. All certificates are of one cluster, and valid from 2020 to 2100.",
                "payloads: mt_peer_payload_create of credential and static (the X25519 public key of its owner in the session) gives payload and "
                + "clusterKey; mt_peer_payload_check of payload against static and clusterKey gives hasCertificate, nodeId, publicKey and version. Where "
                + "credential is \"\" there is only something to check.",
                "bad: mt_peer_payload_check of payload against static and clusterKey gives status. badCredentials: mt_peer_payload_create of credential, "
                + "and opening a client with it, give status.",
                "Made by tests/abi/csharp (make-vectors); signatures, ids and check values were checked in Python (hashlib, cryptography on OpenSSL). The "
                + "secrets are SHA-256 of names: use them for nothing else.",
                AboutStatus),
            ["payloads"] = new JsonArray(
                Payload("a writer", cluster, writer, writerCertificate, endpoints: ["127.0.0.1:4701", "[::1]:4702"]),
                Payload("a reader, by an admin", cluster, reader, readerCertificate),
                Payload("a node", cluster, node, nodeCertificate),
                Payload("an admin", cluster, admin, adminCertificate),
                Payload("a peer without a certificate", cluster, stranger, null)),
            ["bad"] = Bad(cluster, stranger, writer, writerCertificate),
            ["badCredentials"] = BadCredentials(writer, writerCertificate),
        };
    }

    private static JsonObject Payload(string name, Identity cluster, Identity identity, Certificate? certificate, string[]? endpoints = null)
    {
        string credential = "";
        if (certificate is not null)
        {
            using var whole = new Credential(identity, certificate, Named("tenant"), endpoints ?? []);
            credential = whole.ToText();
        }

        return new JsonObject
        {
            ["name"] = name,
            ["credential"] = credential,
            ["static"] = Hex(Static),
            ["payload"] = Hex(HandshakePayload.Create(identity, certificate, Static)),
            ["clusterKey"] = Hex(cluster.PublicKey),
            ["hasCertificate"] = certificate is not null,
            ["nodeId"] = Hex(System.Security.Cryptography.SHA256.HashData(identity.PublicKey)),
            ["publicKey"] = Hex(identity.PublicKey),
            ["version"] = HandshakePayload.CurrentVersion,
        };
    }

    private static JsonArray Bad(Identity cluster, Identity stranger, Identity writer, Certificate certificate)
    {
        byte[] clusterKey = cluster.PublicKey.ToArray();
        byte[] good = HandshakePayload.Create(writer, certificate, Static);
        byte[] bare = HandshakePayload.Create(writer, null, Static);
        int signature = good.AsSpan().LastIndexOf("1:s64:"u8) + "1:s64:".Length;
        var cases = new JsonArray();
        void Add(string name, byte[] payload, string status, string why, byte[]? other = null, byte[]? key = null) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["payload"] = Hex(payload),
            ["static"] = Hex(other ?? Static),
            ["clusterKey"] = Hex(key ?? clusterKey),
            ["status"] = status,
            ["why"] = why,
        });

        Add("another session's key", good, Unauthorized, "the signature is over the key of the session", other: X25519Public("another static"));
        Add("another session's key, without a certificate", bare, Unauthorized, "the signature is over the key of the session",
            other: X25519Public("another static"));
        Add("a bit of the signature", Flip(good, signature), Unauthorized, "the signature is wrong");
        Add("another cluster's key", good, Unauthorized, "the certificate is of another cluster", key: stranger.PublicKey.ToArray());
        Add("a certificate of another cluster", HandshakePayload.Create(writer, Issue(stranger, writer, Role.Writer), Static), Unauthorized,
            "the certificate is of another cluster");
        Add("a certificate that has expired", HandshakePayload.Create(writer, Issue(cluster, writer, Role.Writer, expires: Begin.AddYears(1)), Static),
            Unauthorized, "it ended with 2020");
        Add("a certificate that is not valid yet",
            HandshakePayload.Create(writer, Issue(cluster, writer, Role.Writer, notBefore: End.AddYears(-1)), Static), Unauthorized, "it begins with 2099");
        Add("a certificate whose signature is wrong", FlipInCertificate(writer, certificate), Unauthorized, "one bit of the certificate's signature");
        Add("the certificate of another", Exchanged(cluster, stranger), Unauthorized, "it is about another key");
        Add("version 2 alone", HandshakePayload.Create(writer, certificate, Static, [2]), Unsupported, "there is only version 1");

        Add("no bytes", [], Malformed, "a dictionary");
        Add("cut by one byte", good[..^1], Malformed, "cut");
        Add("a byte behind", [.. good, 0], Malformed, "a document is one value");
        Add("a list", Ascii("le"), Malformed, "a dictionary");
        Add("an empty dictionary", Ascii("de"), Malformed, "k, s and v must be there");
        Add("no version", [.. bare[..^6], .. Ascii("lee")], Malformed, "at least one version");
        Add("version 0", [.. bare[..^6], .. Ascii("li0eee")], Malformed, "versions are positive");
        Add("versions that do not ascend", [.. bare[..^6], .. Ascii("li2ei1eee")], Malformed, "versions ascend");
        Add("17 versions", [.. bare[..^6], .. Ascii("l" + string.Concat(Enumerable.Range(1, 17).Select(i => $"i{i}e")) + "ee")], Malformed, "16 is the most");
        Add("another entry", [.. bare[..^1], .. Ascii("1:zi1ee")], Malformed, "exactly c, k, s and v");
        Add("too long", [.. bare[..^1], .. Ascii("1:z4600:"), .. new byte[4600], (byte)'e'], Malformed, "4608 bytes are the most");
        return cases;
    }

    private static JsonArray BadCredentials(Identity writer, Certificate certificate)
    {
        using var credential = new Credential(writer, certificate, Named("tenant"), ["127.0.0.1:4701"]);
        string text = credential.ToText();
        byte[] encoded = credential.Encode();
        int secret = encoded.AsSpan().LastIndexOf("1:t32:"u8) + "1:t32:".Length;
        string FromBytes(byte[] bytes) => Credential.TextPrefix + System.Buffers.Text.Base64Url.EncodeToString(bytes);
        var cases = new JsonArray();
        void Add(string name, string text, string why) =>
            cases.Add(new JsonObject { ["name"] = name, ["credential"] = text, ["status"] = Malformed, ["why"] = why });

        Add("the prefix alone", "mtcred1:", "nothing is there");
        Add("version 2", text.Replace("mtcred1:", "mtcred2:", StringComparison.Ordinal), "there is no mtcred2:");
        Add("cut by one character", text[..^1], "cut");
        Add("cut by half", text[..(text.Length / 2)], "cut");
        Add("a character that does not belong there", text[..40] + "!" + text[41..], "not a character of base64url");
        Add("a bit of the tenant's secret", FromBytes(Flip(encoded, secret)), "the check value is wrong");
        Add("a byte behind", FromBytes([.. encoded, 0]), "a document is one value");
        Add("another seed", FromBytes(Flip(encoded, encoded.AsSpan().LastIndexOf("1:i32:"u8) + "1:i32:".Length)), "the certificate is of another identity");
        return cases;
    }

    private static Certificate Issue(
        Identity issuer, Identity subject, Role role, DateTimeOffset? notBefore = null, DateTimeOffset? expires = null) =>
        Certificate.IssueByCluster(issuer.Key, subject.PublicKey, role, notBefore ?? Begin, expires ?? End);

    // The payload of one identity around the certificate of another, put together by hand: the library refuses to make it.
    private static byte[] Exchanged(Identity cluster, Identity stranger)
    {
        using Identity other = Identity.FromSeed(Named("node"));
        byte[] bare = HandshakePayload.Create(stranger, null, Static);
        return WithCertificate(bare, Issue(cluster, other, Role.Node).Encoded);
    }

    private static byte[] FlipInCertificate(Identity writer, Certificate certificate)
    {
        byte[] encoded = certificate.Encoded;
        int signature = encoded.AsSpan().LastIndexOf("1:s64:"u8) + "1:s64:".Length;
        return WithCertificate(HandshakePayload.Create(writer, null, Static), Flip(encoded, signature));
    }

    private static byte[] WithCertificate(byte[] bare, byte[] certificate) =>
        [.. bare[..1], .. Ascii($"1:c{certificate.Length}:"), .. certificate, .. bare[1..]];

    private static byte[] X25519Public(string name)
    {
        var key = new byte[X25519.KeyLength];
        X25519.PublicKey(Named(name), key);
        return key;
    }
}
