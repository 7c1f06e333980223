using System.Runtime.InteropServices;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_blob_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BlobOptions : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_blob_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_SUITE_*</c>, or 0.</summary>
    public uint Suite;

    /// <summary><c>MT_COMPRESSION_*</c>, or 0.</summary>
    public uint Compression;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>32 secret bytes, or NULL.</summary>
    public byte* TenantSecret32;

    /// <summary>The tenant's secret, in place; empty for a random key.</summary>
    public readonly ReadOnlySpan<byte> TenantSecret => new(TenantSecret32, TenantSecret32 is null ? 0 : AeadCipher.KeyLength);

    /// <summary>Reads options, which may be NULL.</summary>
    /// <param name="source">Where they lie.</param>
    /// <param name="options">Every member is one that this library knows; defaults where they are NULL.</param>
    /// <returns>Ok, StructSize or Unsupported.</returns>
    public static Status Read(BlobOptions* source, out BlobOptions options)
    {
        options = default;
        if (source is null)
            return Status.Ok;
        Status status = NativeStruct.Read("options", source, out options);
        if (status != Status.Ok)
            return status;
        if (options.Reserved != 0)
            return LastError.Set(Status.Unsupported, $"options->reserved is {options.Reserved}; it must be 0.");
        status = Constants.ToSuite(options.Suite, out _);
        return status == Status.Ok ? Constants.ToCompression(options.Compression, out _) : status;
    }

    /// <summary>The cipher, once <see cref="Read"/> has succeeded.</summary>
    public readonly CipherSuite ToSuite()
    {
        Constants.ToSuite(Suite, out CipherSuite suite);
        return suite;
    }

    /// <summary>The compression, once <see cref="Read"/> has succeeded.</summary>
    public readonly CompressionKind ToCompression()
    {
        Constants.ToCompression(Compression, out CompressionKind compression);
        return compression;
    }
}
