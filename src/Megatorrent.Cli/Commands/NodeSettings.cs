using System.CommandLine;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cli.Values;
using Megatorrent.Network;

namespace Megatorrent.Cli.Commands;

/// <summary>The settings of a node that <c>node</c> and <c>cluster up</c> share: how much it stores, and its timings.</summary>
internal sealed class NodeSettings
{
    private const long DefaultCapacityBytes = 100_000_000_000;

    private readonly DefaultedOption<long> _capacity = new("--capacity", DefaultCapacityBytes)
    {
        HelpName = "SIZE",
        Description = "How much the node may store, such as 100GB. Default: 100GB.",
        CustomParser = CommonOptions.ParseSize,
        Arity = CommonOptions.LastOne,
    };

    private readonly DefaultedOption<TimeSpan> _heartbeat = CommonOptions.MakeDuration(
        "--heartbeat", "Between two pings to other nodes.", TimeSpan.FromSeconds(1));

    private readonly DefaultedOption<TimeSpan> _suspect = CommonOptions.MakeDuration(
        "--suspect", "How long a node that does not answer may take to refute before it counts as dead.", TimeSpan.FromSeconds(5));

    private readonly DefaultedOption<TimeSpan> _grace = CommonOptions.MakeDuration(
        "--grace", "How long a dead node may take to come back before its blobs are made again elsewhere.", TimeSpan.FromMinutes(10));

    private readonly DefaultedOption<TimeSpan> _repairPeriod = CommonOptions.MakeDuration(
        "--repair-period", "How often all stripes are looked at even when nothing has happened.", TimeSpan.FromHours(1));

    private readonly DefaultedOption<long> _repairRate = CommonOptions.MakeRate(
        "--repair-rate", "How much repair may move.", 0, "no limit");

    private readonly DefaultedOption<TimeSpan> _scrubPeriod = CommonOptions.MakeDuration(
        "--scrub-period", "Within which every blob is re-hashed; 0s never.", TimeSpan.FromDays(7));

    private readonly DefaultedOption<long> _scrubRate = CommonOptions.MakeRate(
        "--scrub-rate", "How fast the store is re-hashed at most; it is read as slowly as the period allows.", 50_000_000, "50MB/s");

    private readonly DefaultedOption<TimeSpan> _collectAfter = CommonOptions.MakeDuration(
        "--collect-after", "How long what nobody keeps stays before it is deleted: longer than any put takes.", TimeSpan.FromDays(7));

    private readonly DefaultedOption<TimeSpan> _collectPeriod = CommonOptions.MakeDuration(
        "--collect-period", "Between two looks for what nobody keeps.", TimeSpan.FromHours(1));

    private readonly DefaultedOption<string> _transport = CommonOptions.MakeChoice(
        "--transport",
        $"What moves bytes over the network: io_uring where the system has it and allows it (auto), or never, or else nothing. "
        + $"{SystemTransport.Variable} sets it for every command.",
        SystemTransport.Auto.Word, [.. SystemTransport.All.Select(static choice => choice.Word)]);

    private readonly Option<bool> _noCollect = new("--no-collect") { Description = "Never delete what nobody keeps any more." };

    private readonly Option<bool> _collectOrphans = new("--collect-orphans")
    {
        Description = "Also delete what was never kept by anybody, which is everything that clients from before leases have put.",
    };

    private Option[] All =>
    [
        _capacity, _heartbeat, _suspect, _grace, _repairPeriod, _repairRate, _scrubPeriod, _scrubRate, _collectAfter, _collectPeriod,
        _transport,
    ];

    /// <summary>Bytes that the store may take.</summary>
    public long CapacityBytes(ParseResult parse) => _capacity.Of(parse);

    /// <summary>Between two pings.</summary>
    public TimeSpan Heartbeat(ParseResult parse) => _heartbeat.Of(parse);

    /// <summary>From the first silence to death.</summary>
    public TimeSpan Suspect(ParseResult parse) => _suspect.Of(parse);

    /// <summary>From death to repair.</summary>
    public TimeSpan Grace(ParseResult parse) => _grace.Of(parse);

    /// <summary>Between two looks at all stripes.</summary>
    public TimeSpan RepairPeriod(ParseResult parse) => _repairPeriod.Of(parse);

    /// <summary>Bytes a second of repair; 0 is no limit.</summary>
    public long RepairRate(ParseResult parse) => _repairRate.Of(parse);

    /// <summary>Between two scrubs; zero is never.</summary>
    public TimeSpan ScrubPeriod(ParseResult parse) => _scrubPeriod.Of(parse);

    /// <summary>Bytes a second of a scrub; 0 is no limit.</summary>
    public long ScrubRate(ParseResult parse) => _scrubRate.Of(parse);

    /// <summary>From the end of the last lease to deletion.</summary>
    public TimeSpan CollectAfter(ParseResult parse) => _collectAfter.Of(parse);

    /// <summary>Between two looks for what may be deleted.</summary>
    public TimeSpan CollectPeriod(ParseResult parse) => _collectPeriod.Of(parse);

    /// <summary>Whether what nobody keeps is deleted.</summary>
    public bool Collect(ParseResult parse) => !parse.GetValue(_noCollect);

    /// <summary>Whether what was never kept is deleted too.</summary>
    public bool CollectOrphans(ParseResult parse) => parse.GetValue(_collectOrphans);

    /// <summary>How bytes travel.</summary>
    public SystemTransport Transport(ParseResult parse, CliHost host) =>
        parse.GetResult(_transport) is { Implicit: false } ? SystemTransport.Parse(_transport.Of(parse)) : host.Transport;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
            command.Add(option);
        command.Add(_noCollect);
        command.Add(_collectOrphans);
        foreach (Option<TimeSpan> option in (DefaultedOption<TimeSpan>[])[_heartbeat, _suspect, _repairPeriod, _collectAfter, _collectPeriod])
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && Duration.TryParse(result.Tokens[^1].Value, out TimeSpan time) && time == TimeSpan.Zero)
                    result.AddError($"{option.Name}: it must be more than zero.");
            });
        }
    }

    /// <summary>The options that were given, as arguments of <c>node</c>.</summary>
    public string[] ToArguments(ParseResult parse) =>
    [
        .. All.Where(option => parse.GetResult(option) is { Implicit: false })
            .SelectMany(option => (string[])[option.Name, parse.GetResult(option)!.Tokens[^1].Value]),
        .. new[] { _noCollect, _collectOrphans }.Where(option => parse.GetValue(option)).Select(static option => option.Name),
    ];
}
