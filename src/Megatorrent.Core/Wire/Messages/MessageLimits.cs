namespace Megatorrent.Core.Wire.Messages;

/// <summary>The hard limits of the protocol. They are part of its version 1: a peer that exceeds one is disconnected.</summary>
public static class MessageLimits
{
    /// <summary>The longest frame, in bytes that follow its length field: 1 MiB and 64 KiB.</summary>
    public const int MaxFrameLength = 1024 * 1024 + 64 * 1024;

    /// <summary>
    /// The longest body of a data frame, in bytes: 256 KiB, so that a ping behind one waits well under a millisecond at 10 Gb/s.
    /// </summary>
    public const int MaxDataLength = 256 * 1024;

    /// <summary>The longest blob, in bytes: a chunk of 16 MiB and 64 KiB for what wraps it.</summary>
    public const int MaxBlobLength = 16 * 1024 * 1024 + 64 * 1024;

    /// <summary>The most ids in a want.</summary>
    public const int MaxWantIds = 8192;

    /// <summary>The most ids in a find: 64 of the longest descriptors fit one frame.</summary>
    public const int MaxFindIds = 64;

    /// <summary>The longest stripe descriptor, in bytes: 255 ids of 32 bytes, their lengths, and room.</summary>
    public const int MaxDescriptorLength = 16 * 1024;

    /// <summary>The longest opaque body (status, gossip, probe, join and their replies), in bytes.</summary>
    public const int MaxOpaqueLength = 256 * 1024;

    /// <summary>The longest text of an error, in bytes of UTF-8.</summary>
    public const int MaxErrorTextLength = 1024;

    /// <summary>The longest hello, in bytes; what a later version appends to it must fit.</summary>
    public const int MaxHelloLength = 1024;

    /// <summary>Pings, gossips, probes and notices that one side may have under way, apart from its other requests.</summary>
    public const int MaxControlRequestsUnderWay = 32;

    /// <summary>Other requests that a peer without a certificate may have under way: it has nothing to do but join.</summary>
    public const int MaxUnauthenticatedRequestsUnderWay = 4;

    /// <summary>The longest body that a frame of <paramref name="type"/> may have, in bytes; -1 for a type that does not exist.</summary>
    public static int MaxBodyLength(MessageType type) => type switch
    {
        MessageType.Hello => MaxHelloLength,
        MessageType.Ping or MessageType.Pong or MessageType.Cancel or MessageType.Proceed => 0,
        MessageType.Get => GetMessage.EncodedLength,
        MessageType.Data => MaxDataLength,
        MessageType.Want => WantMessage.MaxEncodedLength,
        MessageType.Have => HaveMessage.MaxEncodedLength,
        MessageType.Store => StoreMessage.MaxEncodedLength,
        MessageType.Stored => StoredMessage.EncodedLength,
        MessageType.Find => FindMessage.MaxEncodedLength,
        MessageType.Found => FoundMessage.MaxEncodedLength,
        MessageType.Error => ErrorMessage.MaxEncodedLength,
        MessageType.Notice => NoticeMessage.EncodedLength,
        MessageType.Status or MessageType.StatusReply or MessageType.Gossip or MessageType.GossipReply
            or MessageType.Probe or MessageType.ProbeReply or MessageType.Join or MessageType.Joined => MaxOpaqueLength,
        _ => -1,
    };
}
