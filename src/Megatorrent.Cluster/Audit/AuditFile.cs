using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Audit;

/// <summary>A document in a file of the node's folder: written beside, flushed, renamed over the old one, the folder synced.</summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
/// <param name="name">The file's name.</param>
/// <param name="lengthMax">Bytes that a document has at most.</param>
/// <param name="executor">Runs file access.</param>
internal sealed class AuditFile(IFileSystem files, string directory, string name, int lengthMax, IWorkExecutor executor)
{
    private string FilePath => Path.Combine(directory, name);

    /// <summary>The document; null if there is none, or one of a length that none has.</summary>
    /// <exception cref="MegatorrentException">InputOutput: the disk did not give it.</exception>
    public ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) =>
        executor.RunAsync(static file => file.Read(), this, cancellationToken);

    /// <summary>Replaces the document; durable when it returns.</summary>
    /// <exception cref="MegatorrentException">InputOutput, StoreFull: the old document stays.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> document, CancellationToken cancellationToken) =>
        await executor.RunAsync(static state => state.File.Write(state.Document), (File: this, Document: document), cancellationToken);

    private byte[]? Read()
    {
        try
        {
            using IFile file = files.Open(FilePath, FileOpenMode.Read);
            if (file.Length > lengthMax)
                return null;
            var document = new byte[file.Length];
            return file.Read(document, 0) == document.Length ? document : null;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    private bool Write(ReadOnlyMemory<byte> document)
    {
        string temporary = FilePath + ".new";
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
