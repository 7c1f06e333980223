using System.Diagnostics;
using System.Text.RegularExpressions;

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

    // Both come from src/Directory.Build.targets, as does the static linking of the ciphers.
    [PublishedLibraryFact]
    public void ThePublishedLibraryHasItsNameAndNeedsOnlyTheSystem()
    {
        string[] entries = Run("readelf", "--dynamic", "--wide", PublishedLibraryFactAttribute.Path!);
        Assert.Contains(entries, entry => entry.Contains("Library soname: [libmegatorrent.so]", StringComparison.Ordinal));
        Assert.Contains(entries, entry => entry.Contains("NODELETE", StringComparison.Ordinal)); // unloading would end the process
        IEnumerable<Match> matches = entries.Select(entry => Needed().Match(entry)).Where(match => match.Success);
        string[] needed = [.. matches.Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(needed);
        Assert.All(needed, name => Assert.Matches(@"^(libc|libm|libdl|libpthread|librt|ld-linux[\w-]*)\.so", name));
    }

    private static string[] Exports(string library)
    {
        // "0000000000095de0 T mt_abi_version@@V1.0"; the version itself is an absolute symbol.
        return
        [
            .. Run("nm", "--dynamic", "--defined-only", library).Select(line => line.Split(' '))
                .Where(fields => fields[1] != "A")
                .Select(fields => fields[2].Split('@')[0])
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string[] Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"\(NEEDED\)\s+Shared library: \[(.*)\]")]
    private static partial Regex Needed();

    [GeneratedRegex("UnmanagedCallersOnly\\(EntryPoint = \"(\\w+)\"")]
    private static partial Regex EntryPoint();
}
