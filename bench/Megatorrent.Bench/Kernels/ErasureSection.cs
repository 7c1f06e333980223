using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using Megatorrent.Bench.Table;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Bench.Kernels;

/// <summary>The erasure code beside ISA-L's: here under the JIT, and the published library in a process of its own.</summary>
internal static unsafe class ErasureSection
{
    private const string Peer = "ISA-L";
    private const double Gigabyte = 1e9;

    private static readonly (int DataShards, int ParityShards)[] Schemes = [(4, 2), (6, 2), (10, 4), (29, 51)];

    public static Section Section { get; } =
        new("erasure", "Reed-Solomon encode and reconstruct beside ISA-L, one thread, gigabytes of data a second", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        PeerLibrary.Load(context.Peers);
        int[] lengths = context.Pick<int[]>([16 << 10, 64 << 10, 1 << 20, 16 << 20], [16 << 10, 1 << 20, 8 << 20], [16 << 10]);
        int stripeMiBMax = context.Pick(2048, 128, 2048);
        foreach (var (dataShards, parityShards) in Schemes)
        {
            foreach (int length in lengths.Where(length => (long)length * (dataShards + parityShards) <= (long)stripeMiBMax << 20))
                yield return Encode(context, dataShards, parityShards, length);
        }

        foreach (var (dataShards, parityShards) in Schemes)
        {
            foreach (int length in context.Pick<int[]>([64 << 10, 1 << 20], [64 << 10], [16 << 10]))
            {
                foreach (int lost in new[] { 1, 2, parityShards }.Distinct())
                    yield return Reconstruct(context, dataShards, parityShards, length, lost);
            }
        }

        foreach (Row row in Library(context, lengths, stripeMiBMax))
            yield return row;
    }

    private static Row Encode(BenchContext context, int dataShards, int parityShards, int length)
    {
        string what = $"encode {dataShards}+{parityShards}, {Size(length)} shards";
        var code = new ReedSolomon(dataShards, parityShards);
        void* encoder = PeerLibrary.peer_encoder(dataShards, parityShards);
        using Shards data = Shards.Noise(dataShards, length, seed: 1);
        using var ours = new Shards(parityShards, length);
        using var theirs = new Shards(parityShards, length);
        try
        {
            RunOurs();
            RunTheirs();
            ours.MustBe(theirs, what);
            return Compare(
                context, what, (long)dataShards * length, Wanted(dataShards),
                $"{Instructions(code.Kernel)}; {WorkingSet(dataShards + parityShards, length)}", RunOurs, RunTheirs);
        }
        finally
        {
            PeerLibrary.peer_code_free(encoder);
        }

        void RunOurs() => code.Encode(data.Pointers, ours.Pointers, (nuint)length);

        void RunTheirs() => PeerLibrary.peer_code(encoder, length, data.Pointers, theirs.Pointers);
    }

    private static Row Compare(
        BenchContext context, string what, long dataLength, double wanted, string note, Action ours, Action theirs)
    {
        double[] seconds = Batches.Seconds(context, ours, theirs);
        double gigabytes = dataLength / Gigabyte;
        return new Row
        {
            What = what,
            Unit = "GB/s",
            Ours = gigabytes / seconds[0],
            Peer = Peer,
            Theirs = gigabytes / seconds[1],
            Wanted = wanted,
            Note = $"{note}; {Batches.AllocatedBytes(ours)} B allocated",
        };
    }

    // The first shards are the lost ones: as much data as can be.
    private static Row Reconstruct(BenchContext context, int dataShards, int parityShards, int length, int lost)
    {
        int total = dataShards + parityShards;
        string what = $"reconstruct {lost} of {dataShards}+{parityShards}, {Size(length)} shards";
        var code = new ReedSolomon(dataShards, parityShards);
        byte[] lostShards = [.. Enumerable.Range(0, lost).Select(static index => (byte)index)];
        byte[] present = [.. Enumerable.Range(0, total).Select(index => index < lost ? (byte)0 : (byte)1)];
        void* decoder;
        fixed (byte* indices = lostShards)
            decoder = PeerLibrary.peer_decoder(dataShards, parityShards, indices, lost);
        using Shards stripe = Shards.Noise(total, length, seed: 2);
        using var original = new Shards(lost, length);
        using var theirs = new Shards(lost, length);
        try
        {
            code.Encode(stripe.Pointers, stripe.Pointers + dataShards, (nuint)length);
            for (int i = 0; i < lost; i++)
            {
                stripe[i].CopyTo(original[i]);
                stripe[i].Clear();
            }

            RunTheirs();
            theirs.MustBe(original, $"{what}: what ISA-L makes");
            RunOurs();
            for (int i = 0; i < lost; i++)
            {
                if (!stripe[i].SequenceEqual(original[i]))
                    throw new InvalidOperationException($"{what}: shard {i} is not what was lost.");
            }

            return Compare(
                context, what, (long)dataShards * length, 1,
                $"{Instructions(code.Kernel)}; {WorkingSet(dataShards + lost, length)}; our time has the look-up of the cached decode matrix, "
                    + "theirs no matrix at all", RunOurs, RunTheirs);
        }
        finally
        {
            PeerLibrary.peer_code_free(decoder);
        }

        void RunOurs() => code.Reconstruct(stripe.Pointers, present, (nuint)length);

        // The survivors are the first k that are left.
        void RunTheirs() => PeerLibrary.peer_code(decoder, length, stripe.Pointers + lost, theirs.Pointers);
    }

    private static IEnumerable<Row> Library(BenchContext context, int[] lengths, int stripeMiBMax)
    {
        string program = Path.Combine(context.Peers, "published_erasure");
        if (!File.Exists(program))
            throw new InvalidOperationException($"{program} is missing: run this through `./build.sh bench`, which compiles it.");
        double batchMs = context.Pace == Pace.Check ? 0 : 1000 * Batches.BatchSecondsMin;
        double[] numbers = [context.Rounds, batchMs, stripeMiBMax, .. lengths];
        string[] arguments = [.. numbers.Select(static number => number.ToString(CultureInfo.InvariantCulture))];
        string output = Command.Run(program, new Dictionary<string, string>(), arguments).Output;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            LibraryFigure figure = JsonSerializer.Deserialize<LibraryFigure>(line, JsonSerializerOptions.Web)!;
            yield return new Row
            {
                What = $"libmegatorrent: encode {figure.Scheme}, {Size(figure.Length)} shards",
                Unit = "GB/s",
                Ours = figure.Ours,
                Peer = Peer,
                Theirs = figure.Theirs,
                Wanted = 1,
                Note = $"the published library's {figure.Level} build, called from C"
                    + (Avx512F.IsSupported ? "" : "; this processor lacks AVX-512"),
            };
        }
    }

    private static double Wanted(int dataShards) => dataShards >= 10 && Gfni.IsSupported && Avx512F.IsSupported ? 1.3 : 1;

    private static string Instructions(KernelKind kernel) =>
        Avx512F.IsSupported && Gfni.IsSupported ? $"{kernel}"
        : $"{kernel}; this processor lacks {(Avx512F.IsSupported ? "GFNI" : Gfni.IsSupported ? "AVX-512" : "AVX-512 and GFNI")}";

    private static string WorkingSet(int shards, int length) => $"working set {Size((long)shards * length)}";

    private static string Size(long bytes) => bytes >= 10 << 20 ? $"{bytes >> 20} MiB"
        : bytes >= 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB") : $"{bytes >> 10} KiB";

    private sealed record LibraryFigure(string Scheme, int Length, double Ours, double Theirs, string Level);
}
