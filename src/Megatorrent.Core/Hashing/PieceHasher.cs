using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using Megatorrent.Core.Execution;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// Hashes the pieces of a file for a torrent: BitTorrent v1 (BEP 3) and v2 (BEP 52). Several workers take pieces in turn, so that each
/// reads and hashes for itself. A worker holds at most <see cref="BatchLengthMax"/> bytes of the file. Thread-safe.
/// </summary>
public sealed class PieceHasher
{
    /// <summary>The most bytes of a file that a worker holds: what three v1 pieces of 4 MiB take, hashed side by side.</summary>
    public const int BatchLengthMax = 12 << 20;

    // Shorter pieces are taken several at a time: long enough that the cost of taking them does not count, short enough for a cache.
    private const int BatchLengthAim = 3 << 18;

    // A part of a piece that is read at a time where its parts can be hashed alone: 48 blocks of a tree fill three lanes and sixteen.
    private const int SliceLength = 48 * MerkleTree.BlockLength;

    private readonly IWorkExecutor _executor;
    private readonly int _workers;

    /// <summary>Prepares a number of workers.</summary>
    /// <param name="executor">Where they run.</param>
    /// <param name="workers">How many at once, from 1; more than the processors that are free gain nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is not positive.</exception>
    public PieceHasher(IWorkExecutor executor, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        _executor = executor;
        _workers = workers;
    }

