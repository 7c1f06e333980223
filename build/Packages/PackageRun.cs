using System.Security.Cryptography;
using System.Text;
using Megatorrent.Build.Bindings;
using Megatorrent.Build.Suites;

namespace Megatorrent.Build.Packages;

/// <summary>
/// Makes every package in <c>artifacts/packages</c>, with a list of their hashes, and uses each as somebody would who has nothing else.
/// The same commit gives the same bytes on the same machine: entries are in order, and their time is that of the commit.
/// </summary>
internal sealed class PackageRun(Checkout checkout, Steps steps)
{
    /// <summary>The list of hashes, in the form that <c>sha256sum --check</c> reads.</summary>
    private const string HashesName = "SHA256SUMS";

    /// <summary>Makes the packages of what was built and published before; every binding of <paramref name="bindings"/> is built.</summary>
    /// <param name="bindings">The bindings whose packages are made.</param>
    /// <param name="add">Takes what a part counted, and gives how to say it.</param>
    public void Run(IReadOnlyList<IBinding> bindings, Func<Tally, string> add)
    {
        DateTimeOffset date = SourceDate.Set(checkout);
        if (Directory.Exists(checkout.Packages))
            Directory.Delete(checkout.Packages, recursive: true);
        Directory.CreateDirectory(checkout.Packages);

        NuGetPackages nuget = new(checkout);
        steps.Run("NuGet packages", () => Describe(nuget.Make()));
        NativePackages native = new(checkout, date);
        if (NativePackages.Missing is { } reason)
            Console.WriteLine($"skip the native packages: {reason}");
        else
            steps.Run("native packages", () => Describe(native.Make()));
        foreach (IBinding binding in bindings)
            steps.Run($"packages of {binding.Language}", () => Describe(binding.Package()));
        steps.Run("bill of materials", () => Describe([new Sbom(checkout, date).Make()]));
        WriteHashes();

        steps.Run("packages in use", () =>
        {
            using TestCluster cluster = TestCluster.Start(checkout);
            Tally tally = nuget.Check(cluster);
            tally += NativePackages.Missing is null ? native.Check(cluster) : new Tally(0, 0, 1);
            return add(tally);
        });
    }

    private string Describe(IReadOnlyList<string> packages)
    {
        foreach (string package in packages)
        {
            if (Path.GetDirectoryName(package) != checkout.Packages || !File.Exists(package))
                throw new BuildException($"{package} is not in {checkout.Packages}.");
            Console.WriteLine($"    {Path.GetFileName(package)}  {new FileInfo(package).Length / 1e6:0.0} MB");
        }

        return packages.Count == 0 ? "a part of the native packages" : "";
    }

    private void WriteHashes()
    {
        StringBuilder list = new();
        foreach (string path in Directory.GetFiles(checkout.Packages).Order(StringComparer.Ordinal))
        {
            using FileStream file = File.OpenRead(path);
            list.Append(Convert.ToHexStringLower(SHA256.HashData(file))).Append("  ").Append(Path.GetFileName(path)).Append('\n');
        }

        File.WriteAllText(Path.Combine(checkout.Packages, HashesName), list.ToString());
    }
}
