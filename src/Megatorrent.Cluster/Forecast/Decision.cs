using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Forecast;

/// <summary>A decision with all that it was made of, so that it can be made again. Layout: docs/spec/forecast.md, "Decision".</summary>
internal sealed record Decision
{
    private const int MaxSubjectLength = 32;

    /// <summary>When, milliseconds of Unix time.</summary>
    public required long TimeMs { get; init; }

    /// <summary>What was decided about.</summary>
    public required DecisionKind Kind { get; init; }

    /// <summary>The member that it is about; empty for the node itself.</summary>
    public byte[] Subject { get; init; } = [];

    /// <summary>SHA-256 of the inputs and of the history that was looked at.</summary>
    public required byte[] InputsHash { get; init; }

    /// <summary>The inputs beside the history.</summary>
    public required StatusNumbers Inputs { get; init; }

    /// <summary>What was forecast.</summary>
    public required StatusNumbers Forecast { get; init; }

    /// <summary>What the forecast was compared with.</summary>
    public required long Bound { get; init; }

    /// <summary>What came of it: a weight in millionths, bytes a second, or 1 for likely to fail.</summary>
    public required long Outcome { get; init; }

    /// <summary>Whether another decision says the same for the same reasons.</summary>
    public bool SameAs(Decision other) => Kind == other.Kind && Outcome == other.Outcome && Bound == other.Bound
        && InputsHash.AsSpan().SequenceEqual(other.InputsHash)
        && Forecast.ToDictionary().OrderBy(static pair => pair.Key).SequenceEqual(other.Forecast.ToDictionary().OrderBy(static pair => pair.Key));

    /// <summary>Writes it.</summary>
    public void Write(BencodeWriter writer)
    {
        writer.BeginDictionary();
        writer.WriteKey("b");
        writer.WriteInteger(Bound);
        writer.WriteKey("d");
        writer.WriteInteger(Outcome);
        writer.WriteKey("f");
        Forecast.Write(writer);
        writer.WriteKey("h");
        writer.WriteBytes(InputsHash);
        writer.WriteKey("i");
        Inputs.Write(writer);
        writer.WriteKey("k");
        writer.WriteInteger((byte)Kind);
        writer.WriteKey("s");
        writer.WriteBytes(Subject);
        writer.WriteKey("t");
        writer.WriteInteger(TimeMs);
        writer.End();
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static Decision Read(ref BencodeReader reader)
    {
        long bound = 0, outcome = 0, kind = 0, time = -1;
        byte[] hash = [], subject = [];
        StatusNumbers inputs = new(), forecast = new();
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("b"u8))
                bound = reader.ReadInteger();
            else if (key.SequenceEqual("d"u8))
                outcome = reader.ReadInteger();
            else if (key.SequenceEqual("f"u8))
                forecast = StatusNumbers.Read(ref reader);
            else if (key.SequenceEqual("h"u8))
                hash = reader.ReadBytesExact(Sha256.HashLength).ToArray();
            else if (key.SequenceEqual("i"u8))
                inputs = StatusNumbers.Read(ref reader);
            else if (key.SequenceEqual("k"u8))
                kind = reader.ReadInteger(1, byte.MaxValue);
            else if (key.SequenceEqual("s"u8))
                subject = reader.ReadBytes(MaxSubjectLength).ToArray();
            else if (key.SequenceEqual("t"u8))
                time = reader.ReadInteger(0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            else
                reader.SkipValue();
        }
        if (hash.Length == 0 || kind == 0 || time < 0)
            throw reader.Malformed("a decision's time, kind or hash is missing");
        return new Decision
        {
            TimeMs = time,
            Kind = (DecisionKind)kind,
            Subject = subject,
            InputsHash = hash,
            Inputs = inputs,
            Forecast = forecast,
            Bound = bound,
            Outcome = outcome,
        };
    }
}
