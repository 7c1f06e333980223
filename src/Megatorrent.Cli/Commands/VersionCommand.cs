using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>version</c>: what this build is and which of its engines this machine runs.</summary>
internal sealed class VersionCommand : CliCommand
{
    /// <summary>Creates the command.</summary>
    public VersionCommand(CliHost host)
        : base("version", "Say what this build is, and which ciphers and erasure kernel it uses on this machine.", host)
    {
    }

    /// <summary>The version and, where the build knew it, the commit.</summary>
    public static (string Version, string? Commit) Build()
    {
        string text =
            typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (text, null) : (text[..plus], text[(plus + 1)..]);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        (string version, string? commit) = Build();
        VersionDocument document = new(
            version, commit, CipherProvider.Name, ErasureKernel(), RuntimeInformation.FrameworkDescription + Compilation(),
            RuntimeInformation.RuntimeIdentifier);
        if (Json(parse))
        {
            JsonOutput.Write(Host, document, CliJson.Output.VersionDocument);
            return Task.FromResult(ExitCodes.Done);
        }
        Host.Out.WriteLine($"megatorrent {version}{(commit is null ? "" : $" ({commit})")}");
        Host.Out.WriteLine($"ciphers  {document.Cipher}");
        Host.Out.WriteLine($"erasure  {document.Erasure}");
        Host.Out.WriteLine($"runtime  {document.Runtime}, {document.Platform}");
        Host.Out.Flush();
        return Task.FromResult(ExitCodes.Done);
    }

    private static string ErasureKernel() => ReedSolomon.Get(Scheme.Default.DataShards, Scheme.Default.ParityShards).Kernel.ToString();

    private static string Compilation() =>
        System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeCompiled ? " (JIT)" : " (NativeAOT)";
}
