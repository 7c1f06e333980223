using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// A document and a signature over a context and its bytes: <c>d</c> the document, <c>k</c> the signer's Ed25519 key, <c>s</c> the
/// signature, <c>v</c> 1.
/// </summary>
/// <param name="Document">The bytes that are signed, after the context.</param>
/// <param name="Key">Who signed: 32 bytes.</param>
/// <param name="Encoded">The whole.</param>
internal sealed record SignedStatement(byte[] Document, byte[] Key, byte[] Encoded)
{
    private const int FormatVersion = 1;

    /// <summary>Signs a document.</summary>
    /// <param name="key">The signer.</param>
    /// <param name="context">What kind of document it is, so that it passes for no other; ends with a zero byte.</param>
    /// <param name="document">The document.</param>
    public static SignedStatement Sign(SigningKey key, ReadOnlySpan<byte> context, byte[] document)
    {
        var signature = new byte[Ed25519.SignatureLength];
        key.Sign([.. context, .. document], signature);
        byte[] publicKey = key.PublicKey.ToArray();
        byte[] encoded = BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("d");
            writer.WriteBytes(document);
            writer.WriteKey("k");
            writer.WriteBytes(publicKey);
            writer.WriteKey("s");
            writer.WriteBytes(signature);
            writer.WriteKey("v");
            writer.WriteInteger(FormatVersion);
            writer.End();
        });
        return new SignedStatement(document, publicKey, encoded);
    }

    /// <summary>Reads a statement and checks its signature by the key that it names.</summary>
    /// <exception cref="MegatorrentException">Malformed. Integrity: the signature is wrong.</exception>
    public static SignedStatement Open(ReadOnlySpan<byte> context, ReadOnlySpan<byte> source, int lengthMax)
    {
        byte[]? document = null, key = null, signature = null;
        bool versioned = false;
        if (source.Length > lengthMax)
            throw new MegatorrentException(ErrorKind.Malformed, $"signed statement: {source.Length} bytes are more than {lengthMax}.");
        var reader = new BencodeReader(source, subject: "signed statement");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> name))
        {
            switch (name)
            {
                case [(byte)'d']: document = reader.ReadBytes(lengthMax).ToArray(); break;
                case [(byte)'k']: key = reader.ReadBytesExact(Ed25519.PublicKeyLength).ToArray(); break;
                case [(byte)'s']: signature = reader.ReadBytesExact(Ed25519.SignatureLength).ToArray(); break;
                case [(byte)'v']: versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion; break;
                default: reader.SkipValue(); break;
            }
        }
        reader.ReadEndOfDocument();
        if (document is null || key is null || signature is null || !versioned)
            throw reader.Malformed("an entry is missing");
        if (!Ed25519.Verify(key, [.. context, .. document], signature))
            throw new MegatorrentException(ErrorKind.Integrity, "signed statement: the signature is wrong.");
        return new SignedStatement(document, key, source.ToArray());
    }
}
