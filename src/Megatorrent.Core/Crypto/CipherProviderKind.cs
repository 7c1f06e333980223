namespace Megatorrent.Core.Crypto;

/// <summary>Who does the ciphers.</summary>
internal enum CipherProviderKind
{
    /// <summary>The system's cryptography library.</summary>
    DotNet,

    /// <summary>intel-ipsec-mb.</summary>
    IpsecMb,

    /// <summary>Our own AES-256-GCM with 256-bit AES instructions; no other suite.</summary>
    Vaes,
}
