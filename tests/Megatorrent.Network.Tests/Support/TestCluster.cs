using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Tests.Support;

/// <summary>A cluster key and the options of whoever belongs to it, or not.</summary>
internal sealed class TestCluster : IDisposable
{
    private readonly SigningKey _key = SigningKey.Generate(SystemRandomSource.Instance);
    private readonly List<Identity> _identities = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public byte[] Key => _key.PublicKey.ToArray();

    public SessionOptions Options(Role? role, DateTimeOffset? expires = null)
    {
        var identity = Identity.Generate(SystemRandomSource.Instance);
        _identities.Add(identity);
        DateTimeOffset now = Time.GetUtcNow();
        Certificate? certificate = role is { } given
            ? Certificate.IssueByCluster(_key, identity.PublicKey, given, now.AddDays(-30), expires ?? now.AddDays(30))
            : null;
        return new SessionOptions { Identity = identity, Certificate = certificate, ClusterKey = Key, Time = Time };
    }

    public void Dispose()
    {
        foreach (Identity identity in _identities)
            identity.Dispose();
        _key.Dispose();
    }
}
