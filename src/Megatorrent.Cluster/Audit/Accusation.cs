using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// A member's signed statement that another signed wrong answers, with these. It is believed for the answers, never for who says it: each
/// reader gets the blobs and looks. Layout: docs/spec/audit.md, "Accusation". Immutable.
/// </summary>
/// <param name="Accuser">Who says so.</param>
/// <param name="Accused">Of whom.</param>
/// <param name="Evidence">The answers, of different blobs or to different auditors, each with the stripe that its blob is of.</param>
/// <param name="Encoded">The signed document.</param>
internal sealed record Accusation(NodeId Accuser, NodeId Accused, IReadOnlyList<(AuditProof Proof, BlobId Stripe)> Evidence, byte[] Encoded)
{
    /// <summary>Answers that it takes: one could be a fault of the memory.</summary>
    public const int ProofsMin = 2;

    /// <summary>Answers that one may have.</summary>
    public const int ProofsMax = 4;

    /// <summary>The longest encoding, in bytes.</summary>
    public const int EncodedLengthMax = (ProofsMax * (AuditProof.EncodedLengthMax + 64)) + 512;

    private const int FormatVersion = 1;

    private static ReadOnlySpan<byte> Context => "megatorrent accusation 1\0"u8;

    /// <summary>Signs an accusation.</summary>
    public static Accusation Sign(SigningKey key, NodeId accused, IReadOnlyList<(AuditProof Proof, BlobId Stripe)> evidence)
    {
        byte[] document = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("n");
            writer.WriteBytes(NodeId.AsSpan(in accused));
            writer.WriteKey("p");
            writer.BeginList();
            foreach ((AuditProof proof, BlobId stripe) in evidence)
            {
                BlobId id = stripe;
                writer.BeginDictionary();
                writer.WriteKey("p");
                writer.WriteBytes(proof.Encoded);
                writer.WriteKey("s");
                writer.WriteBytes(BlobId.AsSpan(in id));
                writer.End();
            }
            writer.End();
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
        SignedStatement statement = SignedStatement.Sign(key, Context, document);
        return new Accusation(NodeId.Of(statement.Key), accused, evidence, statement.Encoded);
    }

    /// <summary>
    /// Reads an accusation and checks its form: every signature, that all answers are the accused's, and that they are enough and differ.
    /// </summary>
    /// <exception cref="MegatorrentException">Malformed. Integrity: a signature is wrong.</exception>
    public static Accusation Open(ReadOnlySpan<byte> source)
    {
        SignedStatement statement = SignedStatement.Open(Context, source, EncodedLengthMax);
        NodeId? accused = null;
        var evidence = new List<(AuditProof Proof, BlobId Stripe)>();
        bool versioned = false;
        var reader = new BencodeReader(statement.Document, subject: "accusation");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            switch (key)
            {
                case [(byte)'n']: accused = new NodeId(reader.ReadBytesExact(NodeId.Length)); break;
                case [(byte)'p']: ReadEvidence(ref reader, evidence); break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        if (accused is not { } member || !versioned)
            throw reader.Malformed("an entry is missing");
        if (evidence.Exists(item => item.Proof.Holder != member))
            throw reader.Malformed("an answer in it is not the accused's");
        if (!IsEnough(evidence))
            throw reader.Malformed($"fewer than {ProofsMin} answers of different blobs, or to different auditors");
        return new Accusation(NodeId.Of(statement.Key), member, evidence, statement.Encoded);
    }

    /// <summary>Whether these answers, if they are wrong, are enough: several, of different blobs or to different auditors.</summary>
    public static bool IsEnough(IReadOnlyList<(AuditProof Proof, BlobId Stripe)> evidence) =>
        evidence.Select(static item => (item.Proof.Challenge.Blob, item.Proof.Auditor)).Distinct().Count() >= ProofsMin;

    private static void ReadEvidence(ref BencodeReader reader, List<(AuditProof Proof, BlobId Stripe)> evidence)
    {
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (evidence.Count == ProofsMax)
                throw reader.Malformed($"more than {ProofsMax} answers");
            AuditProof? proof = null;
            BlobId? stripe = null;
            reader.BeginDictionary();
            while (reader.TryReadKey(out ReadOnlySpan<byte> key))
            {
                switch (key)
                {
                    case [(byte)'p']: proof = AuditProof.Open(reader.ReadBytes(AuditProof.EncodedLengthMax)); break;
                    case [(byte)'s']: stripe = new BlobId(reader.ReadBytesExact(BlobId.Length)); break;
                    default: reader.SkipValue(); break;
                }
            }
            if (proof is null || stripe is not { } id)
                throw reader.Malformed("an answer or its stripe is missing");
            evidence.Add((proof, id));
        }
    }
}
