using System.Globalization;
using System.Text;

namespace Megatorrent.Bench.Forecasting;

/// <summary>The decisions of a node by forecast beside fixed thresholds.</summary>
internal sealed class ForecastBench(ulong seed, string? trace)
{
    /// <summary>Writes one table after the other, as they come.</summary>
    public void Run(TextWriter output)
    {
        string file = trace ?? FindTrace();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        output.WriteLine();
        foreach (Action<StringBuilder> story in (Action<StringBuilder>[])
            [new RecordedStory(file).Write, new ScrubStory(seed).Write, new FillStory(seed).Write, new FailureStory(seed).Write])
        {
            var text = new StringBuilder();
            story(text);
            output.Write(text);
            output.Flush();
        }
    }

    private static string FindTrace()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "bench", "traces", "cluster.csv");
            if (File.Exists(file))
                return file;
        }
        throw new InvalidOperationException("bench/traces/cluster.csv is missing; name a trace with --trace.");
    }
}
