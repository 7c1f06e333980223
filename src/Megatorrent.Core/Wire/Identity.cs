using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Wire;

/// <summary>
/// Who a process is: an Ed25519 key pair and the id that follows from it. Dispose zeroes the secret. Reading is thread-safe, as is
/// signing with <see cref="Key"/>.
/// </summary>
public sealed class Identity : IDisposable
{
    /// <summary>Bytes in the seed from which the key pair follows.</summary>
    public const int SeedLength = SigningKey.SeedLength;

    private Identity(SigningKey key)
    {
        Key = key;
        Id = NodeId.Of(key.PublicKey);
    }

    /// <summary>The key pair; owned by this object.</summary>
    public SigningKey Key { get; }

    /// <summary>The SHA-256 of the public key.</summary>
    public NodeId Id { get; }

    /// <summary>The Ed25519 public key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => Key.PublicKey;

    /// <summary>A new identity.</summary>
    /// <param name="random">Where its 32 secret bytes come from.</param>
    public static Identity Generate(IRandomSource random) => new(SigningKey.Generate(random));

    /// <summary>The identity that <paramref name="seed"/> stands for.</summary>
    /// <param name="seed">32 secret bytes; copied.</param>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes long.</exception>
    public static Identity FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
            throw new ArgumentException($"A seed is {SeedLength} bytes, not {seed.Length}.", nameof(seed));
        return new Identity(SigningKey.FromSeed(seed));
    }

    /// <summary>Writes the 32 secret bytes to the start of <paramref name="destination"/>; the caller zeroes them after use.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopySeedTo(Span<byte> destination)
    {
        if (destination.Length < SeedLength)
            throw new ArgumentException($"A seed needs {SeedLength} bytes, not {destination.Length}.", nameof(destination));
        Key.CopySeedTo(destination[..SeedLength]);
    }

    /// <summary>The id in short; never the secret.</summary>
    public override string ToString() => $"identity {Id.ToShortString()}";

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
