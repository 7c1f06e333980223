using Megatorrent.Build.Suites;

namespace Megatorrent.Build.Packages;

/// <summary>The managed houses as NuGet packages; <c>src/Directory.Build.targets</c> says which, and what is in them.</summary>
internal sealed class NuGetPackages(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Makes the packages of what was compiled before.</summary>
    /// <returns>Their paths.</returns>
    public IReadOnlyList<string> Make()
    {
        Shell.Succeed(
            "dotnet",
            ["pack", checkout.Solution, "--configuration", BuildTool.Configuration, "--no-build", "--verbosity", "quiet", "-nodeReuse:false",
                "-maxCpuCount:2", $"-property:PackageOutputPath={checkout.Packages}"],
            checkout.Root,
            Limit);
        return [.. Directory.GetFiles(checkout.Packages, "*.nupkg").Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Builds the program of <c>src/README.md</c> in an empty folder against the packages alone, and lets it work in memory and with a
    /// cluster.
    /// </summary>
    public Tally Check(TestCluster cluster)
    {
        string folder = Directory.CreateDirectory(Path.Combine(cluster.Folder, "dotnet")).FullName;
        (_, string cache) = Shell.Capture("dotnet", ["nuget", "locals", "global-packages", "--list"], folder, Limit);
        // Nothing of ours may come from elsewhere, and nothing may stay in the user's cache under a version that will be built again.
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources>
                <clear />
                <add key="ours" value="{checkout.Packages}" />
                <add key="others" value="{cache[(cache.IndexOf(' ') + 1)..].Trim()}" />
              </packageSources>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(folder, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Megatorrent.Client" Version="{checkout.Version}" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), FirstBlock(checkout.At("src", "README.md"), "csharp"));

        string original = checkout.At("LICENSE"), copy = Path.Combine(folder, "copy");
        string credential = cluster.Environment.First(variable => variable.Name == "MEGATORRENT_CREDENTIAL").Value;
        string output = Shell.Succeed("dotnet", ["run", "--", credential, original, copy], folder, Limit);
        bool inMemory = output.Contains("the chunk is back", StringComparison.Ordinal);
        bool overTheNetwork = File.ReadAllBytes(copy).SequenceEqual(File.ReadAllBytes(original));
        Console.WriteLine($"{(inMemory ? "ok" : "not ok")} NuGet packages: seal, encode, reconstruct, open");
        Console.WriteLine($"{(overTheNetwork ? "ok" : "not ok")} NuGet packages: put, get");
        if (!inMemory || !overTheNetwork)
            Console.WriteLine(output);
        return (inMemory ? new Tally(1, 0, 0) : Tally.OneFailed) + (overTheNetwork ? new Tally(1, 0, 0) : Tally.OneFailed);
    }

    private static string FirstBlock(string document, string language)
    {
        string[] lines = File.ReadAllLines(document);
        int first = Array.IndexOf(lines, "```" + language) + 1;
        int end = first == 0 ? -1 : Array.IndexOf(lines, "```", first);
        return end >= 0 ? string.Join('\n', lines[first..end]) : throw new BuildException($"{document} has no block of {language}.");
    }
}
