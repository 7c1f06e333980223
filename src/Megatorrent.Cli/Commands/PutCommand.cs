using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>put</c>: stores a file or directory and prints its read capability.</summary>
internal sealed class PutCommand : ClientCommand
{
    private readonly Argument<string> _path = new("PATH") { Description = "The file or directory to store." };

    private readonly DefaultedOption<Scheme> _scheme = new("--scheme", Scheme.Default)
    {
        HelpName = "K+M",
        Description = "K data and M parity blobs a stripe: any K of the K+M read it. K from 1, M from 0, K+M up to 255. Default: 4+2.",
        CustomParser = static result =>
        {
            try
            {
                return Scheme.Parse(CommonOptions.Token(result));
            }
            catch (MegatorrentException exception)
            {
                result.AddError(exception.Message);
                return default;
            }
        },
        Arity = CommonOptions.LastOne,
    };

    private readonly Option<bool> _deduplicate = new("--dedup")
    {
        Description = "Cut by content and derive keys from the credential's secret, so that equal chunks of yours are stored once.",
    };

    private readonly DefaultedOption<string> _suite =
        CommonOptions.MakeChoice("--suite", "The cipher: aes (AES-256-GCM) or chacha (ChaCha20-Poly1305).", "aes", "aes", "chacha");

    private readonly DefaultedOption<string> _compression = CommonOptions.MakeChoice(
        "--compress", "The compression, tried where a chunk looks as if it would shrink.", "zstd", "zstd", "lz4", "gzip", "brotli", "none");

    private readonly DefaultedOption<TimeSpan?> _keepFor = LeaseText.KeepForOption("--keep-for");

    /// <summary>Creates the command.</summary>
    public PutCommand(CliHost host)
        : base("put", "Store a file or directory; print the capability that reads it, alone, on standard output.", host)
    {
        Add(_path);
        Add(_scheme);
        Add(_deduplicate);
        Add(_suite);
        Add(_compression);
        Add(_keepFor);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Who has the capability can read the object: keep it as you keep a key, nothing else brings the object back.
          It is kept until you forget it (megatorrent forget CAP), or as long as --keep-for says.
          The put is acknowledged when every stripe has K plus half of M blobs (rounded up) durable on different nodes.
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string path = parse.GetRequiredValue(_path);
        if (!Path.Exists(path))
            throw new MegatorrentException(ErrorKind.NotFound, $"'{path}' does not exist");
        PutOptions options = new()
        {
            Scheme = _scheme.Of(parse),
            Deduplicate = parse.GetValue(_deduplicate),
            Suite = _suite.Of(parse) == "chacha" ? CipherSuite.ChaCha20Poly1305 : CipherSuite.Aes256Gcm,
            KeepFor = _keepFor.Of(parse),
            Compression = Enum.Parse<CompressionKind>(_compression.Of(parse), ignoreCase: true),
        };
        long start = Host.Time.GetTimestamp();
        PutResult result = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.PutAsync(path, options, progress, token));
        TimeSpan elapsed = Host.Time.GetElapsedTime(start);

        if (Json(parse))
        {
            PutDocument document = new(
                result.Capability.ToString(), result.Capability.ToVerifyOnly().ToString(), result.Bytes, result.StoredBytes, result.Stripes,
                result.IncompleteStripes, result.MissingBlobs, result.BlobsStored, result.BlobsReused, Seconds(start));
            JsonOutput.Write(Host, document, CliJson.Output.PutDocument);
        }
        else
        {
            Host.Out.WriteLine(result.Capability);
            Host.Out.Flush();
        }
        Tell(result, options.Scheme, elapsed);
        return ExitCodes.Done;
    }

    private void Tell(PutResult result, Scheme scheme, TimeSpan elapsed)
    {
        string reused = result.BlobsReused > 0 ? $", {Human.Count(result.BlobsReused, "blob")} of which there already" : "";
        Host.Error.WriteLine(
            $"stored {Human.Size(result.Bytes)} as {Human.Count(result.Stripes, "stripe")} of {scheme} "
            + $"({Human.Size(result.StoredBytes)}{reused}) "
            + $"in {Human.Elapsed(elapsed)}, {Human.Rate(result.Bytes, elapsed)}");
        foreach (string skipped in result.Skipped)
            Host.Error.WriteLine($"warning: left out {Printable.Line(skipped)}: neither a file, a folder nor a link");
        if (result.MissingBlobs == 0)
            return;
        string reasons = result.Problems.Count > 0 ? $" ({Printable.Line(string.Join("; ", result.Problems))})" : "";
        Host.Error.WriteLine($"warning: {Human.Count(result.MissingBlobs, "blob")} could not be stored{reasons}; repair will add them");
    }
}
