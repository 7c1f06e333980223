namespace Megatorrent.Build.Suites;

/// <summary>
/// Compiles what benchmarks measure beside, from <c>bench/peers</c>: <c>lib*.c</c> become shared libraries, other sources programs. What
/// includes the library's header is linked with the library that was published.
/// </summary>
internal sealed class PeerPrograms(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Compiles each source into <c>artifacts/bench</c>.</summary>
    public void Build()
    {
        string output = Path.Combine(checkout.Artifacts, "bench");
        Directory.CreateDirectory(output);
        foreach (string source in Directory.GetFiles(checkout.At("bench", "peers"), "*.c").Order())
        {
            string name = Path.GetFileNameWithoutExtension(source);
            bool isLibrary = name.StartsWith("lib", StringComparison.Ordinal);
            string library = Path.Combine(checkout.Artifacts, "lib");
            string[] ours = File.ReadAllText(source).Contains("<megatorrent.h>", StringComparison.Ordinal)
                ? ["-I", Path.Combine(checkout.Artifacts, "include"), "-L", library, $"-Wl,-rpath,{library}", "-lmegatorrent"]
                : [];
            string[] kind = isLibrary ? ["-shared", "-fPIC"] : [];
            Shell.Succeed(
                "gcc",
                ["-std=gnu11", "-O3", "-march=native", "-Wall", "-Wextra", "-Werror", .. kind, source,
                    "-o", Path.Combine(output, isLibrary ? name + ".so" : name), "-Wl,--as-needed", .. ours, "-lisal", "-lcrypto", "-lpthread"],
                checkout.Root,
                Limit);
        }
    }
}
