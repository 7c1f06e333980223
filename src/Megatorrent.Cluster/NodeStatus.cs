using Megatorrent.Core;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// What a node says about itself, in plain types so that it turns into JSON as it is. Layout: docs/spec/cluster.md, "Status".
/// </summary>
public sealed record NodeStatus
{
    /// <summary>Members in one status at most; a larger cluster's view is fetched with the "members" query.</summary>
    public const int MaxMembers = 512;

    private const int FormatVersion = 1;
    private const int MaxTextLength = 512;
    private const int MaxServices = 32;

    /// <summary>Node id, 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Where it says it can be reached, "host:port".</summary>
    public required string Endpoint { get; init; }

    /// <summary>Failure domain.</summary>
    public required string Domain { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>What moves its bytes over the network: "io_uring" or "portable"; empty when it does not say.</summary>
    public string Transport { get; init; } = "";

    /// <summary>How long it has been running, in milliseconds.</summary>
    public long UptimeMs { get; init; }

    /// <summary>Bytes that the store may take.</summary>
    public long CapacityBytes { get; init; }

    /// <summary>Bytes that the store takes, dead ones included.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Bytes of blobs and descriptors that can be read.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Blobs held.</summary>
    public long Blobs { get; init; }

    /// <summary>Stripe descriptors held.</summary>
    public long Stripes { get; init; }

    /// <summary>The members as this node sees them, itself included.</summary>
    public IReadOnlyList<MemberStatus> Members { get; init; } = [];

    /// <summary>How repair stands.</summary>
    public RepairStatus Repair { get; init; } = new();

    /// <summary>The last scrub.</summary>
    public ScrubStatus Scrub { get; init; } = new();

    /// <summary>The numbers of every further service of the node, by the service's name and the number's.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Services { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, long>>();

    /// <summary>The canonical encoding.</summary>
    public byte[] Encode() => BencodeWriter.Encode(writer =>
    {
        var store = new StatusNumbers
        {
            ["blobs"] = Blobs,
            ["capacity"] = CapacityBytes,
            ["live"] = LiveBytes,
            ["stripes"] = Stripes,
            ["uptime"] = UptimeMs,
            ["used"] = UsedBytes,
        };
        writer.BeginDictionary();
        writer.WriteKey("domain");
        writer.WriteText(Domain);
        writer.WriteKey("endpoint");
        writer.WriteText(Endpoint);
        writer.WriteKey("id");
        writer.WriteText(Id);
        writer.WriteKey("members");
        writer.BeginList();
        foreach (MemberStatus member in Members.Take(MaxMembers))
            WriteMember(writer, member);
        writer.End();
        writer.WriteKey("repair");
        Repair.ToNumbers().Write(writer);
        writer.WriteKey("scrub");
        Scrub.ToNumbers().Write(writer);
        if (Services.Count > 0)
            WriteServices(writer);
        writer.WriteKey("store");
        store.Write(writer);
        if (Transport.Length > 0)
        {
            writer.WriteKey("transport");
            writer.WriteText(Transport);
        }
        writer.WriteKey("v");
        writer.WriteInteger(FormatVersion);
        writer.WriteKey("version");
        writer.WriteText(Version);
        writer.End();
    });

    /// <summary>Reads a status.</summary>
    /// <exception cref="MegatorrentException">Malformed.</exception>
    public static NodeStatus Decode(ReadOnlySpan<byte> source)
    {
        string? id = null, endpoint = null, domain = null, version = null;
        string transport = "";
        var members = new List<MemberStatus>();
        var services = new Dictionary<string, IReadOnlyDictionary<string, long>>(StringComparer.Ordinal);
        StatusNumbers repair = new(), scrub = new(), store = new();
        bool versioned = false;
        var reader = new BencodeReader(source, subject: "node status");
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("domain"u8))
                domain = ReadText(ref reader);
            else if (key.SequenceEqual("endpoint"u8))
                endpoint = ReadText(ref reader);
            else if (key.SequenceEqual("id"u8))
                id = ReadText(ref reader);
            else if (key.SequenceEqual("members"u8))
                ReadMembers(ref reader, members);
            else if (key.SequenceEqual("repair"u8))
                repair = StatusNumbers.Read(ref reader);
            else if (key.SequenceEqual("scrub"u8))
                scrub = StatusNumbers.Read(ref reader);
            else if (key.SequenceEqual("services"u8))
                ReadServices(ref reader, services);
            else if (key.SequenceEqual("store"u8))
                store = StatusNumbers.Read(ref reader);
            else if (key.SequenceEqual("transport"u8))
                transport = ReadText(ref reader);
            else if (key.SequenceEqual("v"u8))
                versioned = reader.ReadInteger(FormatVersion, long.MaxValue) >= FormatVersion;
            else if (key.SequenceEqual("version"u8))
                version = ReadText(ref reader);
            else
                reader.SkipValue();
        }
        reader.ReadEndOfDocument();
        if (id is null || !NodeId.TryParse(id, out _) || endpoint is null || domain is null || version is null || !versioned)
            throw reader.Malformed("the node's id, endpoint, domain or version is missing");
        return new NodeStatus
        {
            Id = id,
            Endpoint = endpoint,
            Domain = domain,
            Version = version,
            Transport = transport,
            UptimeMs = store["uptime"],
            CapacityBytes = store["capacity"],
            UsedBytes = store["used"],
            LiveBytes = store["live"],
            Blobs = store["blobs"],
            Stripes = store["stripes"],
            Members = members,
            Repair = RepairStatus.FromNumbers(repair),
            Scrub = ScrubStatus.FromNumbers(scrub),
            Services = services,
        };
    }

    private void WriteServices(BencodeWriter writer)
    {
        writer.WriteKey("services");
        writer.BeginDictionary();
        foreach ((string name, IReadOnlyDictionary<string, long> numbers) in Services.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteKey(name);
            new StatusNumbers(numbers).Write(writer);
        }
        writer.End();
    }

    private static void WriteMember(BencodeWriter writer, MemberStatus member)
    {
        writer.BeginDictionary();
        writer.WriteKey("domain");
        writer.WriteText(member.Domain);
        writer.WriteKey("endpoint");
        writer.WriteText(member.Endpoint);
        writer.WriteKey("id");
        writer.WriteText(member.Id);
        writer.WriteKey("incarnation");
        writer.WriteInteger(member.Incarnation);
        if (member.Mode != MemberStatus.ActiveMode)
        {
            writer.WriteKey("mode");
            writer.WriteText(member.Mode);
        }
        writer.WriteKey("since");
        writer.WriteInteger(member.SinceUnixMs);
        writer.WriteKey("state");
        writer.WriteText(member.State);
        writer.WriteKey("weight");
        writer.WriteInteger(member.Weight);
        writer.End();
    }

    private static void ReadMembers(ref BencodeReader reader, List<MemberStatus> members)
    {
        reader.BeginList();
        while (reader.TryReadItem())
        {
            if (members.Count == MaxMembers)
                throw reader.Malformed($"more than {MaxMembers} members");
            members.Add(ReadMember(ref reader));
        }
    }

    private static void ReadServices(ref BencodeReader reader, Dictionary<string, IReadOnlyDictionary<string, long>> services)
    {
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> name))
        {
            if (services.Count == MaxServices || name.Length > MaxTextLength)
                throw reader.Malformed($"more than {MaxServices} services, or a name of {name.Length} bytes");
            services[System.Text.Encoding.ASCII.GetString(name)] = StatusNumbers.Read(ref reader).ToDictionary();
        }
    }

    private static MemberStatus ReadMember(ref BencodeReader reader)
    {
        string? id = null, endpoint = null, domain = null, state = null, mode = null;
        long weight = 0, incarnation = 0, since = 0;
        reader.BeginDictionary();
        while (reader.TryReadKey(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("domain"u8))
                domain = ReadText(ref reader);
            else if (key.SequenceEqual("endpoint"u8))
                endpoint = ReadText(ref reader);
            else if (key.SequenceEqual("id"u8))
                id = ReadText(ref reader);
            else if (key.SequenceEqual("incarnation"u8))
                incarnation = reader.ReadInteger();
            else if (key.SequenceEqual("mode"u8))
                mode = ReadText(ref reader);
            else if (key.SequenceEqual("since"u8))
                since = reader.ReadInteger();
            else if (key.SequenceEqual("state"u8))
                state = ReadText(ref reader);
            else if (key.SequenceEqual("weight"u8))
                weight = reader.ReadInteger();
            else
                reader.SkipValue();
        }
        if (id is null || !NodeId.TryParse(id, out _) || endpoint is null || domain is null || state is null)
            throw reader.Malformed("a member's id, endpoint, domain or state is missing");
        return new MemberStatus
        {
            Id = id,
            Endpoint = endpoint,
            Domain = domain,
            State = state,
            Weight = weight,
            Incarnation = incarnation,
            SinceUnixMs = since,
            Mode = mode ?? MemberStatus.ActiveMode,
        };
    }

    private static string ReadText(ref BencodeReader reader) => System.Text.Encoding.UTF8.GetString(reader.ReadBytes(MaxTextLength));
}
