using System.CommandLine;
using System.CommandLine.Parsing;
using Megatorrent.Cli.Values;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Commands;

/// <summary>Options that several commands share, and the makers of options that parse our kinds of value.</summary>
internal static class CommonOptions
{
    /// <summary>How long a client operation may go without progress.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>
    /// One value at a time, and the last one counts where an option is given again: a script can append what it wants otherwise.
    /// </summary>
    public static readonly ArgumentArity LastOne = new(1, 100);

    /// <summary>One JSON document on standard output. On every command.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document on standard output.",
        Recursive = true,
    };

    /// <summary>Where the cluster is.</summary>
    public static DefaultedOption<string[]?> Cluster { get; } = Make<string[]>(
        "--cluster", "HOST:PORT,...",
        "Nodes to enter the cluster by. Default: MEGATORRENT_CLUSTER, else the cluster that `cluster up` left running here, "
        + "else those in the credential.", ParseEndpoints);

    /// <summary>Who asks.</summary>
    public static Option<string?> Credential { get; } = new("--credential")
    {
        HelpName = "FILE",
        Description = "The credential to use. Default: MEGATORRENT_CREDENTIAL (a file, or the credential itself), else the one in the "
            + "user's configuration folder.",
    };

    /// <summary>The variable that says where the client is.</summary>
    public const string SiteVariable = "MEGATORRENT_SITE";

    /// <summary>Where the client is.</summary>
    public static Option<string?> Site { get; } = new("--site")
    {
        HelpName = "SITE",
        Description = "Where this machine is, as nodes name it (SITE or SITE/RACK): blobs are fetched from near nodes first. "
            + "Default: MEGATORRENT_SITE.",
    };

    /// <summary>The time limit of a client operation.</summary>
    public static DefaultedOption<TimeSpan> Timeout { get; } = MakeDuration(
        "--timeout", "Give up when nothing has moved for this long; 0s waits for ever.", DefaultTimeout);

    /// <summary>
    /// An option with a parser, null where it is not given: <paramref name="parse"/> returns the value, or reports with
    /// <c>result.AddError</c>.
    /// </summary>
    public static DefaultedOption<T?> Make<T>(string name, string helpName, string description, Func<ArgumentResult, T?> parse) =>
        new(name, default)
        {
            HelpName = helpName,
            Description = description,
            CustomParser = parse,
            Arity = LastOne,
        };

    /// <summary>An option that takes a time.</summary>
    public static DefaultedOption<TimeSpan> MakeDuration(string name, string description, TimeSpan defaultValue) => new(name, defaultValue)
    {
        HelpName = "TIME",
        Description = $"{description} Default: {Duration.Format(defaultValue)}.",
        CustomParser = ParseDuration,
        Arity = LastOne,
    };

    /// <summary>An option that takes a rate; 0 is no limit.</summary>
    public static DefaultedOption<long> MakeRate(string name, string description, long defaultValue, string defaultText) =>
        new(name, defaultValue)
        {
            HelpName = "RATE",
            Description = $"{description} 0 is no limit. Default: {defaultText}.",
            CustomParser = result =>
            {
                if (!ByteSize.TryParseRate(Token(result), out long rate))
                    result.AddError($"{name}: '{Token(result)}' is not a rate; {ByteSize.Hint}, with or without /s.");
                return rate;
            },
            Arity = LastOne,
        };

    /// <summary>An option that takes one of some words.</summary>
    public static DefaultedOption<string> MakeChoice(string name, string description, string standard, params string[] words)
    {
        DefaultedOption<string> option = new(name, standard)
        {
            HelpName = string.Join('|', words),
            Description = $"{description} Default: {standard}.",
            Arity = LastOne,
            CustomParser = Token,
        };
        option.Validators.Add(result =>
        {
            string word = result.Tokens.Count > 0 ? result.Tokens[^1].Value : standard;
            if (!words.Contains(word))
                result.AddError($"{name}: '{word}' is not one of {string.Join(", ", words)}.");
        });
        return option;
    }

    /// <summary>Adds the options of every client command.</summary>
    public static void AddClientOptions(this Command command)
    {
        command.Add(Cluster);
        command.Add(Credential);
        command.Add(Site);
        command.Add(Timeout);
    }

    /// <summary>The one token of an option or argument.</summary>
    public static string Token(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";

    /// <summary>Reads a list of endpoints, reporting the wrong one by name.</summary>
    public static string[]? ParseEndpoints(ArgumentResult result)
    {
        if (EndpointText.TryParseList(Token(result), out string[] endpoints, out string wrong))
            return endpoints;
        result.AddError($"'{wrong}' is not an endpoint; {EndpointText.Hint}.");
        return null;
    }

    /// <summary>Reads a time.</summary>
    public static TimeSpan ParseDuration(ArgumentResult result)
    {
        if (!Duration.TryParse(Token(result), out TimeSpan time))
            result.AddError($"'{Token(result)}' is not a time; {Duration.Hint}.");
        return time;
    }

    /// <summary>Reads a size.</summary>
    public static long ParseSize(ArgumentResult result)
    {
        if (!ByteSize.TryParse(Token(result), out long bytes))
            result.AddError($"'{Token(result)}' is not a size; {ByteSize.Hint}.");
        return bytes;
    }
}
