using System.Runtime.InteropServices;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Crypto;

/// <summary>The functions of libsodium (1.0.18 or later) that Core uses. Call <see cref="EnsureReady"/> before any other.</summary>
internal static unsafe partial class Libsodium
{
    /// <summary>crypto_pwhash_ALG_ARGON2ID13: Argon2id, version 1.3.</summary>
    public const int AlgorithmArgon2id13 = 2;

    private static volatile bool _ready;

    /// <summary>Loads and initialises the library; thread-safe, and free after the first call.</summary>
    /// <exception cref="MegatorrentException">Unsupported: the library is missing; the message names the Debian package.</exception>
    public static void EnsureReady()
    {
        if (_ready)
            return;
        NativeLibraries.Register();
        try
        {
            if (sodium_init() < 0) // thread-safe by its contract; 1 when another thread was first
                throw new MegatorrentException(ErrorKind.Internal, "libsodium could not be initialised.");
        }
        catch (DllNotFoundException exception)
        {
            throw NativeLibraries.Missing(NativeLibraries.Sodium, exception);
        }
        _ready = true;
    }

    [LibraryImport(NativeLibraries.Sodium)]
    private static partial int sodium_init();

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_sign_seed_keypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_sign_detached(byte* signature, ulong* signatureLength, byte* message, ulong length, byte* secretKey);

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_sign_verify_detached(byte* signature, byte* message, ulong length, byte* publicKey);

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_scalarmult_base(byte* publicKey, byte* secret);

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_scalarmult(byte* shared, byte* secret, byte* publicKey);

    [LibraryImport(NativeLibraries.Sodium)]
    public static partial int crypto_pwhash(
        byte* key, ulong keyLength, byte* passphrase, ulong passphraseLength, byte* salt, ulong passes, nuint memoryBytes, int algorithm);
}
