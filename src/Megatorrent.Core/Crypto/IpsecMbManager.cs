using System.Runtime.InteropServices;

namespace Megatorrent.Core.Crypto;

/// <summary>Owns one manager of one thread, some 200 KiB; when the thread is gone, the collector frees it.</summary>
internal sealed unsafe class IpsecMbManager : SafeHandle
{
    public IpsecMbManager(void* manager)
        : base(0, ownsHandle: true) => SetHandle((nint)manager);

    public override bool IsInvalid => handle == 0;

    public void* Pointer => (void*)handle;

    protected override bool ReleaseHandle()
    {
        IpsecMb.mtmb_destroy((void*)handle);
        return true;
    }
}
