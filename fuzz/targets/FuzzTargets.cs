namespace Megatorrent.Fuzz.Targets;

/// <summary>Every target.</summary>
internal static class FuzzTargets
{
    /// <summary>Every target, in the order in which a run of all takes them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new BencodeTarget(),
        new StripeDescriptorTarget(),
        new ManifestTarget(),
        new DirectoryTarget(),
        new CapabilityTarget(),
        new ConfigurationTarget(),
        new BlobTarget(),
        new SealedBlobTarget(),
        new DecompressionTarget(),
        new ErasureTarget(),
        new HashTarget(),
        new MerkleTarget(),
        new CertificateTarget(),
        new InvitationTarget(),
        new CredentialTarget(),
        new NodeRecordTarget(),
        new NoiseTarget(),
        new MessagesTarget(),
        new SessionTarget(),
        new LeaseStatementTarget(),
        new LeaseMessagesTarget(),
        new LeaseLogTarget(),
        new ClusterTarget(),
        new LayoutTarget(),
        new RepairMessagesTarget(),
        new AuditTarget(),
        new ReputationTarget(),
        new ForecastTarget(),
        new EtcdTarget(),
        new ClusterFileTarget(),
        new SegmentTarget(),
        new CheckpointTarget(),
        new PlantedTarget(),
    ];

    /// <summary>The target of a name, or null.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