    /// <summary>Gives the SHA-1 of every piece, 20 bytes each, in order: BEP 3's <c>pieces</c>.</summary>
    /// <param name="reader">Reads the file.</param>
    /// <param name="length">Bytes in the file.</param>
    /// <param name="pieceLength">Bytes in a piece, from 1; the last may be shorter.</param>
    /// <param name="cancellationToken">Stops before the next pieces.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is not in its range, or there are more than 100 million pieces.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask<byte[]> HashV1Async(
        PieceReader reader, long length, int pieceLength, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pieceLength, 1);
        var job = new V1Job(reader, length, pieceLength, cancellationToken);
        await RunAsync(job, cancellationToken);
        return job.Hashes;
    }

    /// <summary>Gives the Merkle tree down to the pieces: its root, and BEP 52's <c>piece layers</c>.</summary>
    /// <param name="reader">Reads the file.</param>
    /// <param name="length">Bytes in the file.</param>
    /// <param name="pieceLength">A power of two from 16 KiB to <see cref="MerkleTreeBuilder.MaxPieceLength"/>.</param>
    /// <param name="cancellationToken">Stops before the next pieces.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is not in its range, or there are more than 60 million pieces.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask<MerkleTree> HashV2Async(
        PieceReader reader, long length, int pieceLength, CancellationToken cancellationToken = default)
    {
        MerkleTreeBuilder.CheckPieceLength(pieceLength);
        var job = new V2Job(reader, length, pieceLength, cancellationToken);
        await RunAsync(job, cancellationToken);
        return new MerkleTree(job.Hashes, BitOperations.Log2((uint)(pieceLength / MerkleTree.BlockLength)), length);
    }

    private async ValueTask RunAsync(Job job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var workers = new Task[_workers];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = _executor.RunAsync(
                static job =>
                {
                    job.Work();
                    return true;
                },
                job, cancellationToken).AsTask();
        }

        await Task.WhenAll(workers);
    }

    /// <summary>Pieces that workers take in batches until none is left.</summary>
    private abstract class Job
    {
        private readonly CancellationToken _cancellationToken;
        private readonly long _pieceCount;
        private long _next;
        private volatile bool _failed;

        protected Job(PieceReader reader, long length, int pieceLength, int hashLength, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            Reader = reader;
            Length = length;
            PieceLength = pieceLength;
            _pieceCount = length / pieceLength + (length % pieceLength == 0 ? 0 : 1);
            if (_pieceCount > Array.MaxLength / hashLength)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(pieceLength), $"{length} bytes have {_pieceCount} pieces of {pieceLength}: at most {Array.MaxLength / hashLength} can be.");
            }

            Hashes = new byte[_pieceCount * hashLength];
            _cancellationToken = cancellationToken;
        }

        public byte[] Hashes { get; }

        protected PieceReader Reader { get; }

        protected long Length { get; }

        protected int PieceLength { get; }

        /// <summary>Pieces that a worker takes at a time.</summary>
        protected abstract int BatchCount { get; }

        /// <summary>Bytes of buffer that a worker wants.</summary>
        protected abstract int BufferLength { get; }

        public void Work()
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferLength, Math.Max(1, Length)));
            try
            {
                while (!_failed)
                {
                    _cancellationToken.ThrowIfCancellationRequested();
                    long first = Interlocked.Add(ref _next, BatchCount) - BatchCount;
                    if (first >= _pieceCount)
                        return;
                    Hash(first, (int)Math.Min(BatchCount, _pieceCount - first), buffer);
                }
            }
            catch
            {
                _failed = true; // the others need not go on
                throw;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        protected abstract void Hash(long first, int count, byte[] buffer);
    }

    private sealed class V1Job(PieceReader reader, long length, int pieceLength, CancellationToken cancellationToken)
        : Job(reader, length, pieceLength, Sha1.HashLength, cancellationToken)
    {
        // Whole batches of pieces that go side by side; a piece that is too long for the buffer is hashed alone, slice after slice.
        protected override int BatchCount { get; } = pieceLength > BatchLengthMax ? 1
            : Math.Min(BatchLengthMax / pieceLength, ShaInstructions.LaneCount * Math.Max(1, BatchLengthAim / ShaInstructions.LaneCount / pieceLength));

        protected override int BufferLength => PieceLength > BatchLengthMax ? SliceLength : BatchCount * PieceLength;

        protected override void Hash(long first, int count, byte[] buffer)
        {
            long offset = first * PieceLength, end = Math.Min(offset + (long)count * PieceLength, Length);
            Span<byte> hashes = Hashes.AsSpan((int)first * Sha1.HashLength, count * Sha1.HashLength);
            if (PieceLength > BatchLengthMax)
            {
                HashSlices(offset, end, buffer, hashes);
                return;
            }

            Span<byte> pieces = buffer.AsSpan(0, (int)(end - offset));
            Reader(offset, pieces);
            Sha1.HashBlocks(pieces, PieceLength, hashes);
        }

        private void HashSlices(long offset, long end, byte[] buffer, Span<byte> hash)
        {
            using IncrementalHash sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            for (int taken; offset < end; offset += taken)
            {
                taken = (int)Math.Min(SliceLength, end - offset);
                Reader(offset, buffer.AsSpan(0, taken));
                sha1.AppendData(buffer, 0, taken);
            }

            sha1.GetHashAndReset(hash);
        }
    }

    private sealed class V2Job(PieceReader reader, long length, int pieceLength, CancellationToken cancellationToken)
        : Job(reader, length, pieceLength, MerkleTree.HashLength, cancellationToken)
    {
        protected override int BatchCount { get; } = Math.Max(1, BatchLengthAim / pieceLength);

        protected override int BufferLength => SliceLength;

        protected override void Hash(long first, int count, byte[] buffer)
        {
            int leavesMax = PieceLength / MerkleTree.BlockLength;
            byte[] leaves = ArrayPool<byte>.Shared.Rent(leavesMax * MerkleTree.HashLength);
            try
            {
                for (long piece = first; piece < first + count; piece++)
                {
                    long offset = piece * PieceLength, end = Math.Min(offset + PieceLength, Length);
                    int leafCount = HashLeaves(offset, end, buffer, leaves);
                    // A file of one piece has a tree of its own height; else the last piece is as high as the others.
                    int height = Length <= PieceLength ? MerkleTreeBuilder.LevelsOver(leafCount) : BitOperations.Log2((uint)leavesMax);
                    ReadOnlySpan<byte> layer = leaves.AsSpan(0, leafCount * MerkleTree.HashLength);
                    for (int level = 0; level < height; level++)
                        layer = MerkleTree.HashPairs(layer, level);
                    layer.CopyTo(Hashes.AsSpan((int)piece * MerkleTree.HashLength));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(leaves);
            }
        }

        private int HashLeaves(long offset, long end, byte[] buffer, byte[] leaves)
        {
            int leafCount = 0;
            for (int taken; offset < end; offset += taken)
            {
                taken = (int)Math.Min(SliceLength, end - offset);
                Span<byte> slice = buffer.AsSpan(0, taken);
                Reader(offset, slice);
                Sha256.HashBlocks(slice, MerkleTree.BlockLength, leaves.AsSpan(leafCount * MerkleTree.HashLength));
                leafCount += (taken + MerkleTree.BlockLength - 1) / MerkleTree.BlockLength;
            }

            return leafCount;
        }
    }
}
