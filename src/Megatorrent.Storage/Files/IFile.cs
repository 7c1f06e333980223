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
    /// Fills <paramref name="destination"/> from <paramref name="offset"/> on, if that takes no wait for the disk: the one member that may
    /// be called without the executor. False, with <paramref name="destination"/> partly overwritten, if it would, if the file ends
    /// before, on an error, and where the file cannot tell; <see cref="Read"/> then says what it is.
    /// </summary>
    bool TryReadCached(Span<byte> destination, long offset) => false;

    /// <summary>
    /// Writes every buffer, one after the other, from <paramref name="offset"/> on. After a failure any part of them may have been written.
    /// Nothing is durable before <see cref="Flush"/> returns.
    /// </summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset);

    /// <summary>
    /// Has the disk begin with bytes that were written, so that the <see cref="Flush"/> to come has less to wait for. Only a hint: makes
    /// nothing durable, and reports nothing.
    /// </summary>
    void BeginFlush(long offset, long length)
    {
    }

    /// <summary>Cuts the file, or extends it with zeros, to <paramref name="length"/> bytes.</summary>
    void SetLength(long length);

    /// <summary>
    /// Makes everything written before the call durable. After a failure nothing may be assumed of bytes that were not durable before,
    /// and a later success says nothing about them.
    /// </summary>
    void Flush();
}
