using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Operations;

/// <summary>A struct of the caller that a call fills in when it succeeds.</summary>
internal sealed unsafe class NativeTarget<T>
    where T : unmanaged, INativeStruct
{
    private readonly T* _destination;
    private readonly uint _size;

    private NativeTarget(T* destination, uint size)
    {
        _destination = destination;
        _size = size;
    }

    /// <summary>Looks at a struct that is to be filled in.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="destination">Where it lies.</param>
    /// <param name="target">It.</param>
    /// <returns>Ok, NullPointer, or StructSize.</returns>
    public static Status Create(string name, T* destination, out NativeTarget<T> target)
    {
        Status status = NativeStruct.Check(name, destination, out uint size);
        target = new NativeTarget<T>(destination, size);
        return status;
    }

    /// <summary>Fills it in.</summary>
    public void Fill(T value) => NativeStruct.Write(_destination, _size, value);
}
