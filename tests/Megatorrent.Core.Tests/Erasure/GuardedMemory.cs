using System.Runtime.InteropServices;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>
/// Memory between two pages that may not be touched (where the system is Linux; elsewhere between bytes that are looked at), for
/// code that might read or write past its end. What lies inside but outside the part in use is checked too.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const byte Canary = 0xc3;
    private const int ProtectNone = 0, ProtectReadWrite = 3, MapPrivateAnonymous = 0x22;

    private readonly byte* _mapping;
    private readonly nuint _mappingLength;
    private readonly byte* _inner;
    private readonly int _innerLength;

    internal GuardedMemory(int capacity)
    {
        int page = Environment.SystemPageSize;
        _innerLength = (capacity + page - 1) / page * page;
        _mappingLength = (nuint)(_innerLength + 2 * page);
        if (OperatingSystem.IsLinux())
        {
            _mapping = Map(null, _mappingLength, ProtectReadWrite, MapPrivateAnonymous, -1, 0);
            Assert.True((nint)_mapping != -1, "mmap failed");
            Assert.Equal(0, Protect(_mapping, (nuint)page, ProtectNone));
            Assert.Equal(0, Protect(_mapping + page + _innerLength, (nuint)page, ProtectNone));
        }
        else
        {
            _mapping = (byte*)NativeMemory.AlignedAlloc(_mappingLength, (nuint)page);
        }

        _inner = _mapping + page;
    }

    internal byte* Pointer { get; private set; }

    internal int Length { get; private set; }

    internal Span<byte> Span => new(Pointer, Length);

    /// <summary>
    /// Puts the part in use against the page at the end, or at the start after <paramref name="offset"/> bytes, and marks the rest.
    /// </summary>
    internal void Place(int length, bool atEnd, int offset = 0)
    {
        Assert.InRange(length + offset, 0, _innerLength);
        new Span<byte>(_inner, _innerLength).Fill(Canary);
        Pointer = atEnd ? _inner + _innerLength - length - offset : _inner + offset;
        Length = length;
    }

    internal void AssertSurroundingsUntouched(string context)
    {
        int before = (int)(Pointer - _inner);
        Assert.False(new Span<byte>(_inner, before).ContainsAnyExcept(Canary), $"{context}: written before the start");
        Assert.False(
            new Span<byte>(Pointer + Length, _innerLength - before - Length).ContainsAnyExcept(Canary), $"{context}: written past the end");
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal(0, Unmap(_mapping, _mappingLength));
        else
            NativeMemory.AlignedFree(_mapping);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(byte* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint length);
}
