namespace Megatorrent.Build;

/// <summary>
/// The Debian or Ubuntu packages that building and testing need beside the SDK. As root they are installed, else the exact
/// command is printed. On a system without dpkg the user sees to it himself: CONTRIBUTING names them.
/// </summary>
internal static class DebianPackages
{
    private static readonly TimeSpan QueryLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(15);

    /// <summary>Every needed package with what it is for; names separated by a bar are alternatives, the first that can be had is taken.</summary>
    private static readonly (string Names, string Purpose, bool OnlyX64)[] Needed =
    [
        ("gcc", "links NativeAOT outputs, compiles the C examples", false),
        ("libc6-dev", "the C library's headers and start files", false),
        ("binutils", "objcopy strips what is published", false),
        ("ca-certificates", "the package feed is reached over HTTPS", false),
        ("libsodium-dev", "Ed25519, X25519, Argon2id", false),
        ("libzstd-dev", "zstd", false),
        ("liblz4-dev", "LZ4", false),
        ("libipsec-mb-dev", "AES-GCM, ChaCha20-Poly1305 and SHA-256 at full speed", true),
        ("libssl3|libssl3t64", "the ciphers of .NET itself", false),
        ("libisal2|libisal-dev", "the erasure code that tests compare parity with", false),
        ("time", "tests measure peak memory with it", false),
    ];

    /// <summary>Sees to it that every package is there.</summary>
    /// <exception cref="BuildException">Some are missing and we are not root, or installing failed.</exception>
    public static void Ensure(Checkout checkout)
    {
        if (!OperatingSystem.IsLinux() || Shell.Which("dpkg-query") is null)
            return;

        List<string> missing = Missing(checkout);
        if (missing.Count == 0)
            return;

        if (!Environment.IsPrivilegedProcess)
            throw new BuildException(
                $"these Debian packages are missing; install them and run this again:{Environment.NewLine}  " +
                $"sudo apt-get update && sudo apt-get install --yes --no-install-recommends {string.Join(' ', missing.Select(Preferred))}");

        (string, string)[] environment = [("DEBIAN_FRONTEND", "noninteractive")];
        Apt(["update", "--quiet=2"]);
        // Which of two alternatives this release has is known only now.
        IEnumerable<string> packages = missing.Select(names => Array.Find(names.Split('|'), IsAvailable) ?? Preferred(names));
        Apt(["install", "--yes", "--quiet=2", "--no-install-recommends", .. packages]);

        List<string> left = Missing(checkout);
        if (left.Count != 0)
            throw new BuildException($"these Debian packages are still missing after installing: {string.Join(' ', left)}.");

        void Apt(string[] args)
        {
            // A first `apt-get update` may find the archive busy or a mirror away for a moment.
            for (int attempt = 1; ; attempt++)
            {
                int exitCode = Shell.Run("apt-get", ["-o", "DPkg::Lock::Timeout=300", .. args], checkout.Root, InstallLimit, environment);
                if (exitCode == 0)
                    return;
                if (attempt == 3)
                    throw new BuildException($"`apt-get {string.Join(' ', args)}` failed with exit code {exitCode}.");
            }
        }

        bool IsAvailable(string name)
        {
            (int exitCode, string output) = Shell.Capture("apt-cache", ["policy", name], checkout.Root, QueryLimit);
            return exitCode == 0 && output.Contains("Candidate:") && !output.Contains("Candidate: (none)");
        }
    }

    /// <summary>Names and versions of what is installed, so that a publish is repeated when a linked library changes.</summary>
    public static string Describe(Checkout checkout)
    {
        if (!OperatingSystem.IsLinux() || Shell.Which("dpkg-query") is null)
            return "";
        string[] names = [.. Needed.SelectMany(package => package.Names.Split('|'))];
        return Shell.Capture(
            "dpkg-query", ["--show", "--showformat=${Package} ${Version} ${db:Status-Status}\\n", .. names], checkout.Root, QueryLimit).Output;
    }

    private static List<string> Missing(Checkout checkout)
    {
        HashSet<string> installed = [];
        foreach (string line in Describe(checkout).Split('\n'))
        {
            string[] fields = line.Split(' ');
            if (fields is [string name, _, "installed"])
                installed.Add(name);
        }

        bool x64 = Checkout.RuntimeIdentifier.EndsWith("-x64", StringComparison.Ordinal);
        return [.. Needed.Where(package => x64 || !package.OnlyX64)
            .Select(package => package.Names)
            .Where(names => !names.Split('|').Any(installed.Contains))];
    }

    private static string Preferred(string names) => names.Split('|')[0];
}
