namespace Megatorrent.Core.Hashing;

/// <summary>Hands the blocks of a buffer to a kernel that hashes many messages at a time.</summary>
internal static unsafe class BlockMessages
{
    /// <summary>Messages handed over at a time: enough to keep 16 lanes full while unequal ones end, little enough for the stack.</summary>
    public const int BatchCount = 96;

    /// <summary>How many blocks there are, once the arguments are checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blockLength"/> is not positive.</exception>
    /// <exception cref="ArgumentException">The destination is shorter than a hash for each block.</exception>
    public static int Count(int dataLength, int blockLength, int hashLength, int destinationLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        int count = (int)(((long)dataLength + blockLength - 1) / blockLength);
        CheckDestination(count, hashLength, destinationLength);
        return count;
    }

    /// <summary>Throws where so many hashes do not fit.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void CheckDestination(int count, int hashLength, int destinationLength)
    {
        if (destinationLength < (long)count * hashLength)
            throw new ArgumentException($"{count} hashes take {(long)count * hashLength} bytes, not {destinationLength}.", "destination");
    }

    /// <summary>Hashes <paramref name="count"/> blocks, as <see cref="Count"/> gave it, into the destination, in order.</summary>
    public static void Hash(
        ReadOnlySpan<byte> data, int blockLength, int count, int hashLength, Span<byte> destination,
        delegate*<byte**, ulong*, int, byte*, void> kernel)
    {
        byte** messages = stackalloc byte*[BatchCount];
        ulong* lengths = stackalloc ulong[BatchCount];
        fixed (byte* first = data, digests = destination)
        {
            for (int start = 0; start < count; start += BatchCount)
            {
                int batch = Math.Min(BatchCount, count - start);
                for (int i = 0; i < batch; i++)
                {
                    long offset = (long)(start + i) * blockLength;
                    messages[i] = first + offset;
                    lengths[i] = (ulong)Math.Min(blockLength, data.Length - offset);
                }

                kernel(messages, lengths, batch, digests + (long)start * hashLength);
            }
        }
    }
}
