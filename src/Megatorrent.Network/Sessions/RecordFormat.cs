using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Sessions;

/// <summary>The record layer: u16 big-endian length, then one Noise message of that length (ciphertext and tag).</summary>
internal static class RecordFormat
{
    public const int LengthField = 2;
    public const int Overhead = LengthField + AeadCipher.TagLength;
    public const int MaxSealed = LengthField + NoiseCipher.MaxMessage;
    public const int MaxPlaintext = NoiseCipher.MaxMessage - AeadCipher.TagLength;
}
