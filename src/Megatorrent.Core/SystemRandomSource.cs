using System.Security.Cryptography;

namespace Megatorrent.Core;

/// <summary>The operating system's cryptographic random generator.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    /// <summary>The one instance; it has no state.</summary>
    public static SystemRandomSource Instance { get; } = new();

    private SystemRandomSource()
    {
    }

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
