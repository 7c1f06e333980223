using BenchmarkDotNet.Attributes;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Microbench;

/// <summary>Messages under one key (records of a Noise session) and one under its own key (a blob).</summary>
public class CipherBenchmarks
{
    private const int RecordLength = NoiseCipher.MaxPlaintext;
    private const int SmallLength = 64;
    private const int ChunkLength = 1 << 20;

    private readonly byte[] _key = new byte[AeadCipher.KeyLength];
    private readonly byte[] _nonce = new byte[AeadCipher.NonceLength];
    private readonly byte[] _tag = new byte[AeadCipher.TagLength];
    private readonly byte[] _plaintext = new byte[ChunkLength];
    private readonly byte[] _ciphertext = new byte[ChunkLength];
    private NoiseCipher _session = null!;

    /// <summary>The cipher.</summary>
    [Params(CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305)]
    public CipherSuite Suite { get; set; }

    /// <summary>Starts a session.</summary>
    [GlobalSetup]
    public void Setup() => _session = new NoiseCipher(Suite, _key);

    /// <summary>Ends it.</summary>
    [GlobalCleanup]
    public void Cleanup() => _session.Dispose();

    /// <summary>The longest record of a session.</summary>
    [Benchmark]
    [Bytes(RecordLength)]
    public int Record() => _session.Encrypt(_plaintext.AsSpan(0, RecordLength), _ciphertext);

    /// <summary>A record of 64 bytes.</summary>
    [Benchmark]
    [Bytes(SmallLength)]
    public int SmallRecord() => _session.Encrypt(_plaintext.AsSpan(0, SmallLength), _ciphertext);

    /// <summary>A chunk under a key of its own.</summary>
    [Benchmark]
    [Bytes(ChunkLength)]
    public void Chunk() => Aead.Seal(Suite, _key, _nonce, _plaintext, _ciphertext, _tag, []);
}
