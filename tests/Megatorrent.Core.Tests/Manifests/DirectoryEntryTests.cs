using System.Buffers;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Core.Tests.Manifests;

public class DirectoryEntryTests
{
    [Fact]
    public void Reads_what_it_wrote()
    {
        DirectoryEntry[] entries =
        [
            new("a", EntryKind.Directory, 0, 0b111_101_101, 5, ""),
            new("a/b", EntryKind.File, 7, 0b110_100_100, -5, ""),
            new("a/empty", EntryKind.File, 0, 0, 0, ""),
            new("a/link", EntryKind.SymbolicLink, 0, 0b111_111_111, 1, "../../etc/passwd"),
            new("żółć/日本", EntryKind.File, 3, 0xFFF, long.MaxValue, ""),
        ];
        Assert.Equal(entries, DirectoryEntry.DecodeList(Encode(entries), 10));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/..")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("./a")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_out_of_the_directory_is_refused_by_writer_and_reader(string path)
    {
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => DirectoryEntry.CheckPath(path)).Kind);
        byte[] hostile = Hostile(("a", EntryKind.Directory, ""), (path, EntryKind.File, ""));
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(hostile, 0)).Kind);
    }

    [Fact]
    public void Nothing_lies_inside_a_file_or_behind_a_link()
    {
        foreach (byte[] hostile in (byte[][])
        [
            Hostile(("a", EntryKind.SymbolicLink, "/etc"), ("a/passwd", EntryKind.File, "")),
            Hostile(("a", EntryKind.File, ""), ("a/b", EntryKind.File, "")),
            Hostile(("a", EntryKind.SymbolicLink, "/etc"), ("a-b", EntryKind.File, ""), ("a/b/c", EntryKind.File, "")),
        ])
        {
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(hostile, 0)).Kind);
        }
    }

    [Fact]
    public void Doubles_disorder_and_wrong_sums_are_refused()
    {
        foreach (byte[] hostile in (byte[][])
        [
            Hostile(("a", EntryKind.File, ""), ("a", EntryKind.File, "")),
            Hostile(("b", EntryKind.File, ""), ("a", EntryKind.File, "")),
            Hostile(("a", EntryKind.SymbolicLink, "")),
            Hostile(("a", EntryKind.File, "target")),
        ])
        {
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(hostile, 0)).Kind);
        }

        byte[] seven = Encode([new("a", EntryKind.File, 7, 0, 0, "")]);
        Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(seven, 6));
        Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(seven, 8));
        Assert.Single(DirectoryEntry.DecodeList(seven, 7));
    }

    [Fact]
    public void A_writer_checks_paths_too() =>
        Assert.Throws<MegatorrentException>(() => Encode([new("../x", EntryKind.File, 0, 0, 0, "")]));

    [Fact]
    public void Paths_and_modes_are_read_up_to_their_limits()
    {
        DirectoryEntry[] entries = [new(new string('é', 2048), EntryKind.File, 0, 0xFFFF, 0, "")];
        Assert.Equal(entries, DirectoryEntry.DecodeList(Encode(entries), 0));
        Assert.Throws<MegatorrentException>(() => DirectoryEntry.CheckPath(new string('é', 2048) + "x"));
    }

    [Fact]
    public void Entries_that_contradict_themselves_are_refused()
    {
        Refused("contradicts itself", [new("a", EntryKind.File, -1, 0, 0, "")]);
        Refused("contradicts itself", [new("a", EntryKind.Directory, 1, 0, 0, "")]);
        Refused("contradicts itself", [new("a", EntryKind.File, 0, -1, 0, "")]);
        Refused("contradicts itself", [new("a", EntryKind.File, 0, 0x10000, 0, "")]);
        Refused("contradicts itself", [new("a", EntryKind.SymbolicLink, 0, 0, 0, "b\0c")]);
        Refused("of kind 0", [new("a", 0, 0, 0, 0, "")]);
        Refused("of kind 4", [new("a", (EntryKind)4, 0, 0, 0, "")]);
        // Lengths whose sum comes round to the content's.
        Refused("more bytes", [new("a", EntryKind.File, long.MaxValue, 0, 0, ""), new("b", EntryKind.File, long.MaxValue, 0, 0, ""), new("c", EntryKind.File, 2, 0, 0, "")]);

        static void Refused(string why, DirectoryEntry[] entries) => Assert.Contains(
            why, Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList(Encode(entries), 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_follows_the_list() =>
        Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => DirectoryEntry.DecodeList([.. Encode([]), (byte)'e'], 0)).Kind);

    private static byte[] Encode(DirectoryEntry[] entries)
    {
        var buffer = new ArrayBufferWriter<byte>();
        DirectoryEntry.EncodeList(entries, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    // What a hostile writer would write: the same bytes without its checks.
    private static byte[] Hostile(params (string Path, EntryKind Kind, string Target)[] entries) => BencodeWriter.Encode(writer =>
    {
        writer.BeginList();
        foreach (var (path, kind, target) in entries)
        {
            writer.BeginDictionary();
            writer.WriteKey("k");
            writer.WriteInteger((int)kind);
            writer.WriteKey("l");
            writer.WriteInteger(0);
            writer.WriteKey("m");
            writer.WriteInteger(0);
            writer.WriteKey("p");
            writer.WriteText(path);
            writer.WriteKey("t");
            writer.WriteInteger(0);
            writer.WriteKey("x");
            writer.WriteText(target);
            writer.End();
        }

        writer.End();
    });
}
