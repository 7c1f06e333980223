using System.Diagnostics;
using System.Globalization;
using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Nodes;

/// <summary>A process that is a <see cref="NodeHost"/>.</summary>
internal sealed class NodeHostProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it, and waits until it serves.</summary>
    public NodeHostProcess(string folder, byte[] clusterSeed, int connectionsMax)
    {
        _process = Self.Start(
            NodeHost.Verb, folder, Convert.ToHexString(clusterSeed), connectionsMax.ToString(CultureInfo.InvariantCulture));
        Endpoint = _process.ReadLine();
    }

    /// <summary>Where it listens.</summary>
    public string Endpoint { get; }

    /// <summary>Has it collect its garbage.</summary>
    /// <returns>The bytes of it that are in memory then, and the connections that it holds.</returns>
    public (long ResidentBytes, int Connections) Settle()
    {
        _process.StandardInput.WriteLine(NodeHost.Settle);
        int connections = int.Parse(_process.ReadLine(), CultureInfo.InvariantCulture);
        return (Resident.BytesOf(_process.Id), connections);
    }

    /// <summary>Stops it, and waits for that.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
