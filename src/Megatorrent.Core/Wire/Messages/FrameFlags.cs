namespace Megatorrent.Core.Wire.Messages;

/// <summary>The sixth byte of a frame. Only <see cref="MessageType.Data"/> carries flags; on any other type they must be zero.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The last data frame of its request.</summary>
    Last = 1,

    /// <summary>The data belongs to a store of the frame's sender; without it, to a get of the frame's receiver.</summary>
    Upload = 2,
}
