namespace Megatorrent.Core.Crypto;

/// <summary>A key for intel-ipsec-mb.</summary>
internal sealed unsafe class IpsecMbAeadKey : NativeAeadKey
{
    private readonly CipherSuite _suite;

    public IpsecMbAeadKey(CipherSuite suite, ReadOnlySpan<byte> key)
        : base(suite == CipherSuite.Aes256Gcm ? IpsecMb.mtmb_gcm_key_length() : AeadCipher.KeyLength)
    {
        _suite = suite;
        void* manager = IpsecMb.GetManager();
        if (suite == CipherSuite.Aes256Gcm)
        {
            fixed (byte* from = key)
                IpsecMb.mtmb_gcm_expand(manager, from, Expanded);
        }
        else
        {
            key.CopyTo(new Span<byte>(Expanded, AeadCipher.KeyLength));
        }
    }

    /// <summary>One message under a key that is not kept.</summary>
    public static void SealOnce(
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        void* manager = IpsecMb.GetManager();
        fixed (byte* k = key, n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData)
        {
            if (suite == CipherSuite.Aes256Gcm)
                IpsecMb.mtmb_gcm_seal_once(manager, k, n, p, c, (ulong)plaintext.Length, a, (ulong)associatedData.Length, t);
            else
                Check(IpsecMb.mtmb_chacha_seal(manager, k, n, p, c, (ulong)plaintext.Length, a, (ulong)associatedData.Length, t));
        }
    }

    /// <summary>One message under a key that is not kept.</summary>
    public static bool TryOpenOnce(
        CipherSuite suite,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        void* manager = IpsecMb.GetManager();
        fixed (byte* k = key, n = nonce, c = ciphertext, t = tag, p = plaintext, a = associatedData)
        {
            return Check(suite == CipherSuite.Aes256Gcm
                ? IpsecMb.mtmb_gcm_open_once(manager, k, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t)
                : IpsecMb.mtmb_chacha_open(manager, k, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t));
        }
    }

    public override void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        void* manager = IpsecMb.GetManager();
        fixed (byte* n = nonce, p = plaintext, c = ciphertext, t = tag, a = associatedData)
        {
            ulong length = (ulong)plaintext.Length, aadLength = (ulong)associatedData.Length;
            if (_suite == CipherSuite.Aes256Gcm)
                IpsecMb.mtmb_gcm_seal(manager, Expanded, n, p, c, length, a, aadLength, t);
            else
                Check(IpsecMb.mtmb_chacha_seal(manager, (byte*)Expanded, n, p, c, length, a, aadLength, t));
        }
        GC.KeepAlive(this);
    }

    public override bool TryOpen(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        void* manager = IpsecMb.GetManager();
        int result;
        fixed (byte* n = nonce, c = ciphertext, t = tag, p = plaintext, a = associatedData)
        {
            result = _suite == CipherSuite.Aes256Gcm
                ? IpsecMb.mtmb_gcm_open(manager, Expanded, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t)
                : IpsecMb.mtmb_chacha_open(manager, (byte*)Expanded, n, c, p, (ulong)ciphertext.Length, a, (ulong)associatedData.Length, t);
        }
        GC.KeepAlive(this);
        return Check(result);
    }

    // The shim's answers: 1 done, 0 wrong tag, -1 the library refused, which only a defect of ours can make it do.
    private static bool Check(int result) =>
        result >= 0 ? result == 1 : throw new MegatorrentException(ErrorKind.Internal, "ipsec-mb refused a message.");
}
