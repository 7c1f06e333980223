using System.Xml.Linq;

namespace Megatorrent.Build;

/// <summary>Runs the test assemblies that were built, and counts from the result files that they write.</summary>
internal sealed class TestRun(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>The folder of every test project; the suite in <c>tests/abi/csharp</c> is a program, not one of them.</summary>
    public string[] Projects() =>
        [.. Directory.GetDirectories(checkout.At("tests"), "*.Tests").Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0).Order()];

    /// <summary>Whether a project starts real processes of the published binary; those run last.</summary>
    public static bool NeedsBinary(string project) => Path.GetFileName(project) == "Megatorrent.EndToEnd.Tests";

    /// <summary>Runs one assembly; every failing test is printed with its message, on a line that begins with <c>not ok</c>.</summary>
    /// <returns>Its counts; an assembly that breaks off or has no test counts as one failure.</returns>
    public Tally Run(string project)
    {
        string name = Path.GetFileName(project);
        string assembly = Path.Combine(project, "bin", BuildTool.Configuration, "net10.0", name + ".dll");
        string results = checkout.TestResults;
        string trx = Path.Combine(results, name + ".trx");
        Directory.CreateDirectory(results);
        File.Delete(trx); // what an earlier run wrote must not be counted

        int exitCode;
        try
        {
            exitCode = Shell.Run(
                "dotnet",
                ["test", assembly, "--logger", "console;verbosity=minimal", "--logger", $"trx;LogFileName={name}.trx",
                    "--results-directory", results],
                checkout.Root,
                Limit,
                checkout.Variables);
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok {name}: {exception.Message}");
            return Tally.OneFailed;
        }

        Tally tally = File.Exists(trx) ? Read(trx) : default;
        if (tally == default)
        {
            Console.WriteLine($"not ok {name}: no test was run.");
            return Tally.OneFailed;
        }

        if (exitCode != 0 && tally.Failed == 0)
        {
            Console.WriteLine($"not ok {name}: the test run ended with exit code {exitCode} although no test failed.");
            return tally + Tally.OneFailed;
        }

        return tally;
    }

    private static Tally Read(string trx)
    {
        XDocument document = XDocument.Load(trx);
        foreach (XElement result in document.Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
        {
            if ((string?)result.Attribute("outcome") is "Passed" or "NotExecuted")
                continue;
            string? message = result.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value;
            Console.WriteLine($"not ok {(string?)result.Attribute("testName")}: {message?.ReplaceLineEndings(" ")}");
        }

        XElement counters = document.Descendants().First(element => element.Name.LocalName == "Counters");
        int Count(string attribute) => (int?)counters.Attribute(attribute) ?? 0;
        int total = Count("total"), passed = Count("passed");
        int failed = Count("failed") + Count("error") + Count("timeout") + Count("aborted");
        return new Tally(passed, failed, total - passed - failed);
    }
}
