using System.Reflection;
using System.Text.RegularExpressions;
using Megatorrent.Fuzz.Targets;

namespace Megatorrent.Fuzz.Tests;

/// <summary>Every parser has a target: a new one without fails here.</summary>
public sealed partial class ParserTests
{
    /// <summary>Methods that have the look of a parser and no target of their own, and why.</summary>
    private static readonly Dictionary<string, string> WithoutTarget = new()
    {
        ["Megatorrent.Core.Wire.WireText.ReadAscii"] = "part of every signed document, reached through their targets",
        ["Megatorrent.Core.Manifests.Utf8.Decode"] = "part of manifests and directories, reached through their targets",
        ["Megatorrent.Core.Crypto.Aead.TryOpen"] = "a cipher: bytes have no structure; reached through sealed-blob and noise",
        ["Megatorrent.Core.Crypto.IpsecMbAeadKey.TryOpenOnce"] = "a cipher, see Aead",
        ["Megatorrent.Core.Crypto.VaesGcmKey.TryOpenOnce"] = "a cipher, see Aead",
        ["Megatorrent.Cluster.Forecast.ForecastReport.Read"] = "takes a path; its bytes go to ForecastState.Decode",
        ["Megatorrent.Client.LocalFiles.OpenRead"] = "takes a path",
        ["Megatorrent.Client.Location.SecretFile.Read"] = "takes a path; its bytes go to ClusterFile and Credential",
    };

    private static readonly Assembly[] Houses =
    [
        typeof(Core.MegatorrentException).Assembly,
        typeof(Network.ITransport).Assembly,
        typeof(Storage.BlobStore).Assembly,
        typeof(Cluster.ClusterView).Assembly,
        typeof(Client.MegatorrentClient).Assembly,
    ];

    private static readonly Type[] Sources = [typeof(ReadOnlySpan<byte>), typeof(ReadOnlyMemory<byte>), typeof(ReadOnlySpan<char>), typeof(string)];

    [Fact]
    public void EveryParserHasATarget()
    {
        CoversAttribute[] covered = [.. FuzzTargets.All.SelectMany(static target => target.GetType().GetCustomAttributes<CoversAttribute>())];
        string[] missing =
        [
            .. Parsers()
                .Where(parser => !covered.Any(cover => cover.Type == parser.DeclaringType && (cover.Methods.Count == 0 || cover.Methods.Contains(parser.Name))))
                .Select(Name)
                .Where(static name => !WithoutTarget.ContainsKey(name)),
        ];
        Assert.True(missing.Length == 0, $"No target in fuzz/targets covers:{Environment.NewLine}{string.Join(Environment.NewLine, missing)}");
    }

    [Fact]
    public void TheListOfThoseWithoutATargetIsTrue() => Assert.Empty(WithoutTarget.Keys.Except(Parsers().Select(Name)));

    [Fact]
    public void WhatATargetCoversExists()
    {
        foreach (CoversAttribute cover in FuzzTargets.All.SelectMany(static target => target.GetType().GetCustomAttributes<CoversAttribute>()))
        {
            Assert.Contains(cover.Type.Assembly, Houses);
            Assert.All(cover.Methods, method => Assert.NotEmpty(cover.Type.GetMember(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)));
        }
    }

    private static IEnumerable<MethodInfo> Parsers() => Houses
        .SelectMany(static house => house.GetTypes())
        .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(static method => !method.IsPrivate && ParserName().IsMatch(method.Name) && method.GetParameters().Any(static p => Sources.Contains(p.ParameterType)));

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";

    [GeneratedRegex("^(Try)?(Parse|Decode|Open|Read)([A-Z]|$)")]
    private static partial Regex ParserName();
}
