namespace Megatorrent.Core.Crypto;

/// <summary>An authenticated cipher. The numbers are written to disk and wire, so they are frozen and never reused.</summary>
public enum CipherSuite : byte
{
    /// <summary>AES-256 in Galois/counter mode (NIST SP 800-38D); the default where the processor has AES instructions.</summary>
    Aes256Gcm = 1,

    /// <summary>ChaCha20 and Poly1305 (RFC 8439).</summary>
    ChaCha20Poly1305 = 2,
}
