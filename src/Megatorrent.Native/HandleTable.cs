using System.Diagnostics.CodeAnalysis;
using Megatorrent.Core;

namespace Megatorrent.Native;

/// <summary>
/// Gives objects to C as values that cannot be mistaken for one another. A handle is no address:
/// <code>
///        63            32 31       28 27           4 3      0
///       |   generation   |   kind   |     slot     |  0101  |          on a 32-bit processor: 16, 4, 8 and 4 bits
/// </code>
/// A slot that is used again gets the next generation, so that a handle which was destroyed stays wrong; a slot whose generations
/// are used up is left empty. The low bits are odd, so that an aligned address is never a handle. Thread-safe; finding takes no lock.
/// </summary>
internal sealed class HandleTable
{
    private const int TagBits = 4;
    private const nuint Tag = 0b0101;
    private const int KindBits = 4;

    private readonly int _slotBits;
    private readonly uint _generationMax;
    private readonly Lock _lock = new();
    private readonly Stack<(int Slot, uint Generation)> _free = new();
    private Entry?[] _entries = new Entry?[16];
    private int _used;

    /// <summary>Makes an empty table.</summary>
    /// <param name="slotBits">How many bits of a handle number the slot; by default what the processor's pointers have room for.</param>
    /// <param name="generationBits">How many bits number the generation.</param>
    public HandleTable(int? slotBits = null, int? generationBits = null)
    {
        _slotBits = slotBits ?? (nuint.Size == 8 ? 24 : 8);
        _generationMax = (uint)((1UL << (generationBits ?? (nuint.Size == 8 ? 32 : 16))) - 1);
    }

    /// <summary>The table that the exports use.</summary>
    public static HandleTable Shared { get; } = new();

    /// <summary>Takes <paramref name="target"/> in.</summary>
    /// <returns>Its handle; never zero.</returns>
    /// <exception cref="MegatorrentException">LimitExceeded: every slot is in use.</exception>
    public nuint Add(HandleKind kind, object target)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out (int Slot, uint Generation) place))
            {
                if (_used == 1 << _slotBits)
                    throw new MegatorrentException(ErrorKind.LimitExceeded, $"All {_used} handles are in use; destroy some.");
                if (_used == _entries.Length)
                    Array.Resize(ref _entries, Math.Min(2 * _used, 1 << _slotBits));
                place = (_used++, 1);
            }

            nuint handle = Pack(kind, place.Slot, place.Generation);
            Volatile.Write(ref _entries[place.Slot], new Entry(handle, place.Generation, target));
            return handle;
        }
    }

    /// <summary>Finds what a handle stands for; false for any value that is not a live handle of this kind.</summary>
    public bool TryGet<T>(nuint handle, HandleKind kind, [NotNullWhen(true)] out T? target)
        where T : class
    {
        Entry?[] entries = Volatile.Read(ref _entries);
        int slot = Slot(handle);
        target = slot < entries.Length && Volatile.Read(ref entries[slot]) is { } entry && entry.Handle == handle && Kind(handle) == kind
            ? entry.Target as T
            : null;
        return target is not null;
    }

    /// <summary>Takes a handle out of use; false for any value that is not a live handle of this kind.</summary>
    public bool TryRemove(nuint handle, HandleKind kind) => TryRemove<object>(handle, kind, out _);

    /// <summary>
    /// Takes a handle out of use and gives what it stood for, which other threads may be using still; false for any value that is not
    /// a live handle of this kind.
    /// </summary>
    public bool TryRemove<T>(nuint handle, HandleKind kind, [NotNullWhen(true)] out T? target)
        where T : class
    {
        lock (_lock)
        {
            if (!TryGet(handle, kind, out target))
                return false;

            int slot = Slot(handle);
            uint generation = _entries[slot]!.Generation;
            Volatile.Write(ref _entries[slot], null);
            if (generation < _generationMax)
                _free.Push((slot, generation + 1));
            return true;
        }
    }

    private nuint Pack(HandleKind kind, int slot, uint generation) =>
        Tag | ((nuint)slot << TagBits) | ((nuint)kind << (TagBits + _slotBits)) | ((nuint)generation << (TagBits + _slotBits + KindBits));

    private int Slot(nuint handle) => (int)((handle >> TagBits) & (((nuint)1 << _slotBits) - 1));

    private HandleKind Kind(nuint handle) => (HandleKind)((handle >> (TagBits + _slotBits)) & ((1 << KindBits) - 1));

    private sealed record Entry(nuint Handle, uint Generation, object Target);
}
