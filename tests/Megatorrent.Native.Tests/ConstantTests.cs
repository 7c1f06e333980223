using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

/// <summary>The numbers of the header are those of the code.</summary>
public sealed class ConstantTests
{
    private static readonly Dictionary<string, long> Ours = new()
    {
        ["MT_ABI_VERSION_MAJOR"] = LibraryExports.AbiVersion >> 16,
        ["MT_ABI_VERSION_MINOR"] = LibraryExports.AbiVersion & 0xffff,
        ["MT_TEXT_LENGTH_MAX"] = NativeText.LengthMax,

        ["MT_SHA256_LENGTH"] = Sha256.HashLength,
        ["MT_MERKLE_BLOCK_LENGTH"] = MerkleTree.BlockLength,
        ["MT_CID_TEXT_LENGTH"] = Cid.TextLength,

        ["MT_RS_SHARDS_MAX"] = ReedSolomon.MaxShards,
        ["MT_RS_MATRIX_CAUCHY"] = ReedSolomonOptions.MatrixCauchy,

        ["MT_BLOB_PLAINTEXT_LENGTH_MAX"] = BlobHeader.PlaintextLengthMax,
        ["MT_BLOB_OVERHEAD"] = BlobSealer.Overhead,
        ["MT_ID_LENGTH"] = BlobId.Length,
        ["MT_KEY_LENGTH"] = AeadCipher.KeyLength,
        ["MT_SUITE_AES_256_GCM"] = (long)CipherSuite.Aes256Gcm,
        ["MT_SUITE_CHACHA20_POLY1305"] = (long)CipherSuite.ChaCha20Poly1305,
        ["MT_COMPRESSION_NONE"] = Constants.FromCompression(CompressionKind.None),
        ["MT_COMPRESSION_ZSTD"] = Constants.FromCompression(CompressionKind.Zstd),
        ["MT_COMPRESSION_LZ4"] = Constants.FromCompression(CompressionKind.Lz4),
        ["MT_COMPRESSION_GZIP"] = Constants.FromCompression(CompressionKind.Gzip),
        ["MT_COMPRESSION_BROTLI"] = Constants.FromCompression(CompressionKind.Brotli),

        ["MT_ED25519_SEED_LENGTH"] = SigningKey.SeedLength,
        ["MT_ED25519_PUBLIC_KEY_LENGTH"] = Ed25519.PublicKeyLength,
        ["MT_ED25519_SIGNATURE_LENGTH"] = Ed25519.SignatureLength,
        ["MT_X25519_KEY_LENGTH"] = X25519.KeyLength,

        ["MT_BENCODE_DEPTH_MAX"] = BencodeReader.DepthLimit,
        ["MT_BENCODE_LENGTH_MAX"] = BencodeReaderExports.LengthMax,
        ["MT_BENCODE_INTEGER"] = (long)BencodeTokenKind.Integer,
        ["MT_BENCODE_BYTES"] = (long)BencodeTokenKind.Bytes,
        ["MT_BENCODE_LIST"] = (long)BencodeTokenKind.List,
        ["MT_BENCODE_DICTIONARY"] = (long)BencodeTokenKind.Dictionary,
        ["MT_BENCODE_KEY"] = (long)BencodeTokenKind.Key,
        ["MT_BENCODE_END"] = (long)BencodeTokenKind.End,
        ["MT_BENCODE_DOCUMENT_END"] = (long)BencodeTokenKind.DocumentEnd,

        ["MT_MANIFEST_LENGTH_MAX"] = Manifest.EncodedLengthMax,
        ["MT_MANIFEST_NODE"] = (long)ManifestKind.Node,
        ["MT_MANIFEST_FILE"] = (long)ManifestKind.File,
        ["MT_MANIFEST_DIRECTORY"] = (long)ManifestKind.Directory,

        ["MT_NOISE_MESSAGE_LENGTH_MAX"] = NoiseHandshake.MaxMessage,
        ["MT_NOISE_OVERHEAD_MAX"] = NoiseSession.OverheadMax,
        ["MT_NOISE_WRITE"] = (long)NoiseState.Write,
        ["MT_NOISE_READ"] = (long)NoiseState.Read,
        ["MT_NOISE_ESTABLISHED"] = (long)NoiseState.Established,
        ["MT_NOISE_DEAD"] = (long)NoiseState.Dead,
        ["MT_PEER_PAYLOAD_LENGTH_MAX"] = HandshakePayload.MaxEncodedLength,

        ["MT_WIRE_HELLO"] = (long)MessageType.Hello,
        ["MT_WIRE_PING"] = (long)MessageType.Ping,
        ["MT_WIRE_PONG"] = (long)MessageType.Pong,
        ["MT_WIRE_GET"] = (long)MessageType.Get,
        ["MT_WIRE_DATA"] = (long)MessageType.Data,
        ["MT_WIRE_WANT"] = (long)MessageType.Want,
        ["MT_WIRE_HAVE"] = (long)MessageType.Have,
        ["MT_WIRE_STORE"] = (long)MessageType.Store,
        ["MT_WIRE_STORED"] = (long)MessageType.Stored,
        ["MT_WIRE_FIND"] = (long)MessageType.Find,
        ["MT_WIRE_FOUND"] = (long)MessageType.Found,
        ["MT_WIRE_CANCEL"] = (long)MessageType.Cancel,
        ["MT_WIRE_STATUS"] = (long)MessageType.Status,
        ["MT_WIRE_STATUS_REPLY"] = (long)MessageType.StatusReply,
        ["MT_WIRE_ERROR"] = (long)MessageType.Error,
        ["MT_WIRE_GOSSIP"] = (long)MessageType.Gossip,
        ["MT_WIRE_GOSSIP_REPLY"] = (long)MessageType.GossipReply,
        ["MT_WIRE_PROBE"] = (long)MessageType.Probe,
        ["MT_WIRE_PROBE_REPLY"] = (long)MessageType.ProbeReply,
        ["MT_WIRE_JOIN"] = (long)MessageType.Join,
        ["MT_WIRE_JOINED"] = (long)MessageType.Joined,
        ["MT_WIRE_NOTICE"] = (long)MessageType.Notice,
        ["MT_WIRE_PROCEED"] = (long)MessageType.Proceed,
        ["MT_WIRE_FLAG_LAST"] = (long)FrameFlags.Last,
        ["MT_WIRE_FLAG_UPLOAD"] = (long)FrameFlags.Upload,
        ["MT_WIRE_HEADER_LENGTH"] = FrameHeader.Length,
        ["MT_WIRE_FRAME_LENGTH_MAX"] = sizeof(uint) + MessageLimits.MaxFrameLength,

        ["MT_ENTRY_FILE"] = (long)EntryKind.File,
        ["MT_ENTRY_DIRECTORY"] = (long)EntryKind.Directory,
        ["MT_ENTRY_LINK"] = (long)EntryKind.SymbolicLink,

        ["MT_LOG_ERROR"] = NativeLog.Error,
        ["MT_LOG_WARNING"] = NativeLog.Warning,
        ["MT_LOG_INFO"] = NativeLog.Info,
        ["MT_LOG_DEBUG"] = NativeLog.DebugLevel,
    };

    [Fact]
    public void EveryNumberOfTheHeaderIsThatOfTheCode()
    {
        // Statuses have a test of their own. The capacity of a capability is only a bound.
        Dictionary<string, long> theirs = Header.Integers
            .Where(macro => macro.Key is not ("MT_OK" or "MT_CAPABILITY_CAPACITY"))
            .Where(macro => !macro.Key.StartsWith("MT_ERROR_", StringComparison.Ordinal))
            .ToDictionary(macro => macro.Key, macro => (long)macro.Value);
        Assert.Equal(theirs.OrderBy(pair => pair.Key, StringComparer.Ordinal), Ours.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.True(Header.Integers["MT_CAPABILITY_CAPACITY"] > Capability.TextLengthMax);
    }

    [Fact]
    public void TheVersionOfTheHeaderIsThatOfTheProduct() => Assert.Equal(LibraryExports.Version, Header.Texts["MT_VERSION_STRING"]);

    [Fact]
    public void HandleKindsFitTheirBits() => Assert.All(Enum.GetValues<HandleKind>(), kind => Assert.InRange((byte)kind, 1, 15));
}
