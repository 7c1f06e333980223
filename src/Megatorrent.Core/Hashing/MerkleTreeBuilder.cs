using System.Buffers;
using System.Numerics;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// Builds a <see cref="MerkleTree"/> from a stream, in memory that grows by 32 bytes for each piece, not with the file. Not thread-safe.
/// </summary>
public sealed class MerkleTreeBuilder
{
    /// <summary>The longest piece, in bytes.</summary>
    public const int MaxPieceLength = 1 << 30;

    // Bytes that come in small portions are collected until as many blocks can be hashed side by side as the widest processor has lanes
    // for.
    private const int BufferLength = 16 * MerkleTree.BlockLength;

    private readonly int _pieceLevel; // levels from a leaf up to a piece
    private readonly ArrayBufferWriter<byte> _leaves = new(); // hashes of the blocks of the piece under way
    private readonly ArrayBufferWriter<byte> _pieces = new(); // hashes of the pieces that are done
    private byte[]? _buffer;
    private int _buffered;
    private long _length;

    /// <summary>Begins a tree whose lowest layer is that of the pieces.</summary>
    /// <param name="pieceLength">A power of two from 16 KiB, the default, which keeps the whole tree, to 1 GiB.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pieceLength"/> is something else.</exception>
    public MerkleTreeBuilder(int pieceLength = MerkleTree.BlockLength)
    {
        CheckPieceLength(pieceLength);
        _pieceLevel = BitOperations.Log2((uint)(pieceLength / MerkleTree.BlockLength));
    }

    /// <summary>Bytes taken so far.</summary>
    public long Length => _length;

    /// <summary>Takes the next bytes of the file. The fastest portions are whole multiples of 256 KiB.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        _length += data.Length;
        if (_buffered > 0)
        {
            int count = Math.Min(BufferLength - _buffered, data.Length);
            data[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            data = data[count..];
            if (_buffered < BufferLength)
                return;
            AddBlocks(_buffer);
            _buffered = 0;
        }
        int whole = data.Length / BufferLength * BufferLength;
        AddBlocks(data[..whole]);
        data = data[whole..];
        if (data.IsEmpty)
            return;
        _buffer ??= new byte[BufferLength];
        data.CopyTo(_buffer);
        _buffered = data.Length;
    }

    /// <summary>Ends the file and gives its tree. The builder is as new afterwards and may take another file.</summary>
    public MerkleTree Build()
    {
        AddBlocks(_buffer.AsSpan(0, _buffered));
        // A file that is not longer than a piece has a tree of its own height; else the last piece is padded to the height of the others.
        bool single = _pieces.WrittenCount == 0;
        if (_leaves.WrittenCount > 0)
            AddPiece(single ? LevelsOver(_leaves.WrittenCount / MerkleTree.HashLength) : _pieceLevel);
        var tree = new MerkleTree(_pieces.WrittenSpan.ToArray(), _pieceLevel, _length);
        _pieces.ResetWrittenCount();
        _buffered = 0;
        _length = 0;
        return tree;
    }

    internal static void CheckPieceLength(int pieceLength)
    {
        if (pieceLength < MerkleTree.BlockLength || pieceLength > MaxPieceLength || !BitOperations.IsPow2(pieceLength))
            throw new ArgumentOutOfRangeException(
                nameof(pieceLength), $"{pieceLength} bytes are no power of two from {MerkleTree.BlockLength} to {MaxPieceLength}.");
    }

    /// <summary>The levels from so many leaves up to the root over them.</summary>
    internal static int LevelsOver(int leafCount) => BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)leafCount));

    private void AddBlocks(ReadOnlySpan<byte> data)
    {
        int blocksPerPiece = 1 << _pieceLevel;
        while (!data.IsEmpty)
        {
            int room = blocksPerPiece - _leaves.WrittenCount / MerkleTree.HashLength;
            int taken = (int)Math.Min(data.Length, (long)room * MerkleTree.BlockLength);
            if (_pieceLevel == 0)
                taken = data.Length; // every block is a piece: all at once
            int count = (taken + MerkleTree.BlockLength - 1) / MerkleTree.BlockLength;
            ArrayBufferWriter<byte> hashes = _pieceLevel == 0 ? _pieces : _leaves;
            Sha256.HashBlocks(data[..taken], MerkleTree.BlockLength, hashes.GetSpan(count * MerkleTree.HashLength));
            hashes.Advance(count * MerkleTree.HashLength);
            data = data[taken..];
            if (_leaves.WrittenCount == blocksPerPiece * MerkleTree.HashLength && _pieceLevel > 0)
                AddPiece(_pieceLevel);
        }
    }

    // Reduces the leaves of the piece under way to one hash, the given number of levels up.
    private void AddPiece(int levels)
    {
        ReadOnlySpan<byte> layer = _leaves.WrittenSpan;
        for (int level = 0; level < levels; level++)
            layer = MerkleTree.HashPairs(layer, level);
        _pieces.Write(layer);
        _leaves.ResetWrittenCount();
    }
}
