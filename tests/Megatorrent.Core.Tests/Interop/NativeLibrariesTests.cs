using System.Runtime.InteropServices;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Interop;

namespace Megatorrent.Core.Tests.Interop;

public class NativeLibrariesTests
{
    [Theory]
    [InlineData(NativeLibraries.Sodium, "libsodium23")]
    [InlineData(NativeLibraries.Zstd, "libzstd1")]
    [InlineData(NativeLibraries.Lz4, "liblz4-1")]
    public void Every_name_that_is_tried_last_is_that_of_the_runtime_package(string library, string package)
    {
        if (!OperatingSystem.IsLinux())
            return;
        // A machine without the -dev packages has only this name.
        string name = NativeLibraries.Candidates(library)[^1];
        Assert.Matches(@"\.so\.\d+$", name);
        bool loaded = NativeLibrary.TryLoad(name, out nint handle);
        Assert.True(loaded, $"{name} is missing. On Debian: apt-get install {package}");
        NativeLibrary.Free(handle);
    }

    [Theory]
    [InlineData(NativeLibraries.Sodium, "libsodium23")]
    [InlineData(NativeLibraries.Zstd, "libzstd1")]
    [InlineData(NativeLibraries.Lz4, "liblz4-1")]
    public void A_missing_library_is_named_with_its_package(string library, string package)
    {
        var inner = new DllNotFoundException("the loader's text");
        MegatorrentException exception = NativeLibraries.Missing(library, inner);
        Assert.Equal(ErrorKind.Unsupported, exception.Kind);
        Assert.Contains(library, exception.Message);
        Assert.Contains($"apt-get install {package}", exception.Message);
        Assert.Same(inner, exception.InnerException);
    }

    [Fact]
    public void Every_library_answers()
    {
        // Each of these throws the message above where its library is missing.
        Libsodium.EnsureReady();
        foreach (CompressionKind kind in new[] { CompressionKind.Zstd, CompressionKind.Lz4 })
            Assert.True(Compressor.TryCompress(kind, new byte[100], new byte[200], out _), kind.ToString());
    }
}
