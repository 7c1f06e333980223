namespace Megatorrent.Build;

/// <summary>
/// The Debian or Ubuntu packages that building and testing need beside the SDK. As root they are installed, else the exact
/// command is printed. On a system without dpkg the user sees to it himself: CONTRIBUTING names them.
/// </summary>
internal static class DebianPackages
{
    private static readonly TimeSpan QueryLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(15);

    private static readonly Package[] Known =
    [
        new("gcc", Need.Publish, "links NativeAOT outputs, compiles the C examples"),
        new("libc6-dev", Need.Publish, "the C library's headers and start files"),
        new("binutils", Need.Publish, "objcopy strips what is published"),
        new("ca-certificates", Need.Publish, "the package feed is reached over HTTPS"),
        new("libsodium-dev", Need.Publish, "Ed25519, X25519, Argon2id"),
        new("libzstd-dev", Need.Publish, "zstd"),
        new("liblz4-dev", Need.Publish, "LZ4"),
        new("libipsec-mb-dev", Need.Publish, "AES-GCM, ChaCha20-Poly1305 and SHA-256 at full speed", OnlyX64: true),
        new("libssl3|libssl3t64", Need.Publish, "the ciphers of .NET itself"),
        new("libisal2|libisal-dev", Need.Test, "the erasure code that tests compare parity with"),
        new("etcd-server", Need.Test | Need.Stories, "nodes are tested against the real coordinator", Command: "etcd"),
        new("etcd-client", Need.Test, "etcdctl, to look into it", Command: "etcdctl"),
        new("openssl", Need.Test, "makes the certificates of test servers", Command: "openssl"),
        new("strace", Need.Test, "makes system calls on a store's files fail", Command: "strace"),
        new("time", Need.Test | Need.Bench | Need.Bindings, "tests measure peak memory with it, benchmarks processor time", Command: "time"),
        new("iproute2", Need.Stories, "network namespaces, and slow links", Command: "ip"),
        new("nftables", Need.Stories, "cuts and losses between nodes", Command: "nft"),
        new("libisal-dev", Need.Bench, "the erasure code to be measured beside"),
        new("libssl-dev", Need.Bench, "the ciphers and hashes to be measured beside"),
        new("python3-libtorrent", Need.Bench, "the BitTorrent library to be measured beside"),
        new("restic", Need.Bench, "the backup program to be measured beside", Command: "restic"),
        new("clang-14|clang", Need.Fuzz, "compiles the driver of libFuzzer"),
        new("libclang-rt-14-dev|libclang-rt-dev", Need.Fuzz, "libFuzzer"),
        new("g++", Need.Bindings | Need.Fuzz, "compiles C++, and the addon of Node; links libFuzzer", Command: "g++"),
        new("clang", Need.Bindings, "compiles C and C++ a second time", Command: "clang"),
        new("cmake", Need.Bindings, "find_package, and the install rules", Command: "cmake"),
        new("make", Need.Bindings, "what cmake makes its build files for", Command: "make"),
        new("pkgconf|pkg-config", Need.Bindings, "the other way to find an installed library", Command: "pkg-config"),
        new("libcjson-dev", Need.Bindings, "the suite in C reads its vectors with it"),
        new("nlohmann-json3-dev", Need.Bindings, "the suite in C++ reads its vectors with it"),
        new("openjdk-17-jdk-headless|default-jdk-headless", Need.Bindings, "Java 17 or later", Command: "javac"),
        new("junit5", Need.Bindings, "the tests of the Java binding"),
        new("libgoogle-gson-java", Need.Bindings, "the suite in Java reads its vectors with it"),
        new("nodejs", Need.Bindings, "Node 18 or later", Command: "node"),
        new("npm", Need.Bindings, "installs and packs the Node binding", Command: "npm"),
        new("dpkg-dev", Need.Bindings, "dpkg-shlibdeps says what the .deb depends on", Command: "dpkg-shlibdeps"),
    ];

    /// <summary>What a verb needs packages for.</summary>
    [Flags]
    public enum Need
    {
        /// <summary>To compile the solution and to publish what is native.</summary>
        Publish = 1,

        /// <summary>To compile, test and pack the bindings.</summary>
        Bindings = 2,

        /// <summary>To run the managed tests.</summary>
        Test = 4,

        /// <summary>To cut, slow and fill what nodes in stories run on.</summary>
        Stories = 8,

        /// <summary>To measure beside the peers.</summary>
        Bench = 16,

        /// <summary>To fuzz.</summary>
        Fuzz = 32,
    }

    /// <summary>Sees to it that every package is there that <paramref name="need"/> asks for.</summary>
    /// <exception cref="BuildException">Some are missing and we are not root, or installing failed.</exception>
    public static void Ensure(Checkout checkout, Need need)
    {
        if (!OperatingSystem.IsLinux() || Shell.Which("dpkg-query") is null)
            return;

        List<string> missing = Missing(checkout, need);
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

        List<string> left = Missing(checkout, need);
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

    /// <summary>Names and versions of what is published with, so that a publish is repeated when a linked library changes.</summary>
    public static string Describe(Checkout checkout) => Describe(checkout, Known.Where(package => package.Need == Need.Publish));

    private static string Describe(Checkout checkout, IEnumerable<Package> packages)
    {
        if (!OperatingSystem.IsLinux() || Shell.Which("dpkg-query") is null)
            return "";
        string[] names = [.. packages.SelectMany(package => package.Names.Split('|'))];
        return Shell.Capture(
            "dpkg-query", ["--show", "--showformat=${Package} ${Version} ${db:Status-Status}\\n", .. names], checkout.Root, QueryLimit).Output;
    }

    private static List<string> Missing(Checkout checkout, Need need)
    {
        bool x64 = Checkout.RuntimeIdentifier.EndsWith("-x64", StringComparison.Ordinal);
        Package[] needed = [.. Known.Where(package => (need & package.Need) != 0 && (x64 || !package.OnlyX64))];
        HashSet<string> installed = [];
        foreach (string line in Describe(checkout, needed).Split('\n'))
        {
            string[] fields = line.TrimEnd().Split(' ');
            if (fields is [string name, _, "installed"])
                installed.Add(name);
        }

        return [.. needed
            .Where(package => package.Command is null || Shell.Which(package.Command) is null)
            .Select(package => package.Names)
            .Where(names => !names.Split('|').Any(installed.Contains))];
    }

    private static string Preferred(string names) => names.Split('|')[0];

    /// <summary>A package.</summary>
    /// <param name="Names">Its name; names separated by a bar are alternatives, the first that can be had is taken.</param>
    /// <param name="Need">Who needs it.</param>
    /// <param name="Purpose">What for.</param>
    /// <param name="OnlyX64">Whether other processors do without it.</param>
    /// <param name="Command">The command that it brings, if that is all: wherever that comes from, the package is not needed then.</param>
    private sealed record Package(string Names, Need Need, string Purpose, bool OnlyX64 = false, string? Command = null);
}
