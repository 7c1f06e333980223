using System.Buffers;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Lists of directories: one has one encoding, and no path leaves the directory.</summary>
[Covers(typeof(DirectoryEntry))]
internal sealed class DirectoryTarget() : FuzzTarget("directory")
{
    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;
        List<DirectoryEntry> entries = DirectoryEntry.DecodeList(input[2..], (input[0] << 8) | input[1]);
        foreach (DirectoryEntry entry in entries)
        {
            FuzzFailure.Unless(
                !Path.IsPathRooted(entry.Path) && !entry.Path.Split('/').Any(static part => part is "" or "." or ".."),
                $"the path '{entry.Path}' leaves the directory");
        }

        var again = new ArrayBufferWriter<byte>(input.Length);
        DirectoryEntry.EncodeList(entries, again);
        FuzzFailure.UnlessSame(input[2..], again.WrittenSpan, "directory");
    }
}
