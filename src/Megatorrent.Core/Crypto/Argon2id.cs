namespace Megatorrent.Core.Crypto;

/// <summary>
/// Stretches passphrases with Argon2id, version 1.3, one lane (RFC 9106). Thread-safe; slow and memory-hungry on purpose.
/// </summary>
public static class Argon2id
{
    /// <summary>Bytes in a salt.</summary>
    public const int SaltLength = 16;

    /// <summary>The shortest key it derives, in bytes.</summary>
    public const int MinKeyLength = 16;

    /// <summary>The least memory, in KiB: what one lane of Argon2 needs.</summary>
    public const int MinMemoryKiB = 8;

    /// <summary>The most memory, in KiB: 4 GiB, so that parameters read from a file cannot exhaust the machine.</summary>
    public const int MaxMemoryKiB = 4 << 20;

    /// <summary>The most passes, for the same reason.</summary>
    public const int MaxPasses = 1 << 10;

    /// <summary>Derives a key.</summary>
    /// <param name="passphrase">The secret text, any length from 0.</param>
    /// <param name="salt16">16 random bytes, stored with what the key protects.</param>
    /// <param name="passes">Passes over the memory, 1 to 1,024.</param>
    /// <param name="memoryKiB">Memory, 8 KiB to 4 GiB; RFC 9106 §4 recommends 65,536 KiB with 3 passes where memory is short.</param>
    /// <param name="key">16 bytes or more; overwritten.</param>
    /// <exception cref="ArgumentException">A length or number is outside its range.</exception>
    /// <exception cref="MegatorrentException">LimitExceeded: the memory cannot be had. Unsupported: libsodium is missing.</exception>
    public static unsafe void Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt16, int passes, int memoryKiB, Span<byte> key)
    {
        if (salt16.Length != SaltLength)
            throw new ArgumentException($"A salt is {SaltLength} bytes, not {salt16.Length}.", nameof(salt16));
        if (key.Length < MinKeyLength)
            throw new ArgumentException($"A derived key is at least {MinKeyLength} bytes, not {key.Length}.", nameof(key));
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passes, MaxPasses);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryKiB, MinMemoryKiB);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(memoryKiB, MaxMemoryKiB);
        Libsodium.EnsureReady();
        byte none; // an empty span pins as null
        fixed (byte* to = key, text = passphrase, salt = salt16)
        {
            int result = Libsodium.crypto_pwhash(
                to, (ulong)key.Length, text == null ? &none : text, (ulong)passphrase.Length, salt, (ulong)passes, (nuint)memoryKiB * 1024,
                Libsodium.AlgorithmArgon2id13);
            if (result != 0)
                throw new MegatorrentException(ErrorKind.LimitExceeded, $"Argon2id could not get {memoryKiB} KiB of memory.");
        }
    }
}
