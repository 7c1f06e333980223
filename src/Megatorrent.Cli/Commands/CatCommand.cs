using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cli.Values;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cat</c>: writes a file, or a range of it, to standard output.</summary>
internal sealed class CatCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("The capability of a file.");

    private readonly DefaultedOption<ByteRange?> _range = CommonOptions.Make<ByteRange?>(
        "--range", "A-B", "Only these bytes, both ends included, as in HTTP: 0-99, 100- (to the end), -100 (the last hundred).",
        ParseRange);

    /// <summary>Creates the command.</summary>
    public CatCommand(CliHost host)
        : base("cat", "Write a file, or a range of it, to standard output.", host)
    {
        Add(_capability);
        Add(_range);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Standard output is the file, so with --json the document goes to standard error.
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        ByteRange range = _range.Of(parse) ?? new ByteRange(0, null);
        long start = Host.Time.GetTimestamp();
        long written = await RunClientAsync(parse, cancellationToken, async (client, progress, token) =>
        {
            long fileLength = range.NeedsLength ? (await client.ListAsync(capability, token)).Length : 0;
            (long offset, long? length) = range.Resolve(fileLength);
            await using Stream output = Host.OpenStandardOutput();
            // Two streams of talk on one terminal would mix: the file wins.
            long count = await client.CatAsync(capability, output, offset, length, Host.OutIsTerminal ? null : progress, token);
            await output.FlushAsync(token);
            return count;
        });
        if (Json(parse))
            Host.Error.WriteLine(JsonSerializer.Serialize(new CatDocument(written, Seconds(start)), CliJson.Output.CatDocument));
        return ExitCodes.Done;
    }

    private static ByteRange? ParseRange(ArgumentResult result)
    {
        if (ByteRange.TryParse(CommonOptions.Token(result), out ByteRange range))
            return range;
        result.AddError($"--range: '{CommonOptions.Token(result)}' is not a range; {ByteRange.Hint}.");
        return null;
    }
}
