namespace Megatorrent.Native;

/// <summary>What a handle stands for; part of its value, so that one kind is never taken for another.</summary>
internal enum HandleKind : byte
{
    ReedSolomon = 1,
}
