using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Bench.Nodes;

/// <summary>A process that is a <see cref="NodeHost"/>.</summary>
internal sealed class NodeHostProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it, and waits until it serves.</summary>
    public NodeHostProcess(string folder, byte[] clusterSeed, int connectionsMax)
    {
        var start = new ProcessStartInfo(SelfProcess.Program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        string most = connectionsMax.ToString(CultureInfo.InvariantCulture);
        foreach (string argument in (string[])[.. SelfProcess.First, NodeHost.Verb, folder, Convert.ToHexString(clusterSeed), most])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        Endpoint = Answer();
    }

    /// <summary>Where it listens.</summary>
    public string Endpoint { get; }

    /// <summary>Has it collect its garbage.</summary>
    /// <returns>The bytes of it that are in memory then, and the connections that it holds.</returns>
    public (long ResidentBytes, int Connections) Settle()
    {
        _process.StandardInput.WriteLine(NodeHost.Settle);
        int connections = int.Parse(Answer(), CultureInfo.InvariantCulture);
        return (Resident.BytesOf(_process.Id), connections);
    }

    /// <summary>Stops it, and waits for that.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Answer() =>
        _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the process of the node ended; it says above why.");
}
