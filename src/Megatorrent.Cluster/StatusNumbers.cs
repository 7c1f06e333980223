using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster;

/// <summary>A dictionary of named whole numbers, the form in which counters travel: a new counter needs no new version.</summary>
internal sealed class StatusNumbers
{
    private const int MaxKeyLength = 64;
    private const int MaxCount = 256;

    private readonly SortedDictionary<string, long> _values = new(StringComparer.Ordinal);

    /// <summary>No numbers yet.</summary>
    public StatusNumbers()
    {
    }

    /// <summary>These numbers.</summary>
    public StatusNumbers(IReadOnlyDictionary<string, long> numbers)
    {
        foreach ((string name, long value) in numbers)
            _values[name] = value;
    }

    /// <summary>A number by its name; 0 when the sender does not know it.</summary>
    public long this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[name] = value;
    }

    /// <summary>A copy.</summary>
    public Dictionary<string, long> ToDictionary() => new(_values, StringComparer.Ordinal);

    /// <summary>Writes the numbers as one dictionary.</summary>
    public void Write(BencodeWriter writer)
    {
        writer.BeginDictionary();
        foreach ((string name, long value) in _values)
        {
            writer.WriteKey(name);
            writer.WriteInteger(value);
        }
        writer.End();
    }

    /// <summary>Reads one dictionary of numbers; values of other kinds are skipped.</summary>
    /// <exception cref="Core.MegatorrentException">Malformed.</exception>
    public static StatusNumbers Read(ref BencodeReader reader)
    {
        var numbers = new StatusNumbers();
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (reader.PeekType() != BencodeType.Integer || key.Length > MaxKeyLength || numbers._values.Count == MaxCount)
                reader.SkipValue();
            else
                numbers._values[System.Text.Encoding.ASCII.GetString(key)] = reader.ReadInteger();
        }
        return numbers;
    }
}
