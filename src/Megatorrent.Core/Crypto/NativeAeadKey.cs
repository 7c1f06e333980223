using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Megatorrent.Core.Crypto;

/// <summary>A key that is expanded in native memory, which is zeroed before it is freed.</summary>
internal abstract unsafe class NativeAeadKey(nuint length) : AeadKey
{
    private const nuint Alignment = 64; // whole cache lines, and what the widest loads want

    private void* _memory = NativeMemory.AlignedAlloc(length, Alignment);

    ~NativeAeadKey() => Release();

    /// <summary>Where it stands; whoever uses it keeps the object alive until then.</summary>
    protected void* Expanded => _memory;

    public override void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_memory == null)
            return;
        CryptographicOperations.ZeroMemory(new Span<byte>(_memory, (int)length));
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
