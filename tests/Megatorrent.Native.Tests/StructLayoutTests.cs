using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

/// <summary>Every struct of the header lies in memory as the compiler of C lays it out.</summary>
public sealed partial class StructLayoutTests
{
    private static readonly MethodInfo NameMethod =
        typeof(StructLayoutTests).GetMethod(nameof(Name), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Our structs by the name of the header.</summary>
    private static readonly Dictionary<string, Type> Ours = typeof(INativeStruct).Assembly.GetTypes()
        .Where(type => type.IsValueType && type.IsAssignableTo(typeof(INativeStruct)))
        .ToDictionary(type => (string)NameMethod.MakeGenericMethod(type).Invoke(null, null)!);

    /// <summary>The structs of the header, with their members in order.</summary>
    private static readonly Dictionary<string, string[]> Theirs = Struct().Matches(Header.Code).ToDictionary(
        match => match.Groups[2].Value,
        match => Member().Matches(match.Groups[1].Value).Select(member => member.Groups[1].Value).ToArray());

    [Fact]
    public void TheHeaderHasStructs() => Assert.True(Theirs.Count >= 10 && Theirs.Values.All(members => members[0] == "struct_size"));

    [Fact]
    public void EveryStructIsThereWithTheMembersOfTheHeader() => Assert.Equal(
        Theirs.Select(pair => $"{pair.Key}: {string.Join(' ', pair.Value)}").Order(StringComparer.Ordinal),
        Ours.Select(pair => $"{pair.Key}: {string.Join(' ', Fields(pair.Value).Select(SnakeCase))}").Order(StringComparer.Ordinal));

    [CompilerFact]
    public void SizesAndOffsetsAreThoseOfTheCompiler()
    {
        StringBuilder source = new("#include <stdio.h>\n#include <megatorrent.h>\nint main(void)\n{\n");
        foreach ((string type, string[] members) in Theirs)
        {
            source.Append(CultureInfo.InvariantCulture, $"    printf(\"{type} %zu\\n\", sizeof({type}));\n");
            foreach (string member in members)
                source.Append(CultureInfo.InvariantCulture, $"    printf(\"{type}.{member} %zu\\n\", offsetof({type}, {member}));\n");
        }

        source.Append("    return 0;\n}\n");
        string folder = Directory.CreateTempSubdirectory("mt-layout").FullName;
        try
        {
            string program = Path.Combine(folder, "layout");
            File.WriteAllText(program + ".c", source.ToString());
            string include = Path.Combine(Header.Root, "native", "include");
            Run(CompilerFactAttribute.Compiler, "-std=c11", "-I" + include, program + ".c", "-o", program);
            Assert.Equal(Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries), Theirs.Keys.SelectMany(Describe));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Describe(string name)
    {
        Type type = Ours[name];
        yield return $"{name} {Marshal.SizeOf(type)}";
        foreach (string field in Fields(type))
            yield return $"{name}.{SnakeCase(field)} {Marshal.OffsetOf(type, field)}";
    }

    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    private static string[] Fields(Type type) =>
    [
        .. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(field => Marshal.OffsetOf(type, field.Name)).Select(field => field.Name),
    ];

    private static string SnakeCase(string name) => Capital().Replace(name, "_$0").ToLowerInvariant();

    private static string Name<T>()
        where T : INativeStruct => T.Name;

    [GeneratedRegex(@"typedef struct mt_\w+\s*\{(.*?)\}\s*(mt_\w+_t);", RegexOptions.Singleline)]
    private static partial Regex Struct();

    [GeneratedRegex(@"(\w+)(\[\d+\])?\s*;")]
    private static partial Regex Member();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Capital();
}
