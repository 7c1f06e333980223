using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster;

/// <summary>
/// A small document in a file of the node's folder, replaced as a whole: written beside, flushed, renamed over the old one, the folder
/// synced. After a crash at any moment the old document or the new one is there.
/// </summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
/// <param name="name">The file's name.</param>
/// <param name="maxLength">The longest document, in bytes.</param>
/// <param name="executor">Runs file access.</param>
internal sealed class NodeFile(IFileSystem files, string directory, string name, int maxLength, IWorkExecutor executor)
{
    private string FilePath => Path.Combine(directory, name);

    /// <summary>The document, or null when there is none. Of one that is too long only a byte more than allowed, so that it does not decode.</summary>
    /// <exception cref="MegatorrentException">InputOutput: the disk did not give it.</exception>
    public ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) =>
        executor.RunAsync(static file => file.Read(), this, cancellationToken);

    /// <summary>Replaces the document; durable when it returns.</summary>
    /// <exception cref="MegatorrentException">InputOutput, StoreFull: the old document stays.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> document, CancellationToken cancellationToken) =>
        await executor.RunAsync(
            static state =>
            {
                state.File.Write(state.Document);
                return true;
            },
            (File: this, Document: document), cancellationToken);

    /// <summary>As <see cref="ReadAsync"/>, here and now.</summary>
    public byte[]? Read()
    {
        try
        {
            using IFile file = files.Open(FilePath, FileOpenMode.Read);
            var document = new byte[Math.Min(file.Length, maxLength + 1)];
            return file.Read(document, 0) == document.Length ? document : null;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>As <see cref="WriteAsync"/>, here and now.</summary>
    public void Write(ReadOnlyMemory<byte> document)
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
    }

    /// <summary>Keeps a document that cannot be used under another name, for whoever wants to know why; a later one replaces it.</summary>
    /// <param name="keptAs">The name.</param>
    /// <exception cref="MegatorrentException">InputOutput.</exception>
    public void SetAside(string keptAs)
    {
        files.Rename(FilePath, Path.Combine(directory, keptAs));
        files.SyncDirectory(directory);
    }
}
