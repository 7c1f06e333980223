namespace Megatorrent.Core.Hashing;

/// <summary>
/// CIDv1 text of blob ids: multibase <c>b</c> (base32, lower case, no padding) over version 1, codec raw (0x55), and the multihash
/// sha2-256 (0x12) of 32 bytes (0x20). This is the name under which IPFS knows the same bytes as one raw block. One id has one text:
/// 59 characters that begin with <c>bafkrei</c>.
/// </summary>
public static class Cid
{
    /// <summary>Characters in a CID.</summary>
    public const int TextLength = 1 + (BinaryLength * 8 + 4) / 5;

    private const int BinaryLength = 4 + BlobId.Length;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 §6, lower case

    private static ReadOnlySpan<byte> Prefix => [0x01, 0x55, 0x12, 0x20];

    /// <summary>The CIDv1 of <paramref name="id"/>.</summary>
    public static string Format(BlobId id) => string.Create(TextLength, id, static (text, id) =>
    {
        Span<byte> binary = stackalloc byte[BinaryLength];
        Prefix.CopyTo(binary);
        id.CopyTo(binary[Prefix.Length..]);

        text[0] = 'b';
        uint bits = 0;
        int bitCount = 0, next = 1;
        foreach (byte value in binary)
        {
            bits = (bits << 8) | value;
            for (bitCount += 8; bitCount >= 5; bitCount -= 5)
                text[next++] = Alphabet[(int)(bits >> (bitCount - 5)) & 31];
        }
        text[next] = Alphabet[(int)(bits << (5 - bitCount)) & 31]; // 288 bits: three are left
    });

    /// <summary>
    /// Reads a CIDv1 text; false when it is anything but the one text of an id (another version, codec, hash or base, upper case, padding,
    /// white space, bits left over).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BlobId id)
    {
        id = default;
        if (text.Length != TextLength || text[0] != 'b')
            return false;

        Span<byte> binary = stackalloc byte[BinaryLength];
        uint bits = 0;
        int bitCount = 0, next = 0;
        foreach (char digit in text[1..])
        {
            int value = digit switch
            {
                >= 'a' and <= 'z' => digit - 'a',
                >= '2' and <= '7' => digit - '2' + 26,
                _ => -1,
            };
            if (value < 0)
                return false;
            bits = (bits << 5) | (uint)value;
            bitCount += 5;
            if (bitCount >= 8)
            {
                bitCount -= 8;
                binary[next++] = (byte)(bits >> bitCount);
            }
        }
        bool leftOver = (bits & ((1u << bitCount) - 1)) != 0;
        if (leftOver || !binary.StartsWith(Prefix))
            return false;
        id = new BlobId(binary[Prefix.Length..]);
        return true;
    }
}
