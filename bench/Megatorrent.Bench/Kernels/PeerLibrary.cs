using System.Reflection;
using System.Runtime.InteropServices;

namespace Megatorrent.Bench.Kernels;

/// <summary>ISA-L and OpenSSL the way their users call them: bench/peers/libpeers.c, whose signatures these are.</summary>
internal static unsafe partial class PeerLibrary
{
    private const string Library = "libpeers";

    /// <summary>Finds the library where the build tool puts what it compiles.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static void Load(string folder)
    {
        string path = Path.Combine(folder, Library + ".so");
        if (!File.Exists(path))
            throw new InvalidOperationException($"{path} is missing: run this through `./build.sh bench`, which compiles it.");
        if (_path is null)
            NativeLibrary.SetDllImportResolver(typeof(PeerLibrary).Assembly, Resolve);
        _path = path;
    }

    [LibraryImport(Library)]
    public static partial void* peer_encoder(int k, int m);

    [LibraryImport(Library)]
    public static partial void* peer_decoder(int k, int m, byte* lost, int lostCount);

    [LibraryImport(Library)]
    public static partial void peer_code(void* code, int length, byte** inputs, byte** outputs);

    [LibraryImport(Library)]
    public static partial void peer_code_free(void* code);

    [LibraryImport(Library)]
    public static partial void* peer_cipher();

    [LibraryImport(Library)]
    public static partial int peer_seal(
        void* context, byte* key, byte* source, byte* destination, int length, byte* aad, int aadLength, byte* tag);

    [LibraryImport(Library)]
    public static partial int peer_open(
        void* context, byte* key, byte* source, byte* destination, int length, byte* aad, int aadLength, byte* tag);

    [LibraryImport(Library)]
    public static partial void peer_cipher_free(void* context);

    [LibraryImport(Library)]
    public static partial void* peer_hash();

    [LibraryImport(Library)]
    public static partial int peer_sha256(void* context, byte* message, nuint length, byte* digest);

    [LibraryImport(Library)]
    public static partial void peer_hash_free(void* context);

    [LibraryImport(Library)]
    public static partial int peer_put_stripe(
        void* encoder, void* cipher, void* hash, byte* header, byte* keys, byte** chunks, int chunkLength, byte** blobs, byte* ids);

    private static string? _path;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == Library ? NativeLibrary.Load(_path!) : 0;
}
