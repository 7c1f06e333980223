using System.Buffers.Binary;
using System.IO.Compression;

namespace Megatorrent.Core.Compression;

/// <summary>One gzip member (RFC 1952) in memory, over the zlib of .NET.</summary>
internal static unsafe class Gzip
{
    private const int MinMemberLength = 18; // RFC 1952 §2.3: a header of 10 bytes and a trailer of 8
    private const int SliceLength = 64 << 10; // how much is compressed between two looks at whether it still fits

    // .NET writes no member at all for no bytes: header, an empty final block of fixed codes, CRC-32 0, length 0.
    private static ReadOnlySpan<byte> EmptyMember =>
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Compresses into one member; false when it does not fit.</summary>
    public static bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level, out int written)
    {
        if (source.IsEmpty)
        {
            written = EmptyMember.TryCopyTo(destination) ? EmptyMember.Length : 0;
            return written > 0;
        }
        fixed (byte* to = destination)
        {
            using var output = new BoundedOutput(to, destination.Length);
            using (var gzip = new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
            {
                while (!source.IsEmpty && !output.IsOverfull)
                {
                    ReadOnlySpan<byte> slice = source[..Math.Min(source.Length, SliceLength)];
                    gzip.Write(slice);
                    source = source[slice.Length..];
                }
            }
            written = output.IsOverfull ? 0 : (int)output.Length;
            return !output.IsOverfull;
        }
    }

    /// <summary>Decompresses into the whole of the destination; false when the source is broken or holds more or less.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        // The stream checks the CRC-32 if it meets the trailer, but takes a cut member for a whole one: so the length at its end comes
        // first.
        if (source.Length < MinMemberLength || BinaryPrimitives.ReadUInt32LittleEndian(source[^4..]) != (uint)destination.Length)
            return false;
        fixed (byte* from = source)
        {
            using var input = new UnmanagedMemoryStream(from, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            try
            {
                return gzip.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length
                    && gzip.ReadByte() < 0;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }

    /// <summary>Takes what fits in a piece of memory and remembers that more came, without an exception on a path that is common.</summary>
    private sealed class BoundedOutput(byte* start, int capacity) : Stream
    {
        private int _length;

        public bool IsOverfull { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsOverfull |= buffer.Length > capacity - _length;
            if (IsOverfull)
                return;
            buffer.CopyTo(new Span<byte>(start + _length, capacity - _length));
            _length += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
