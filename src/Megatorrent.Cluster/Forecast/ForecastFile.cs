using Megatorrent.Core;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Forecast;

/// <summary>The file in the node's folder: written beside, flushed, then renamed over the old one. Every member blocks.</summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
internal sealed class ForecastFile(IFileSystem files, string directory)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "forecast";

    /// <summary>Where a file that could not be used is kept, for whoever wants to know why; a later one replaces it.</summary>
    public const string BadName = "forecast.bad";

    private const string TemporaryName = "forecast.new";

    /// <summary>Reads the file; null when there is none.</summary>
    /// <exception cref="MegatorrentException">Malformed: it cannot be used. InputOutput.</exception>
    public ForecastState? Read()
    {
        try
        {
            using IFile file = files.Open(Path.Combine(directory, FileName), FileOpenMode.Read);
            if (file.Length > ForecastState.MaxLength)
                throw new MegatorrentException(ErrorKind.Malformed, $"{file.Length} bytes are more than {ForecastState.MaxLength}.");
            var document = new byte[file.Length];
            int length = file.Read(document, 0);
            return ForecastState.Decode(document.AsSpan(0, length));
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Moves a file that cannot be used out of the way of the next one.</summary>
    /// <exception cref="MegatorrentException">InputOutput.</exception>
    public void SetAside()
    {
        files.Rename(Path.Combine(directory, FileName), Path.Combine(directory, BadName));
        files.SyncDirectory(directory);
    }

    /// <summary>Replaces the file.</summary>
    /// <exception cref="MegatorrentException">InputOutput or StoreFull; the old file stays.</exception>
    public void Write(byte[] document)
    {
        string temporary = Path.Combine(directory, TemporaryName);
        files.CreateDirectory(directory);
        using (IFile file = files.Open(temporary, FileOpenMode.Create))
        {
            file.Write([document], 0);
            file.Flush();
        }
        files.Rename(temporary, Path.Combine(directory, FileName));
        files.SyncDirectory(directory);
    }
}
