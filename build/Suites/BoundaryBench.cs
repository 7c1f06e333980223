using System.Text.Json;
using Megatorrent.Build.Bindings;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Builds what the boundary benchmark in <c>bench/</c> measures, gives it a cluster and the list of suites, and lets it run.
/// </summary>
internal sealed class BoundaryBench(Checkout checkout, Steps steps)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs the benchmark.</summary>
    /// <param name="run">The arguments of <c>dotnet</c> that start it.</param>
    /// <returns>Its exit code.</returns>
    public int Run(string[] run)
    {
        SuiteProgram csharp = SuiteProgram.CSharp(checkout);
        steps.Run($"suite in {csharp.Language}", () => Shell.Succeed(
            "dotnet",
            ["build", checkout.At("tests", "abi", "csharp"), "--configuration", BuildTool.Configuration, "--verbosity", "quiet", "-nodeReuse:false"],
            checkout.Root,
            Limit));
        List<SuiteProgram> suites = [csharp];
        foreach (IBinding binding in AllBindings.Of(checkout))
        {
            if (binding.Missing is { } reason)
            {
                Console.WriteLine($"skip the binding for {binding.Language}: {reason}");
                continue;
            }

            steps.Run($"binding for {binding.Language}", binding.Build);
            suites.Add(SuiteProgram.Measured(binding));
        }

        using TestCluster cluster = TestCluster.Start(checkout);
        using IDisposable variables = cluster.Export();
        string list = Path.Combine(cluster.Folder, "suites.json");
        File.WriteAllText(list, JsonSerializer.Serialize(suites.Select(suite => new
        {
            suite.Name,
            suite.Program,
            suite.Arguments,
            Environment = suite.Environment.ToDictionary(variable => variable.Name, variable => variable.Value),
        })));
        return Shell.RunInteractively("dotnet", [.. run, "--suites", list, "--results", checkout.At("bench", "results")]);
    }
}
