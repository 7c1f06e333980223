using System.Buffers;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

/// <summary>Any bencode value as plain objects (long, byte[], List, SortedDictionary): what reader and writer are held against.</summary>
internal static class BencodeTree
{
    private sealed class ByByte : IComparer<byte[]>
    {
        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }

    public static object Random(SeededRandomSource random, int depth)
    {
        int kind = random.Next(depth == 0 ? 2 : 4);
        switch (kind)
        {
            case 0:
                return RandomInteger(random);
            case 1:
                return RandomBytes(random, 40);
            case 2:
                var list = new List<object>();
                for (int n = random.Next(5); n > 0; n--)
                    list.Add(Random(random, depth - 1));
                return list;
            default:
                var dictionary = new SortedDictionary<byte[], object>(new ByByte());
                for (int n = random.Next(6); n > 0; n--)
                    dictionary[RandomBytes(random, 6)] = Random(random, depth - 1);
                return dictionary;
        }
    }

    public static byte[] Encode(object value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output);
        Write(writer, value);
        Assert.True(writer.IsComplete);
        return output.WrittenSpan.ToArray();
    }

    public static object Decode(ReadOnlySpan<byte> encoded, int maxDepth = BencodeReader.DefaultMaxDepth)
    {
        var reader = new BencodeReader(encoded, maxDepth);
        object value = Read(ref reader);
        reader.ReadEndOfDocument();
        return value;
    }

    private static void Write(BencodeWriter writer, object value)
    {
        switch (value)
        {
            case long integer:
                writer.WriteInteger(integer);
                break;
            case byte[] bytes:
                writer.WriteBytes(bytes);
                break;
            case List<object> list:
                writer.BeginList();
                foreach (object item in list)
                    Write(writer, item);
                writer.End();
                break;
            case SortedDictionary<byte[], object> dictionary:
                writer.BeginDictionary();
                foreach ((byte[] key, object item) in dictionary)
                {
                    writer.WriteKey(key);
                    Write(writer, item);
                }
                writer.End();
                break;
            default:
                throw new ArgumentException("No bencode value.", nameof(value));
        }
    }

    private static object Read(ref BencodeReader reader)
    {
        switch (reader.PeekType())
        {
            case BencodeType.Integer:
                return reader.ReadInteger();
            case BencodeType.Bytes:
                return reader.ReadBytes().ToArray();
            case BencodeType.List:
                var list = new List<object>();
                reader.BeginList();
                while (reader.TryReadItem())
                    list.Add(Read(ref reader));
                return list;
            default:
                var dictionary = new SortedDictionary<byte[], object>(new ByByte());
                reader.BeginDictionary();
                while (reader.TryReadKey(out ReadOnlySpan<byte> key))
                {
                    byte[] copy = key.ToArray();
                    dictionary.Add(copy, Read(ref reader));
                }
                return dictionary;
        }
    }

    private static long RandomInteger(SeededRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[8];
        random.Fill(bytes);
        long value = BitConverter.ToInt64(bytes) >> random.Next(64);
        return random.Next(20) switch { 0 => 0, 1 => long.MaxValue, 2 => long.MinValue, 3 => -1, _ => value };
    }

    private static byte[] RandomBytes(SeededRandomSource random, int lengthMax)
    {
        var bytes = new byte[random.Next(lengthMax + 1)];
        random.Fill(bytes);
        return bytes;
    }
}
