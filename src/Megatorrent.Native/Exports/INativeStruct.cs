namespace Megatorrent.Native.Exports;

/// <summary>
/// A struct of the header that begins with <c>struct_size</c>; its first field is <c>uint StructSize</c>. Fields have the names of the
/// header in Pascal case, by which a test compares the layouts.
/// </summary>
internal interface INativeStruct
{
    /// <summary>The name of the type in the header.</summary>
    static abstract string Name { get; }
}
