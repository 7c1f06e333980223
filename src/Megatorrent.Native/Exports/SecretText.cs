using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Megatorrent.Native.Exports;

/// <summary>
/// A secret text of the caller in UTF-16, as the inner houses read it: in memory that the collector does not copy, zeroed by Dispose.
/// </summary>
internal readonly ref struct SecretText : IDisposable
{
    private readonly char[] _characters;
    private readonly int _length;

    /// <summary>Takes a text that <see cref="NativeText.Read(string, byte*, out ReadOnlySpan{byte})"/> has found right.</summary>
    public SecretText(ReadOnlySpan<byte> utf8)
    {
        _characters = GC.AllocateUninitializedArray<char>(utf8.Length, pinned: true); // never more characters than bytes
        _length = Encoding.UTF8.GetChars(utf8, _characters);
    }

    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Span => _characters.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));
}
