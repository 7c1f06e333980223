using System.CommandLine;
using System.Text.Json;
using Megatorrent.Cli.Control;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cli.Commands;

/// <summary><c>scrub</c>: re-hashes the whole store of one node, whether its process runs or not.</summary>
internal sealed class ScrubCommand : CliCommand
{
    private readonly Option<string> _data = ClusterCommand.DataOption("The node's data directory, such as DIR/node1 of a cluster.");

    private readonly DefaultedOption<long> _rate = CommonOptions.MakeRate("--rate", "How fast to read.", 0, "no limit");

    /// <summary>Creates the command.</summary>
    public ScrubCommand(CliHost host)
        : base("scrub", "Re-hash every blob of a node's store. Damaged ones are dropped, so that repair brings them back.", host)
    {
        Add(_data);
        Add(_rate);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Where the node is running, the node does it, and repair begins at once; else the store is opened here.

        Exit codes of scrub:
          0  every blob is good     4  damaged blobs were found, and dropped
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string data = Path.GetFullPath(parse.GetRequiredValue(_data));
        if (!Directory.Exists(data))
            throw new MegatorrentException(ErrorKind.NotFound, $"there is no directory '{data}'");
        long rate = _rate.Of(parse);
        ScrubDocument document = await AskNodeAsync(data, rate, cancellationToken) ?? await ScrubHereAsync(data, rate, cancellationToken);
        if (Json(parse))
        {
            JsonOutput.Write(Host, document, CliJson.Output.ScrubDocument);
        }
        else
        {
            foreach (string cid in document.BadBlobs)
                Host.Out.WriteLine(cid);
            Host.Out.Flush();
        }
        TimeSpan elapsed = TimeSpan.FromSeconds(document.Seconds);
        int damaged = document.BadBlobs.Count + document.BadDescriptors.Count;
        string bad = damaged == 0 ? "all good" : $"{damaged} damaged and dropped; repair brings them back";
        Host.Error.WriteLine(
            $"{Human.Count(document.Records, "record")}, {Human.Size(document.Bytes)} re-hashed in {Human.Elapsed(elapsed)}, "
            + $"{Human.Rate(document.Bytes, elapsed)}: {bad}");
        return damaged == 0 ? ExitCodes.Done : ExitCodes.Integrity;
    }

    /// <summary>The report of a scrub as it is shown and as it goes over the control socket.</summary>
    internal static ScrubDocument ToDocument(string data, ScrubReport report, TimeSpan elapsed) => new(
        data, report.Checked, report.Bytes, [.. report.Bad.Select(id => id.ToString())],
        [.. report.BadDescriptors.Select(id => id.ToString())],
        Math.Round(elapsed.TotalSeconds, 3));

    private static async Task<ScrubDocument?> AskNodeAsync(string data, long rate, CancellationToken cancellationToken)
    {
        string? line = await ControlSocket.AskAsync(data, new ControlRequest(ControlRequest.Scrub, rate), cancellationToken);
        if (line is null)
            return null;
        ControlAnswer? answer = JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer);
        return answer?.Scrub ?? throw new MegatorrentException(
            Enum.TryParse(answer?.Error?.Kind, out ErrorKind kind) ? kind : ErrorKind.Internal,
            $"the node says: {answer?.Error?.Message ?? "nothing that is understood"}");
    }

    private async Task<ScrubDocument> ScrubHereAsync(string data, long rate, CancellationToken cancellationToken)
    {
        string blobs = Path.Combine(data, "blobs");
        if (!Directory.Exists(blobs))
            throw new MegatorrentException(ErrorKind.NotFound, $"{data} has no store in it; name the data directory of one node");
        long start = Host.Time.GetTimestamp();
        BlobStoreOptions options = new() { Time = Host.Time, Executor = ThreadPoolExecutor.Instance };
        await using BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, blobs, options, cancellationToken);
        using ProgressLine progress = new(Host);
        long total = store.Statistics.LiveBytes;
        ScrubReport report = await store.ScrubAsync(
            new ScrubOptions
            {
                RateBytesPerSecond = rate,
                Progress = done => progress.Report(new TransferProgress("scrub", done.Bytes, Math.Max(total, done.Bytes))),
            },
            cancellationToken);
        return ToDocument(data, report, Host.Time.GetElapsedTime(start));
    }
}
