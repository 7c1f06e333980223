using Megatorrent.Core;

namespace Megatorrent.Client.Location;

/// <summary>The user's configuration folder and what is in it.</summary>
/// <param name="path">The folder; it need not exist.</param>
public sealed class ConfigFolder(string path)
{
    /// <summary>The folder: <c>$XDG_CONFIG_HOME/megatorrent</c>, else <c>~/.config/megatorrent</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The credential that client commands use by default.</summary>
    public string CredentialPath => System.IO.Path.Combine(Path, "credential");

    /// <summary>The pointer to the cluster that runs on this machine.</summary>
    public string PointerPath => System.IO.Path.Combine(Path, "cluster.json");

    /// <summary>Finds the folder by the environment.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: neither variable is set, so there is no such folder.
    /// </exception>
    public static ConfigFolder Find(Func<string, string?> environment)
    {
        // The XDG base directory specification: a relative path in the variable is to be ignored.
        if (environment("XDG_CONFIG_HOME") is { Length: > 0 } xdg && System.IO.Path.IsPathRooted(xdg))
            return new ConfigFolder(System.IO.Path.Combine(xdg, "megatorrent"));
        string? home = environment("HOME") is { Length: > 0 } set ? set : environment("USERPROFILE");
        return !string.IsNullOrEmpty(home)
            ? new ConfigFolder(System.IO.Path.Combine(home, ".config", "megatorrent"))
            : throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                "neither XDG_CONFIG_HOME nor HOME is set, so there is no configuration folder; give --cluster and --credential");
    }
}
