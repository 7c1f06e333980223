namespace Megatorrent.Core.Tests;

/// <summary>Small damage to an encoded document, from a seed: what a broken or hostile sender would produce.</summary>
internal static class Mutator
{
    private static readonly byte[] Telling = "0123456789-:ildez"u8.ToArray();

    public static byte[] Mutate(SeededRandomSource random, byte[] original)
    {
        byte[] bytes = [.. original];
        for (int n = 1 + random.Next(3); n > 0; n--)
            bytes = MutateOnce(random, bytes);
        return bytes;
    }

    private static byte[] MutateOnce(SeededRandomSource random, byte[] bytes)
    {
        int at = random.Next(bytes.Length + 1);
        int length = random.Next(8);
        switch (random.Next(7))
        {
            case 0 when at < bytes.Length: // flip a bit
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1 when at < bytes.Length: // put in a byte that means something
                bytes[at] = Telling[random.Next(Telling.Length)];
                return bytes;
            case 2: // insert such a byte
                return [.. bytes[..at], Telling[random.Next(Telling.Length)], .. bytes[at..]];
            case 3: // cut some out
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + length)..]];
            case 4: // cut the end
                return bytes[..at];
            case 5: // repeat a piece
                return [.. bytes[..Math.Min(bytes.Length, at + length)], .. bytes[at..]];
            default: // a run of one opener
                byte[] run = new byte[random.Next(40)];
                Array.Fill(run, Telling[random.Next(Telling.Length)]);
                return [.. bytes[..at], .. run, .. bytes[at..]];
        }
    }
}
