namespace Megatorrent.Core.Wire.Messages;

/// <summary>What is wrong with a blob that a peer should hold. The numbers are frozen.</summary>
public enum NoticeKind : byte
{
    /// <summary>The peer, which should hold it by the layout, said that it does not.</summary>
    Missing = 1,

    /// <summary>The bytes that the peer sent are not those that the id names.</summary>
    Corrupt = 2,
}
