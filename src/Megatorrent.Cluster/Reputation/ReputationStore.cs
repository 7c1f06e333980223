using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Reputation;

/// <summary>The file "reputation" of the node's folder: written beside, flushed, then renamed over the old one.</summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
/// <param name="executor">Runs file access.</param>
internal sealed class ReputationStore(IFileSystem files, string directory, IWorkExecutor executor) : IMemberStore
{
    /// <summary>The file's name.</summary>
    public const string FileName = "reputation";

    private const string TemporaryName = "reputation.new";

    private string FilePath => Path.Combine(directory, FileName);

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) =>
        executor.RunAsync(static store => store.Read(), this, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> document, CancellationToken cancellationToken) =>
        await executor.RunAsync(static state => state.Store.Write(state.Document), (Store: this, Document: document), cancellationToken);

    private byte[]? Read()
    {
        try
        {
            using IFile file = files.Open(FilePath, FileOpenMode.Read);
            var document = new byte[Math.Min(file.Length, ReputationFile.MaxLength + 1)];
            return file.Read(document, 0) == document.Length ? document : null;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    private bool Write(ReadOnlyMemory<byte> document)
    {
        string temporary = Path.Combine(directory, TemporaryName);
        files.CreateDirectory(directory);
        using (IFile file = files.Open(temporary, FileOpenMode.Create))
        {
            file.Write([document], 0);
            file.Flush();
        }
        files.Rename(temporary, FilePath);
        files.SyncDirectory(directory);
        return true;
    }
}
