using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// Manifests. As blobs of strangers; and, since no input ever guesses a tag, with both parts in the clear, which the target seals before it
/// lets them be opened: <c>O</c>, the length of the public part in two bytes, the public part, the secret part.
/// </summary>
[Covers(typeof(Manifest))]
internal sealed class ManifestTarget() : FuzzTarget("manifest")
{
    private static readonly byte[] Key = new byte[32];

    private static ReadOnlySpan<byte> AssociatedLabel => "megatorrent manifest v1\0"u8;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        if (input[0] == (byte)'d')
        {
            Manifest.ReadPublic(input);
            return;
        }

        if (input[0] != (byte)'O' || input.Length < 3)
            return;
        int split = ((input[1] << 8) | input[2]) + 3;
        if (split > input.Length)
            return;
        byte[] blob = Seal(CipherSuite.Aes256Gcm, input[3..split], input[split..]);
        Manifest manifest = Manifest.Open(blob, Key);
        var key = new byte[32];
        FuzzFailure.UnlessSame(blob, manifest.Seal(CipherSuite.Aes256Gcm, default, new ZeroRandom(), key), "manifest");
    }

    /// <summary>docs/spec/manifest.md; should this fall behind it, no input opens, and the test of the corpus fails.</summary>
    internal static byte[] Seal(CipherSuite suite, ReadOnlySpan<byte> publicPart, ReadOnlySpan<byte> secretPart)
    {
        var sealedPart = new byte[secretPart.Length + AeadCipher.TagLength];
        byte[] associatedData = [.. AssociatedLabel, (byte)suite, .. publicPart];
        Span<byte> nonce = stackalloc byte[12];
        nonce.Clear();
        Aead.Seal(suite, Key, nonce, secretPart, sealedPart.AsSpan(0, secretPart.Length), sealedPart.AsSpan(secretPart.Length), associatedData);
        byte[] publicBytes = publicPart.ToArray();
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("p");
            writer.WriteBytes(publicBytes);
            writer.WriteKey("s");
            writer.WriteBytes(sealedPart);
            writer.WriteKey("v");
            writer.WriteInteger(1);
            writer.WriteKey("x");
            writer.WriteInteger((int)suite);
            writer.End();
        });
    }

    private sealed class ZeroRandom : IRandomSource
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }
}
