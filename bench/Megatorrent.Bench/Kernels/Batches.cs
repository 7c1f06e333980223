using System.Runtime.InteropServices;
using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Kernels;

/// <summary>
/// Measures short operations of one thread: many in a row, by the processor time of the thread, so that what else the machine does takes
/// cache and clock from both sides but is not counted as theirs.
/// </summary>
internal static unsafe partial class Batches
{
    /// <summary>The least seconds of a batch: long beside the clock's own cost and the first misses.</summary>
    public const double BatchSecondsMin = 0.02;

    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>The median seconds that each operation takes once, measured in turn; one call each at the pace that only checks.</summary>
    public static double[] Seconds(BenchContext context, params Action[] operations)
    {
        var repetitions = new long[operations.Length];
        for (int i = 0; i < operations.Length; i++)
        {
            operations[i]();
            repetitions[i] = 1;
            while (context.Pace != Pace.Check && Batch(operations[i], repetitions[i]) < BatchSecondsMin)
                repetitions[i] *= 2;
        }

        return Interleaved.Medians(context.Rounds, operations.Length, i => Batch(operations[i], repetitions[i]) / repetitions[i]);
    }

    /// <summary>Bytes of managed memory that an operation allocates once everything is warm.</summary>
    public static long AllocatedBytes(Action operation)
    {
        const int Repetitions = 4;
        operation();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Repetitions; i++)
            operation();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Repetitions;
    }

    private static double Batch(Action operation, long repetitions)
    {
        double start = ThreadSeconds();
        for (long i = 0; i < repetitions; i++)
            operation();
        return ThreadSeconds() - start;
    }

    private static double ThreadSeconds()
    {
        TimeSpec time;
        if (clock_gettime(ThreadProcessorTime, &time) != 0)
            throw new InvalidOperationException("the system does not tell the processor time of a thread.");
        return time.Seconds + time.Nanoseconds * 1e-9;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
