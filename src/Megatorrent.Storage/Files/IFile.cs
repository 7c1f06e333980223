namespace Megatorrent.Storage.Files;

/// <summary>
/// An open file. Every member blocks; the store calls them through its executor. Reads and writes at different offsets may run at once.
/// Failures are <see cref="Core.MegatorrentException"/>: StoreFull where the disk has no room, InputOutput for everything else.
/// </summary>
public interface IFile : IDisposable
{
    /// <summary>Bytes in the file now.</summary>
    long Length { get; }

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/> on. Returns the bytes read: fewer than asked for only at
    /// the end of the file.
    /// </summary>
    int Read(Span<byte> destination, long offset);

    /// <summary>
    /// Writes every buffer, one after the other, from <paramref name="offset"/> on. After a failure any part of them may have been written.
    /// Nothing is durable before <see cref="Flush"/> returns.
    /// </summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    /// <summary>Cuts the file, or extends it with zeros, to <paramref name="length"/> bytes.</summary>
    void SetLength(long length);

    /// <summary>
    /// Makes everything written before the call durable. After a failure nothing may be assumed of bytes that were not durable before,
    /// and a later success says nothing about them.
    /// </summary>
    void Flush();
}
