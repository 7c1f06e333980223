namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// What a frame carries; the fifth byte of every frame. The numbers are frozen by a test and never reused. See docs/spec/wire.md.
/// </summary>
public enum MessageType : byte
{
    /// <summary>First frame each way: versions, features, limits. <see cref="HelloMessage"/>.</summary>
    Hello = 1,

    /// <summary>Are you there? Empty; answered by <see cref="Pong"/>.</summary>
    Ping = 2,

    /// <summary>The empty answer, to <see cref="Ping"/> and <see cref="Notice"/>.</summary>
    Pong = 3,

    /// <summary>A range of a blob, please. <see cref="GetMessage"/>; answered by <see cref="Data"/> frames.</summary>
    Get = 4,

    /// <summary>Up to 256 KiB of a blob: the answer to a get, or (flag <see cref="FrameFlags.Upload"/>) the bytes of a store.</summary>
    Data = 5,

    /// <summary>Which of these blobs do you have? <see cref="WantMessage"/>; answered by <see cref="Have"/>.</summary>
    Want = 6,

    /// <summary>The answer to a want: one bit an id. <see cref="HaveMessage"/>.</summary>
    Have = 7,

    /// <summary>Keep this blob. <see cref="StoreMessage"/>; answered by <see cref="Proceed"/>, then <see cref="Stored"/>.</summary>
    Store = 8,

    /// <summary>The blob is durable. <see cref="StoredMessage"/>.</summary>
    Stored = 9,

    /// <summary>The descriptors of these stripes, please. <see cref="FindMessage"/>; answered by <see cref="Found"/>.</summary>
    Find = 10,

    /// <summary>Stripe descriptors. <see cref="FoundMessage"/>.</summary>
    Found = 11,

    /// <summary>Stop working on the request of this number. Empty; never answered.</summary>
    Cancel = 12,

    /// <summary>An opaque question, defined by the cluster house; answered by <see cref="StatusReply"/>.</summary>
    Status = 13,

    /// <summary>The opaque answer to <see cref="Status"/>.</summary>
    StatusReply = 14,

    /// <summary>A request failed, or (request number 0) the session ends. <see cref="ErrorMessage"/>.</summary>
    Error = 15,

    /// <summary>Opaque membership gossip; answered by <see cref="GossipReply"/>.</summary>
    Gossip = 16,

    /// <summary>The opaque answer to <see cref="Gossip"/>.</summary>
    GossipReply = 17,

    /// <summary>Opaque: probe another node for me; answered by <see cref="ProbeReply"/>.</summary>
    Probe = 18,

    /// <summary>The opaque answer to <see cref="Probe"/>.</summary>
    ProbeReply = 19,

    /// <summary>Opaque: an invitation to exchange for a certificate; answered by <see cref="Joined"/>.</summary>
    Join = 20,

    /// <summary>The opaque answer to <see cref="Join"/>.</summary>
    Joined = 21,

    /// <summary>A blob that should be here is missing or damaged. <see cref="NoticeMessage"/>; answered by <see cref="Pong"/>.</summary>
    Notice = 22,

    /// <summary>Room is reserved for the store of this number: send its data. Empty.</summary>
    Proceed = 23,
}
