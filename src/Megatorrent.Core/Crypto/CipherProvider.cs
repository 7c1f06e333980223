namespace Megatorrent.Core.Crypto;

/// <summary>
/// Which code does the authenticated ciphers in this process: intel-ipsec-mb where it is there, with our own AES-256-GCM beside it on
/// processors whose AES instructions it does not use in full, else the .NET library. All give the same bytes.
/// </summary>
public static class CipherProvider
{
    /// <summary>
    /// The <see cref="AppContext"/> switch that does without ipsec-mb, for ciphers and for hashes. It is read once, at the first use.
    /// </summary>
    public const string DotNetOnlySwitch = "Megatorrent.Core.Crypto.DotNetOnly";

    private const int ChaChaShortLength = 16 << 10;

    // Below, working out sixteen powers of the hash key for one message costs more than they save.
    private const int VaesLengthMin = 1 << 10;

    /// <summary>Whether ipsec-mb does what it does faster.</summary>
    public static bool IsNative { get; } =
        !(AppContext.TryGetSwitch(DotNetOnlySwitch, out bool dotNetOnly) && dotNetOnly) && IpsecMb.IsAvailable;

    /// <summary>
    /// The provider, its version and instruction set, for logs: <c>ipsec-mb 1.3.0 (avx512)</c>, <c>ipsec-mb 1.3.0 (avx2+vaes)</c> where our
    /// own AES-256-GCM serves beside it, or <c>.NET (OpenSSL)</c>.
    /// </summary>
    public static string Name { get; } =
        IsNative ? $"ipsec-mb {IpsecMb.Version} ({IpsecMb.Architecture}{(UsesVaes ? "+vaes" : "")})" : DotNetName;

    // ipsec-mb 1.3 uses wide AES instructions with AVX-512 only.
    private static bool UsesVaes => VaesGcmKey.IsAvailable && IpsecMb.Architecture != "avx512";

    private static string DotNetName =>
        OperatingSystem.IsWindows() ? ".NET (CNG)" : OperatingSystem.IsMacOS() ? ".NET (CryptoKit)" : ".NET (OpenSSL)";

    /// <summary>
    /// The faster provider for messages of a length. AES-256-GCM: ipsec-mb, and our own where the processor has wide AES instructions but
    /// no AVX-512, except for short messages. ChaCha20-Poly1305: with AVX-512 ipsec-mb; without, OpenSSL is faster except for short
    /// messages. The measurements are in docs/spec/hashing.md.
    /// </summary>
    internal static CipherProviderKind For(CipherSuite suite, int length)
    {
        if (!IsNative)
            return CipherProviderKind.DotNet;
        if (suite == CipherSuite.Aes256Gcm)
            return UsesVaes && length >= VaesLengthMin ? CipherProviderKind.Vaes : CipherProviderKind.IpsecMb;
        return length <= ChaChaShortLength || IpsecMb.Architecture == "avx512" ? CipherProviderKind.IpsecMb : CipherProviderKind.DotNet;
    }

    internal static AeadKey CreateKey(CipherSuite suite, ReadOnlySpan<byte> key, CipherProviderKind provider) => provider switch
    {
        CipherProviderKind.IpsecMb => new IpsecMbAeadKey(suite, key),
        CipherProviderKind.Vaes => new VaesGcmKey(key),
        _ => new DotNetAeadKey(suite, key),
    };
}
