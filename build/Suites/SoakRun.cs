namespace Megatorrent.Build.Suites;

/// <summary>Lets a suite work under load for a while on a cluster of its own, and believes what it says of its memory.</summary>
internal sealed class SoakRun(Checkout checkout)
{
    /// <summary>A suite needs this long, beside the time that it was given, to start and to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Runs the soak of one suite; every line is printed as it comes.</summary>
    public Tally Run(SuiteProgram suite, int seconds)
    {
        Console.WriteLine($"-- {suite.Name}, {seconds} s");
        using TestCluster cluster = TestCluster.Start(checkout);
        bool passed = false;
        int exitCode = suite.Stream(checkout, cluster, TimeSpan.FromSeconds(seconds) + Grace, Take, "soak", seconds.ToString());
        if (exitCode == 0 && passed)
            return new Tally(1, 0, 0);

        Console.WriteLine($"   not ok soak: {suite.Name} ended with exit code {exitCode}{(passed ? "" : ", and did not say `ok soak`")}");
        return Tally.OneFailed;

        void Take(string line, bool isError)
        {
            Console.WriteLine($"   {line}");
            passed |= !isError && line.TrimEnd() == "ok soak";
        }
    }
}
