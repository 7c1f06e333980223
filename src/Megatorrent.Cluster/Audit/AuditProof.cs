using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// A holder's answer to a challenge, signed: whoever has the blob can tell for ever whether it was right. An honest holder re-hashes the
/// blob before it signs, so it never signs a wrong one. Layout: docs/spec/audit.md, "Challenge". Immutable.
/// </summary>
/// <param name="Holder">Who signed.</param>
/// <param name="Auditor">Who had asked.</param>
/// <param name="Challenge">What was asked.</param>
/// <param name="Digest">The answer, 32 bytes.</param>
/// <param name="Encoded">The signed document.</param>
internal sealed record AuditProof(NodeId Holder, NodeId Auditor, AuditChallenge Challenge, byte[] Digest, byte[] Encoded)
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int EncodedLengthMax = 1024;

    private const int FormatVersion = 1;

    private static ReadOnlySpan<byte> Context => "megatorrent audit proof 1\0"u8;

    /// <summary>Signs an answer.</summary>
    public static AuditProof Sign(SigningKey key, NodeId auditor, AuditChallenge challenge, byte[] digest)
    {
        byte[] document = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteBytes(NodeId.AsSpan(in auditor));
            writer.WriteKey("c");
            writer.WriteBytes(challenge.Encode());
            writer.WriteKey("d");
            writer.WriteBytes(digest);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
        SignedStatement statement = SignedStatement.Sign(key, Context, document);
        return new AuditProof(NodeId.Of(statement.Key), auditor, challenge, digest, statement.Encoded);
    }

    /// <summary>Reads a proof and checks its signature. Whether the answer is right, only the blob can tell: <see cref="IsRight"/>.</summary>
    /// <exception cref="MegatorrentException">Malformed. Integrity: the signature is wrong.</exception>
    public static AuditProof Open(ReadOnlySpan<byte> source)
    {
        SignedStatement statement = SignedStatement.Open(Context, source, EncodedLengthMax);
        NodeId? auditor = null;
        AuditChallenge? challenge = null;
        byte[]? digest = null;
        bool versioned = false;
        var reader = new BencodeReader(statement.Document, subject: "audit proof");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'a']: auditor = new NodeId(reader.ReadBytesExact(NodeId.Length)); break;
                case [(byte)'c']: challenge = AuditChallenge.Decode(reader.ReadBytes(EncodedLengthMax)); break;
                case [(byte)'d']: digest = reader.ReadBytesExact(Sha256.HashLength).ToArray(); break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        return auditor is { } asked && challenge is not null && digest is not null && versioned
            ? new AuditProof(NodeId.Of(statement.Key), asked, challenge, digest, statement.Encoded)
            : throw reader.Malformed("an entry is missing");
    }

    /// <summary>Whether it answers this challenge of this auditor, as this holder.</summary>
    public bool Answers(NodeId holder, NodeId auditor, AuditChallenge challenge) =>
        Holder == holder && Auditor == auditor && Challenge.Encode().AsSpan().SequenceEqual(challenge.Encode());

    /// <summary>Whether the answer is right, given the blob; a range that is not within the blob has no right answer.</summary>
    /// <param name="bytes">The whole blob, whose id was checked.</param>
    public bool IsRight(ReadOnlySpan<byte> bytes) => Challenge.Answer(Holder, bytes) is { } right && right.AsSpan().SequenceEqual(Digest);
}
