using Megatorrent.Cluster.Gossip;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster;

/// <summary>A small document in a file of the node's folder: written beside, flushed, then renamed over the old one.</summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
/// <param name="executor">Runs file access.</param>
/// <param name="name">The file's name; the remembered members' by default.</param>
/// <param name="maxLength">The longest document, in bytes.</param>
internal sealed class FileMemberStore(
    IFileSystem files, string directory, IWorkExecutor executor, string name = FileMemberStore.FileName,
    int maxLength = MemberFile.MaxLength) : IMemberStore
{
    /// <summary>The file's name.</summary>
    public const string FileName = "members";

    private string FilePath => Path.Combine(directory, name);

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
            var document = new byte[Math.Min(file.Length, maxLength + 1)]; // one more than allowed: too long stays too long
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
            if (!PlantedBugs.Has(PlantedBug.MemberFileNotFlushed))
                file.Flush();
        }
        files.Rename(temporary, FilePath);
        files.SyncDirectory(directory);
        return true;
    }
}
