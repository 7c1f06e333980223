namespace Megatorrent.Bench.Transport;

/// <summary>What is carried: noise, the same every time.</summary>
internal static class AnswerBytes
{
    public static byte[] Make(int length)
    {
        const int Seed = 1;
        var bytes = new byte[length];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }
}
