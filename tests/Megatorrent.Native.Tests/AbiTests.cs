using System.Diagnostics;
using System.Text.RegularExpressions;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

/// <summary>Header, list of exports, source and published library say the same.</summary>
public sealed partial class AbiTests
{
    private static readonly string[] ExportList = File.ReadAllLines(Path.Combine(Header.Root, "native", "exports.txt"));

    [Fact]
    public void TheListOfExportsIsThatOfTheHeader() => Assert.Equal(Header.Functions, ExportList);

    [Fact]
    public void TheSourceExportsTheList()
    {
        IEnumerable<string> sources = Directory.GetFiles(Path.Combine(Header.Root, "src", "Megatorrent.Native"), "*.cs", SearchOption.AllDirectories);
        IEnumerable<string> entryPoints = sources.SelectMany(path => EntryPoint().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value));
        Assert.Equal(ExportList, entryPoints.Order(StringComparer.Ordinal));
    }

    [PublishedLibraryFact]
    public void ThePublishedLibraryExportsTheListAndNothingElse()
    {
        string library = PublishedLibraryFactAttribute.Path!;
        string avx512 = Path.Combine(Path.GetDirectoryName(library)!, "glibc-hwcaps", "x86-64-v4", Path.GetFileName(library));
        Assert.Equal(ExportList, Exports(library));
        if (File.Exists(avx512))
            Assert.Equal(ExportList, Exports(avx512));
    }

    [PublishedLibraryFact]
    public void ThePublishedHeaderIsTheOneOfTheCheckout() => Assert.Equal(
        File.ReadAllText(Path.Combine(Header.Root, "native", "include", "megatorrent.h")),
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(PublishedLibraryFactAttribute.Path!)!, "..", "include", "megatorrent.h")));

    [Fact]
    public void TheConstantsOfTheHeaderAreThoseOfTheCode()
    {
        Assert.Equal((int)LibraryExports.AbiVersion, (Header.Integers["MT_ABI_VERSION_MAJOR"] << 16) | Header.Integers["MT_ABI_VERSION_MINOR"]);
        Assert.Equal(LibraryExports.Version, Header.Texts["MT_VERSION_STRING"]);
        Assert.Equal(ReedSolomon.MaxShards, Header.Integers["MT_RS_SHARDS_MAX"]);
        Assert.Equal((int)ReedSolomonOptions.MatrixCauchy, Header.Integers["MT_RS_MATRIX_CAUCHY"]);
        Assert.Equal(Sha256.HashLength, Header.Integers["MT_SHA256_LENGTH"]);
    }

    [Fact]
    public unsafe void TheOptionsStructHasTheLayoutOfTheHeader()
    {
        ReedSolomonOptions options;
        Assert.Equal(8, sizeof(ReedSolomonOptions));
        Assert.Equal(0, (byte*)&options.StructSize - (byte*)&options);
        Assert.Equal(4, (byte*)&options.Matrix - (byte*)&options);
    }

    private static string[] Exports(string library)
    {
        ProcessStartInfo start = new("nm", ["--dynamic", "--defined-only", library]) { RedirectStandardOutput = true };
        using Process nm = Process.Start(start)!;
        string output = nm.StandardOutput.ReadToEnd();
        nm.WaitForExit();
        Assert.Equal(0, nm.ExitCode);
        // "0000000000095de0 T mt_abi_version@@V1.0"; the version itself is an absolute symbol.
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .Where(fields => fields[1] != "A")
                .Select(fields => fields[2].Split('@')[0])
                .Order(StringComparer.Ordinal),
        ];
    }

    [GeneratedRegex("UnmanagedCallersOnly\\(EntryPoint = \"(\\w+)\"")]
    private static partial Regex EntryPoint();
}
