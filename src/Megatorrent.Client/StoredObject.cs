using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>
/// A file or directory whose manifest has been read: reading at any place asks only the nodes that hold the bytes. Thread-safe; it holds
/// no connection of its own and needs no disposing.
/// </summary>
public sealed class StoredObject
{
    private readonly ClusterDirectory _directory;
    private readonly ClientOptions _options;
    private readonly ManifestStream _content;

    internal StoredObject(ClusterDirectory directory, ClientOptions options, Listing listing, ManifestStream content)
    {
        _directory = directory;
        _options = options;
        _content = content;
        Listing = listing;
    }

    /// <summary>What it is.</summary>
    public Listing Listing { get; }

    /// <summary>Bytes of the content: of a file, or of the files of a directory one after the other.</summary>
    public long Length => _content.Length;

    /// <summary>Begins to read bytes in order, ahead of the reader. The first bytes are asked for when they are read.</summary>
    /// <param name="offset">Of the first byte.</param>
    /// <param name="length">How many bytes; cut at the end of the content.</param>
    /// <exception cref="MegatorrentException">InvalidArgument: the offset is not in the content, or the length is negative.</exception>
    public ObjectDownload Download(long offset, long length)
    {
        if (offset < 0 || offset > Length || length < 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The range begins at byte {offset}; the content has {Length} bytes.");
        return new ObjectDownload(new ObjectReader(_directory, _options), _content, offset, offset + Math.Min(length, Length - offset));
    }
}
