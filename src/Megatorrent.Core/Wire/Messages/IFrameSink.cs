namespace Megatorrent.Core.Wire.Messages;

/// <summary>Takes the frames that a <see cref="FrameAssembler"/> finds in a byte stream.</summary>
public interface IFrameSink
{
    /// <summary>A whole frame other than data. <paramref name="body"/> is valid only during the call.</summary>
    void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body);

    /// <summary>
    /// The next piece of a data frame's body, as it arrives; pieces of one frame come in order and add up to
    /// <see cref="FrameHeader.BodyLength"/>. <paramref name="endOfFrame"/> is true on the last piece, which may be empty.
    /// </summary>
    void OnData(in FrameHeader header, ReadOnlySpan<byte> piece, bool endOfFrame);
}
