using Megatorrent.Cli.Terminal;
using Megatorrent.Cli.Values;
using Megatorrent.Client;

namespace Megatorrent.Cli.Commands;

/// <summary>What the commands about leases have in common.</summary>
internal static class LeaseText
{
    /// <summary>The option that says how long to keep; null is for ever.</summary>
    public static DefaultedOption<TimeSpan?> KeepForOption(string name) => new(name, null)
    {
        HelpName = "TIME",
        Description = "Keep it this long from now, such as 30d. Default: for ever, until it is forgotten.",
        CustomParser = result =>
        {
            if (Duration.TryParse(CommonOptions.Token(result), out TimeSpan time) && time >= TimeSpan.FromSeconds(1))
                return time;
            result.AddError($"{name}: '{CommonOptions.Token(result)}' is not a time of a second or more; {Duration.Hint}.");
            return null;
        },
        Arity = CommonOptions.LastOne,
    };

    /// <summary>Warns where not every stripe was confirmed, and gives the exit code.</summary>
    public static int Finish(CliHost host, LeaseResult result)
    {
        if (result.Confirmed == result.Stripes)
            return ExitCodes.Done;
        string reasons = result.Problems.Count > 0 ? $" ({Printable.Line(string.Join("; ", result.Problems))})" : "";
        host.Error.WriteLine(
            $"error: {Human.Count(result.Stripes - result.Confirmed, "stripe")} of {result.Stripes} not confirmed by enough nodes{reasons}; "
            + "try again when they are back");
        return ExitCodes.NotEnoughBlobs;
    }
}
