using System.Security.Cryptography;
using System.Text;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>The files that a crash may have left, in the order of their names.</summary>
/// <param name="Files">Path and bytes.</param>
/// <param name="What">For people: which part of what was not flushed has reached the disk.</param>
internal sealed record DiskImage((string Path, byte[] Bytes)[] Files, string What)
{
    /// <summary>Equal images are one state.</summary>
    public UInt128 Hash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, byte[] bytes) in Files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{bytes.Length}\0"));
            hash.AppendData(bytes);
        }
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    /// <summary>The files on a disk that loses what is not flushed at its next loss of power.</summary>
    public FaultyFileSystem ToDisk(ulong seed)
    {
        var disk = new FaultyFileSystem(seed);
        foreach ((string path, byte[] bytes) in Files)
            disk.Replace(path, bytes);
        return disk;
    }
}
