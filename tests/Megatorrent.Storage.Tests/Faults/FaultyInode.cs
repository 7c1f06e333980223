using Megatorrent.Core;

namespace Megatorrent.Storage.Tests.Faults;

/// <summary>The bytes of a file: as a reader sees them, as they are durable, and the changes between.</summary>
internal sealed class FaultyInode
{
    private const int SectorBytes = 512;

    private readonly List<(long Offset, byte[]? Bytes, long Length)> _pending = [];
    private byte[] _seen = [];
    private byte[] _durable = [];

    public long Length { get; private set; }

    private long DurableLength { get; set; }

    public int Read(Span<byte> destination, long offset)
    {
        int count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        _seen.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length == 0)
            return;
        _pending.Add((offset, bytes.ToArray(), 0));
        Length = Store(ref _seen, Length, bytes, offset);
    }

    public void SetLength(long length)
    {
        _pending.Add((0, null, length));
        Length = Resize(ref _seen, Length, length);
    }

    public void Flush()
    {
        foreach ((long offset, byte[]? bytes, long length) in _pending)
            DurableLength = bytes is null ? Resize(ref _durable, DurableLength, length) : Store(ref _durable, DurableLength, bytes, offset);
        _pending.Clear();
    }

    /// <summary>A flush failed: readers still see the bytes, but no later flush will write them.</summary>
    public void ForgetUnflushed() => _pending.Clear();

    // Of each change all, nothing or, of a write, a first part has reached the disk; or all but a sector, which the file's length covers.
    public void LosePower(IRandomSource random)
    {
        foreach ((long offset, byte[]? bytes, long length) in _pending)
        {
            int choice = random.Next(4);
            if (choice == 0)
                continue;
            if (bytes is null)
                DurableLength = Resize(ref _durable, DurableLength, length);
            else
            {
                int count = choice == 2 ? random.Next(bytes.Length) : bytes.Length;
                if (choice == 3)
                {
                    int sector = random.Next(bytes.Length) & ~(SectorBytes - 1);
                    bytes.AsSpan(sector, Math.Min(SectorBytes, bytes.Length - sector)).Clear();
                }
                DurableLength = Store(ref _durable, DurableLength, bytes.AsSpan(0, count), offset);
            }
        }
        _pending.Clear();
        _seen = _durable.AsSpan(0, (int)DurableLength).ToArray();
        Length = DurableLength;
    }

    public FaultyInode Clone()
    {
        var clone = new FaultyInode();
        clone.Replace(ToArray());
        return clone;
    }

    public byte[] ToArray() => _seen.AsSpan(0, (int)Length).ToArray();

    public void Replace(byte[] bytes)
    {
        _pending.Clear();
        _seen = bytes.ToArray();
        _durable = bytes.ToArray();
        Length = DurableLength = bytes.Length;
    }

    /// <summary>Flips bits of one byte wherever it stands; what was not durable stays so.</summary>
    public void Flip(int at, byte bits)
    {
        _seen[at] ^= bits;
        if (at < DurableLength)
            _durable[at] ^= bits;
        foreach ((long offset, byte[]? bytes, _) in _pending)
        {
            if (bytes is not null && at >= offset && at < offset + bytes.Length)
                bytes[at - offset] ^= bits;
        }
    }

    private static long Store(ref byte[] buffer, long length, ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length == 0)
            return length;
        long end = Math.Max(length, offset + bytes.Length);
        if (end > buffer.Length)
            Array.Resize(ref buffer, (int)Math.Max(end, buffer.Length * 2L));
        bytes.CopyTo(buffer.AsSpan((int)offset));
        return end;
    }

    private static long Resize(ref byte[] buffer, long length, long wanted)
    {
        if (wanted > buffer.Length)
            Array.Resize(ref buffer, (int)wanted);
        if (wanted < length)
            buffer.AsSpan((int)wanted, (int)(length - wanted)).Clear();
        return wanted;
    }
}
