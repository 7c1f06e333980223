using System.Runtime.InteropServices;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>
/// One io_uring: the two queues that this process shares with the kernel. Of one thread, the one that makes it, from its creation to its
/// end.
/// </summary>
/// <remarks>
/// <code>
/// submissions   head .. tail   we write an entry, then the tail; the kernel takes entries while it is entered
/// completions   head .. tail   the kernel writes an entry, then the tail; we read entries, then write the head
/// </code>
/// Whoever reads the other's end of a queue acquires; whoever writes its own releases.
/// </remarks>
internal sealed unsafe class Ring : IDisposable
{
    private const uint SubmissionEntries = 256; // asked for between two calls of Enter; more take several calls
    private const uint CompletionEntries = 4096; // every connection may have something at once; past it they wait in the kernel
    private const nint EntriesOffset = 0x10000000; // IORING_OFF_SQES
    private const int RegisterProbe = 8; // IORING_REGISTER_PROBE
    private const int ProbeHeader = 16; // struct io_uring_probe before its array, whose count is byte 1
    private const int ProbeEntry = 8; // struct io_uring_probe_op, whose flags are bytes 2 and 3
    private const int ProbeEntries = 256;
    private const ushort IsSupported = 1; // IO_URING_OP_SUPPORTED
    private const uint GetEvents = 1; // IORING_ENTER_GETEVENTS

    private readonly int _descriptor;
    private readonly MappedMemory _queues;
    private readonly MappedMemory _entryMap;
    private readonly SubmissionEntry* _entries;
    private readonly CompletionEntry* _completions;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint _submissionMask;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private uint _tail; // of the submissions; runs ahead of the shared one until the kernel is entered

    private Ring(int descriptor, in RingParameters parameters, MappedMemory queues, MappedMemory entryMap)
    {
        _descriptor = descriptor;
        _queues = queues;
        _entryMap = entryMap;
        byte* start = queues.Start;
        _entries = (SubmissionEntry*)entryMap.Start;
        _completions = (CompletionEntry*)(start + parameters.CompletionArray);
        _submissionHead = (uint*)(start + parameters.SubmissionHead);
        _submissionTail = (uint*)(start + parameters.SubmissionTail);
        _submissionMask = *(uint*)(start + parameters.SubmissionMask);
        _completionHead = (uint*)(start + parameters.CompletionHead);
        _completionTail = (uint*)(start + parameters.CompletionTail);
        _completionMask = *(uint*)(start + parameters.CompletionMask);
        uint* order = (uint*)(start + parameters.SubmissionArray);
        for (uint i = 0; i < parameters.SubmissionEntries; i++)
            order[i] = i; // the kernel takes the entries as they lie
    }

    /// <summary>The ring's own descriptor.</summary>
    public int Descriptor => _descriptor;

    /// <summary>Makes a ring, if the kernel has all that this transport needs and lets us.</summary>
    /// <param name="why">For people: why there is none; empty where there is one.</param>
    public static Ring? TryCreate(out string why)
    {
        why = "";
        if (!OperatingSystem.IsLinux())
        {
            why = "only Linux has it";
            return null;
        }
        var parameters = new RingParameters
        {
            CompletionEntries = CompletionEntries,
            Flags = RingParameters.CompletionSize | RingParameters.SubmitAll | RingParameters.SingleIssuer | RingParameters.DeferTaskRun,
        };
        int descriptor = (int)LibC.SystemCall(LibC.IoUringSetup, (nint)SubmissionEntries, (nint)(&parameters), 0, 0, 0, 0);
        if (descriptor < 0)
        {
            why = Refusal(Marshal.GetLastPInvokeError());
            return null;
        }
        Ring? ring = null;
        if (MissingOperation(descriptor) is { } missing)
            why = $"the kernel, or what stands before it, lacks the operation {missing}";
        else if ((ring = TryMap(descriptor, parameters)) is null)
            why = "there is no memory for a ring";
        if (ring is null)
            LibC.Close(descriptor);
        return ring;
    }

    /// <summary>Whether the submissions have room; where not, the kernel must be entered first.</summary>
    public bool HasRoom => _tail - Volatile.Read(ref *_submissionHead) <= _submissionMask;

    /// <summary>The next entry of the submissions, cleared. Only while there is room.</summary>
    public ref SubmissionEntry Take()
    {
        ref SubmissionEntry entry = ref _entries[_tail++ & _submissionMask];
        entry = default;
        return ref entry;
    }

    /// <summary>
    /// Enters the kernel: submits what was taken, has completions made of what has happened, and waits until
    /// <paramref name="wanted"/> of them are there.
    /// </summary>
    /// <returns>0, or an error number; what was not submitted then stays in the queue.</returns>
    public int Enter(uint wanted)
    {
        Volatile.Write(ref *_submissionTail, _tail);
        uint count = _tail - Volatile.Read(ref *_submissionHead);
        nint done = LibC.SystemCall(LibC.IoUringEnter, _descriptor, (nint)count, (nint)wanted, (nint)GetEvents, 0, 0);
        return done < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Takes the next completion off its queue.</summary>
    public bool TryRead(out CompletionEntry completion)
    {
        uint head = *_completionHead; // written by us alone
        if (head == Volatile.Read(ref *_completionTail))
        {
            completion = default;
            return false;
        }
        completion = _completions[head & _completionMask];
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    /// <summary>Ends the ring; the kernel cancels what is under way, but some time later.</summary>
    public void Dispose()
    {
        LibC.Close(_descriptor);
        _entryMap.Dispose();
        _queues.Dispose();
    }

    private static string Refusal(int errno) => errno switch
    {
        Errno.NoSuchCall => "the kernel does not have it, or a seccomp profile hides it (ENOSYS)",
        Errno.NotPermitted or Errno.AccessDenied =>
            "a seccomp profile, a security module or the setting kernel.io_uring_disabled forbids it (EPERM)",
        Errno.Invalid => "the kernel is too old: Linux 6.1 or later is needed (EINVAL)",
        _ => Marshal.GetPInvokeErrorMessage(errno),
    };

    private static Ring? TryMap(int descriptor, in RingParameters parameters)
    {
        // Both queues lie in one map (IORING_FEAT_SINGLE_MMAP), as long as the longer of them asks for.
        uint submissions = parameters.SubmissionArray + parameters.SubmissionEntries * sizeof(uint);
        uint completions = parameters.CompletionArray + parameters.CompletionEntries * (uint)sizeof(CompletionEntry);
        MappedMemory? queues = MappedMemory.TryShare(descriptor, Math.Max(submissions, completions), 0);
        MappedMemory? entries = MappedMemory.TryShare(descriptor, parameters.SubmissionEntries * SubmissionEntry.Size, EntriesOffset);
        if (queues is not null && entries is not null)
            return new Ring(descriptor, parameters, queues, entries);
        queues?.Dispose();
        entries?.Dispose();
        return null;
    }

    private static OperationCode? MissingOperation(int descriptor)
    {
        Span<byte> probe = stackalloc byte[ProbeHeader + ProbeEntries * ProbeEntry];
        probe.Clear();
        nint result;
        fixed (byte* bytes = probe)
            result = LibC.SystemCall(LibC.IoUringRegister, descriptor, RegisterProbe, (nint)bytes, ProbeEntries, 0, 0);
        foreach (OperationCode code in Enum.GetValues<OperationCode>())
        {
            int at = ProbeHeader + (int)code * ProbeEntry;
            if (result < 0 || (int)code >= probe[1] || (MemoryMarshal.Read<ushort>(probe[(at + 2)..]) & IsSupported) == 0)
                return code;
        }
        return null;
    }
}
