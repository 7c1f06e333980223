using Megatorrent.Core;

namespace Megatorrent.Fuzz.Targets;

/// <summary>One parser, or some of one format, and what must hold for every input. An input that breaks it makes an exception.</summary>
/// <param name="name">How the target is called on the command line, and the folder of its corpus.</param>
internal abstract class FuzzTarget(string name)
{
    /// <summary>How the target is called on the command line, and the folder of its corpus.</summary>
    public string Name => name;

    /// <summary>Whether a run of all targets leaves this one out.</summary>
    public virtual bool IsLeftOut => false;

    /// <summary>
    /// Bytes that may be allocated whatever the input is: an exception with its trace, a reader's own tables, the first use of a pool.
    /// </summary>
    protected virtual long AllocationFloor => 64 << 10;

    /// <summary>
    /// Bytes that may be allocated for each byte of input. The least that bencode needs for an item is two bytes, and an object with its
    /// place in a list is some sixty; printing and parsing again doubles that.
    /// </summary>
    protected virtual long AllocationPerByte => 128;

    /// <summary>Runs an input. Refusals by the kinds that the parser documents are not failures.</summary>
    /// <returns>Whether the input was taken, and not refused.</returns>
    /// <exception cref="FuzzFailure">A property does not hold, or more was allocated than the bound allows.</exception>
    public bool Test(ReadOnlySpan<byte> input)
    {
        long bound = AllocationFloor + AllocationPerByte * input.Length;
        // What is made once in a process is not the doing of the input: only what is too much twice is too much.
        if (Measure(input, out bool isTaken) > bound && Measure(input, out isTaken) is var allocated && allocated > bound)
            throw new FuzzFailure($"{allocated} bytes were allocated for an input of {input.Length}; the bound is {bound}");
        return isTaken;
    }

    /// <summary>Runs once before the first input what is made once in a process: tables, pools, libraries.</summary>
    public virtual void Warm() => Test([]);

    /// <summary>Parses the input and checks what must hold.</summary>
    protected abstract void Run(ReadOnlySpan<byte> input);

    /// <summary>The kinds of failure that the parser documents for bytes that it does not like.</summary>
    protected virtual bool IsRefusal(ErrorKind kind) => kind is ErrorKind.Malformed or ErrorKind.Unsupported;

    private long Measure(ReadOnlySpan<byte> input, out bool isTaken)
    {
        isTaken = false;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Run(input);
            isTaken = true;
        }
        catch (MegatorrentException refusal) when (IsRefusal(refusal.Kind))
        {
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
