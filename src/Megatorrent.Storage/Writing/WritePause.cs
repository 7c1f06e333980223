namespace Megatorrent.Storage.Writing;

/// <summary>What the writing loop does while nothing is under way.</summary>
internal enum WritePause
{
    /// <summary>Takes the active segment out of use, so that it can be compacted.</summary>
    SealSegment,

    /// <summary>Writes a checkpoint.</summary>
    Checkpoint,
}
