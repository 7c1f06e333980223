using System.Globalization;

namespace Megatorrent.Build.Packages;

/// <summary>The one time that every file in a package has, so that the same commit gives the same bytes whenever it is packed.</summary>
internal static class SourceDate
{
    /// <summary>The variable that other tools take it from, as reproducible-builds.org has it: seconds since 1970.</summary>
    public const string Variable = "SOURCE_DATE_EPOCH";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time of the variable, else of the commit, and gives it to every program that we start from now on. A checkout without git must
    /// set the variable.
    /// </summary>
    /// <exception cref="BuildException">There is neither.</exception>
    public static DateTimeOffset Set(Checkout checkout)
    {
        string text = Environment.GetEnvironmentVariable(Variable) ?? "";
        if (text.Length == 0 && Shell.Which("git") is not null)
            text = Shell.Capture("git", ["log", "-1", "--format=%ct"], checkout.Root, Limit).Output.Trim();
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            throw new BuildException($"the time of the commit is not known: this is no git checkout, and {Variable} is not set to seconds since 1970.");

        Environment.SetEnvironmentVariable(Variable, text);
        return DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
