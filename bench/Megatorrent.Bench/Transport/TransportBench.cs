using System.Globalization;
using Megatorrent.Bench.Table;
using Megatorrent.Network;
using Megatorrent.Network.Uring;

namespace Megatorrent.Bench.Transport;

/// <summary>
/// The two engines under the same load: answers of one length over loopback, asked for one at a time or several at once; over the bare
/// transport, and over sessions that authenticate and encrypt. Both ends are in this process, so its processor time is that of both.
/// </summary>
internal static class TransportBench
{
    // Over sessions, as the product does: less than this apart, what else the machine does decides.
    private const double NoLoss = 0.95;

    private const string Sessions = "sessions";

    private static readonly Load[] Loads =
    [
        new("1 KiB, one at a time", 1024, 1, 1),
        new("1 KiB, 16 at once", 1024, 1, 16),
        new("1 KiB, 64 connections", 1024, 64, 1),
        new("64 KiB, one at a time", 64 * 1024, 1, 1),
        new("64 KiB, 8 at once", 64 * 1024, 1, 8),
        new("1 MiB, one at a time", 1 << 20, 1, 1),
        new("1 MiB, 8 at once", 1 << 20, 1, 8),
    ];

    /// <summary>The section.</summary>
    public static Section Section { get; } = new(
        "transport", "io_uring beside the portable engine over loopback, both ends in this process", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        ITransport[] engines = [UringTransport.TryGet(out string why) ?? throw Missing(why), TcpTransport.Instance];
        int slices = context.Pick(10, 3, 1);
        var slice = TimeSpan.FromMilliseconds(context.Pick(60, 40, 20));
        foreach (bool sealedBySessions in (bool[])[true, false])
        {
            string layer = sealedBySessions ? Sessions : "bare";
            foreach (Load load in Loads)
            {
                context.Say($"{layer}, {load.Name}");
                using var measured = new Contest(engines, load, sealedBySessions);
                (Figure ours, Figure theirs) = measured.Run(context.Rounds, slices, slice);
                yield return Rate(layer, load, ours, theirs);
                yield return Processor(layer, load, ours, theirs);
                if (!sealedBySessions && load == Loads[0])
                    yield return Allocated(load, ours, theirs);
            }
        }
    }

    private static Row Rate(string layer, Load load, Figure ours, Figure theirs)
    {
        bool isSmall = load.AnswerLength < 64 * 1024;
        double perAnswer = isSmall ? 1 : load.AnswerLength / 1e6;
        return new Row
        {
            What = $"{layer}, {load.Name}",
            Unit = isSmall ? "answers/s" : "MB/s",
            Ours = ours.Rate * perAnswer,
            Peer = TcpTransport.Instance.Name,
            Theirs = theirs.Rate * perAnswer,
            Wanted = layer == Sessions ? NoLoss : null,
        };
    }

    private static Row Processor(string layer, Load load, Figure ours, Figure theirs)
    {
        double answersPerGb = 1e9 / load.AnswerLength;
        return new Row
        {
            What = $"{layer}, {load.Name}: processor",
            Unit = "s/GB",
            Ours = ours.ProcessorSecondsPerAnswer * answersPerGb,
            Peer = TcpTransport.Instance.Name,
            Theirs = theirs.ProcessorSecondsPerAnswer * answersPerGb,
            Wanted = layer == Sessions ? NoLoss : null,
            SmallerIsBetter = true,
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"{ours.ProcessorSecondsPerAnswer * 1e6:0.0} and {theirs.ProcessorSecondsPerAnswer * 1e6:0.0} µs an answer"),
        };
    }

    private static Row Allocated(Load load, Figure ours, Figure theirs) => new()
    {
        What = $"bare, {load.Name}: allocated",
        Unit = "B/answer",
        Ours = ours.AllocatedPerAnswer,
        Wanted = 8,
        SmallerIsBetter = true,
        Note = string.Create(
            CultureInfo.InvariantCulture,
            $"portable: {theirs.AllocatedPerAnswer:0}; 8 leaves room for the tasks that measure, and for the runtime"),
    };

    private static InvalidOperationException Missing(string why) => new($"io_uring cannot be used here: {why}.");
}
