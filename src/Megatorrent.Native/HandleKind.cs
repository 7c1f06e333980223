namespace Megatorrent.Native;

/// <summary>What a handle stands for; part of its value, so that one kind is never taken for another.</summary>
internal enum HandleKind : byte
{
    ReedSolomon = 1,
    BencodeReader = 2,
    BencodeWriter = 3,
    Manifest = 4,
    Noise = 5,
    Client = 6,
    Operation = 7,
    Object = 8,
    Upload = 9,
    Download = 10,
}
