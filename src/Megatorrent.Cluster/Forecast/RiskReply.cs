using Megatorrent.Core;
using Megatorrent.Core.Encoding;

namespace Megatorrent.Cluster.Forecast;

/// <summary>What a member says of its own health, the answer to `forecast-risk`. Layout: docs/spec/forecast.md, "Calls".</summary>
/// <param name="AgeHours">How long it has had its folder.</param>
/// <param name="Damage">Records found damaged within 60 days.</param>
internal readonly record struct RiskReply(long AgeHours, long Damage)
{
    private const int Version = 1;

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode()
    {
        (long age, long damage) = (AgeHours, Damage);
        return BencodeWriter.Encode(writer =>
        {
            writer.BeginDictionary();
            writer.WriteKey("a");
            writer.WriteInteger(age);
            writer.WriteKey("d");
            writer.WriteInteger(damage);
            writer.WriteKey("v");
            writer.WriteInteger(Version);
            writer.End();
        });
    }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static RiskReply Decode(ReadOnlySpan<byte> source)
    {
        const long hundredYears = 876_600; // hours; more is no age of a disk
        long age = -1, damage = -1;
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "risk reply");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("a"u8))
                age = reader.ReadInteger(0, hundredYears);
            else if (key.SequenceEqual("d"u8))
                damage = reader.ReadInteger(0, long.MaxValue);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(Version, long.MaxValue) >= Version;
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        return age >= 0 && damage >= 0 && versioned
            ? new RiskReply(age, damage)
            : throw reader.Malformed("the age, the damage or the version is missing");
    }
}
