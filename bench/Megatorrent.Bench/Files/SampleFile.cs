using System.Text;

namespace Megatorrent.Bench.Files;

/// <summary>A file of which half is noise and half looks like text, a mebibyte of each in turn: the same bytes for the same length.</summary>
internal static class SampleFile
{
    public static void Make(string path, long length)
    {
        var random = new Random(1);
        var piece = new byte[1 << 20];
        byte[] words = Encoding.ASCII.GetBytes("stripe parity chunk node repair scrub blob manifest placement shard ");
        using FileStream file = File.Create(path);
        for (long written = 0; written < length; written += piece.Length)
        {
            random.NextBytes(piece);
            if (written / piece.Length % 2 == 1)
            {
                for (int i = 0; i < piece.Length; i++)
                    piece[i] = words[(piece[i] * 7 + i) % words.Length];
            }

            file.Write(piece, 0, (int)Math.Min(piece.Length, length - written));
        }

        file.Flush(flushToDisk: true);
    }
}
