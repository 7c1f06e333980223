namespace Megatorrent.Core.Crypto;

/// <summary>Which code does the authenticated ciphers in this process. Both providers give the same bytes.</summary>
public static class CipherProvider
{
    /// <summary>
    /// The <see cref="AppContext"/> switch that forces the .NET provider. It is read once, before the first cipher is made.
    /// </summary>
    public const string DotNetOnlySwitch = "Megatorrent.Core.Crypto.DotNetOnly";

    /// <summary>The provider and its version, for logs and bug reports: <c>.NET (OpenSSL)</c>.</summary>
    public static string Name => ".NET (OpenSSL)";

    /// <summary>Whether a native library does the ciphers.</summary>
    public static bool IsNative => Default == CipherProviderKind.IpsecMb;

    internal static CipherProviderKind Default => CipherProviderKind.DotNet;

    internal static AeadKey CreateKey(CipherSuite suite, ReadOnlySpan<byte> key, CipherProviderKind provider) => new DotNetAeadKey(suite, key);
}
