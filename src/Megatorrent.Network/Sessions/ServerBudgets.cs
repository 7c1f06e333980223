namespace Megatorrent.Network.Sessions;

/// <summary>What all connections of a server share: bytes of stores being received, and bytes of answers being sent.</summary>
internal sealed class ServerBudgets(SessionOptions options)
{
    public FairBudget Receiving { get; } = new(options.MaxTotalBytesUnderWay);

    public FairBudget Sending { get; } = new(options.MaxTotalBytesUnderWay);
}
