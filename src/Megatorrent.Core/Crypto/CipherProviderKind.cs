namespace Megatorrent.Core.Crypto;

/// <summary>Who does the ciphers.</summary>
internal enum CipherProviderKind
{
    DotNet,
    IpsecMb,
}
