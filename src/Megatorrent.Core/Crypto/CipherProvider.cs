namespace Megatorrent.Core.Crypto;

/// <summary>
/// Which code does the authenticated ciphers in this process: intel-ipsec-mb where it is there, else the .NET library. Both give the same
/// bytes.
/// </summary>
public static class CipherProvider
{
    /// <summary>
    /// The <see cref="AppContext"/> switch that does without ipsec-mb, for ciphers and for hashes. It is read once, at the first use.
    /// </summary>
    public const string DotNetOnlySwitch = "Megatorrent.Core.Crypto.DotNetOnly";

    private const int ChaChaShortLength = 16 << 10;

    /// <summary>Whether ipsec-mb does what it does faster.</summary>
    public static bool IsNative { get; } =
        !(AppContext.TryGetSwitch(DotNetOnlySwitch, out bool dotNetOnly) && dotNetOnly) && IpsecMb.IsAvailable;

    /// <summary>The provider, its version and instruction set, for logs: <c>ipsec-mb 1.3.0 (avx2)</c> or <c>.NET (OpenSSL)</c>.</summary>
    public static string Name { get; } = IsNative ? $"ipsec-mb {IpsecMb.Version} ({IpsecMb.Architecture})" : DotNetName;

    private static string DotNetName =>
        OperatingSystem.IsWindows() ? ".NET (CNG)" : OperatingSystem.IsMacOS() ? ".NET (CryptoKit)" : ".NET (OpenSSL)";

    /// <summary>
    /// The faster provider for messages of a length. AES-256-GCM: always ipsec-mb. ChaCha20-Poly1305: with AVX-512 ipsec-mb; without,
    /// OpenSSL is faster except for short messages. The measurements are in docs/spec/hashing.md.
    /// </summary>
    internal static CipherProviderKind For(CipherSuite suite, int length)
    {
        bool faster = suite == CipherSuite.Aes256Gcm || length <= ChaChaShortLength || IpsecMb.Architecture == "avx512";
        return IsNative && faster ? CipherProviderKind.IpsecMb : CipherProviderKind.DotNet;
    }

    internal static AeadKey CreateKey(CipherSuite suite, ReadOnlySpan<byte> key, CipherProviderKind provider) =>
        provider == CipherProviderKind.IpsecMb ? new IpsecMbAeadKey(suite, key) : new DotNetAeadKey(suite, key);
}
