using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Tests.Support;

/// <summary>A cluster key and the options of whoever belongs to it, or not.</summary>
internal sealed class TestCluster : IDisposable
{
    private readonly List<Identity> _identities = [];
    private SigningKey? _key;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    private SigningKey Signing => _key ??= SigningKey.Generate(Random);

    public byte[] Key => Signing.PublicKey.ToArray();

    public SessionOptions Options(Role? role, DateTimeOffset? expires = null)
    {
        var identity = Identity.Generate(Random);
        _identities.Add(identity);
        DateTimeOffset now = Time.GetUtcNow();
        Certificate? certificate = role is { } given
            ? Certificate.IssueByCluster(Signing, identity.PublicKey, given, now.AddDays(-30), expires ?? now.AddDays(30))
            : null;
        return new SessionOptions { Identity = identity, Certificate = certificate, ClusterKey = Key, Time = Time };
    }

    public void Dispose()
    {
        foreach (Identity identity in _identities)
            identity.Dispose();
        _key?.Dispose();
    }
}
