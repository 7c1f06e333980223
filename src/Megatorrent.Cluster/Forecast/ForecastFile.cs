using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Forecast;

/// <summary>The history in the node's folder. Every member blocks.</summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
internal sealed class ForecastFile(IFileSystem files, string directory)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "forecast";

    /// <summary>Where a file that could not be used is kept, for whoever wants to know why; a later one replaces it.</summary>
    public const string BadName = "forecast.bad";

    private readonly NodeFile _file = new(files, directory, FileName, ForecastState.MaxLength, InlineExecutor.Instance);

    /// <summary>Reads the file; null when there is none.</summary>
    /// <exception cref="MegatorrentException">Malformed: it cannot be used. InputOutput.</exception>
    public ForecastState? Read() => _file.Read() is { } document ? ForecastState.Decode(document) : null;

    /// <summary>Moves a file that cannot be used out of the way of the next one.</summary>
    /// <exception cref="MegatorrentException">InputOutput.</exception>
    public void SetAside() => _file.SetAside(BadName);

    /// <summary>Replaces the file.</summary>
    /// <exception cref="MegatorrentException">InputOutput or StoreFull; the old file stays.</exception>
    public void Write(byte[] document) => _file.Write(document);
}
