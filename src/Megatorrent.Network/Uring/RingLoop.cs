using System.Runtime.InteropServices;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>
/// One ring and the thread that owns it. Other threads leave their wishes in an inbox; the loop submits all of them by one call, in which
/// it also waits for completions. No code of the transport's users runs on its thread. Lives as long as the process. Thread-safe.
/// </summary>
internal sealed class RingLoop
{
    private const ulong WakeUserData = ulong.MaxValue;
    private const ulong CancelUserData = ulong.MaxValue - 1; // the outcome of a cancel shows at the operation that it ends

    private readonly Lock _gate = new();
    private readonly WakeDescriptor _wake;
    private readonly TaskCompletionSource<string> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<Wish> _pending = new(); // taken from the inbox, and not yet in the ring
    private readonly Stack<int> _freeSlots = new();
    private RingOperation?[] _slots = [];
    private List<Wish> _inbox = [];
    private List<Wish> _spareInbox = [];
    private bool _isBroken;
    private bool _watches; // _wake, by an operation in the ring
    private bool _waits; // in the kernel, so that whoever leaves a wish must wake the loop

    private RingLoop(WakeDescriptor wake) => _wake = wake;

    private enum Kind
    {
        Submit,
        Cancel,
    }

    private readonly record struct Wish(Kind Kind, RingOperation Operation);

    /// <summary>What connections on this loop receive into while little arrives.</summary>
    public ProvidedBuffers Buffers { get; private set; } = null!;

    /// <summary>Whether the kernel has refused to go on; everything fails then.</summary>
    public bool IsBroken
    {
        get => Volatile.Read(ref _isBroken);
        private set => Volatile.Write(ref _isBroken, value);
    }

    /// <summary>Starts a loop, if this machine lets us.</summary>
    /// <param name="why">For people: why there is none; empty where there is one.</param>
    public static RingLoop? TryStart(out string why)
    {
        if (WakeDescriptor.TryCreate() is not { } wake)
        {
            why = "there is no event descriptor to be had";
            return null;
        }
        var loop = new RingLoop(wake);
        // A ring of this kind belongs to the thread that makes it.
        new Thread(loop.Run) { IsBackground = true, Name = "megatorrent ring" }.Start();
        why = loop._started.Task.GetAwaiter().GetResult();
        return why.Length == 0 ? loop : null;
    }

    /// <summary>Has the kernel do an operation that is not under way.</summary>
    public void Submit(RingOperation operation) => Leave(new Wish(Kind.Submit, operation));

    /// <summary>
    /// Asks the kernel to end an operation, which then ends in its own way, soon; does nothing where it has ended already. Follows what was
    /// submitted before.
    /// </summary>
    public void Cancel(RingOperation operation) => Leave(new Wish(Kind.Cancel, operation));

    private void Leave(Wish wish)
    {
        bool mustWake;
        lock (_gate)
        {
            _inbox.Add(wish);
            mustWake = _waits;
            _waits = false;
        }
        if (mustWake)
            _wake.Set();
    }

    private void Run()
    {
        using (Ring? ring = Ring.TryCreate(out string why))
        {
            bool begun = ring is not null && TryBegin(ring, ref why);
            _started.SetResult(why);
            if (!begun)
            {
                _wake.Dispose();
                return;
            }
            int error = 0;
            // Interrupted, or short of something for a moment: what was not submitted is still in the queue.
            while (error is 0 or Errno.Interrupted or Errno.TryAgain or Errno.Busy)
            {
                error = ring!.Enter(Fill(ring) && MayWait() ? 1u : 0u);
                while (ring.TryRead(out CompletionEntry completion))
                    Dispatch(ring, completion);
            }
        }
        FailForEver();
    }

    private bool TryBegin(Ring ring, ref string why)
    {
        if (ProvidedBuffers.TryCreate(ring) is not { } buffers)
        {
            why = "the kernel takes no ring of buffers";
            return false;
        }
        Buffers = buffers;
        Watch(ring);
        int error = ring.Enter(0);
        if (error != 0)
            why = $"it cannot be entered: {Marshal.GetPInvokeErrorMessage(error)}";
        return error == 0;
    }

    private void Watch(Ring ring)
    {
        ref SubmissionEntry entry = ref ring.Take();
        entry.SetPoll(_wake.Number, SubmissionEntry.PollIn);
        entry.UserData = WakeUserData;
        _watches = true;
    }

    // True when every wish is in the ring; false when the ring is full.
    private bool Fill(Ring ring)
    {
        if (!_watches)
            Watch(ring);
        TakeInbox();
        while (ring.HasRoom && _pending.TryDequeue(out Wish wish))
        {
            if (wish.Kind == Kind.Submit)
            {
                wish.Operation.Slot = TakeSlot(wish.Operation);
                ref SubmissionEntry entry = ref ring.Take();
                wish.Operation.Prepare(ref entry);
                entry.UserData = (ulong)wish.Operation.Slot;
            }
            else if (wish.Operation.Slot >= 0)
            {
                ref SubmissionEntry entry = ref ring.Take();
                entry.SetCancel((ulong)wish.Operation.Slot);
                entry.UserData = CancelUserData;
            }
        }
        return _pending.Count == 0;
    }

    private void TakeInbox()
    {
        lock (_gate)
        {
            _waits = false;
            (_inbox, _spareInbox) = (_spareInbox, _inbox);
        }
        foreach (Wish wish in _spareInbox)
            _pending.Enqueue(wish);
        _spareInbox.Clear();
    }

    private bool MayWait()
    {
        lock (_gate)
            return _waits = _inbox.Count == 0;
    }

    private void Dispatch(Ring ring, in CompletionEntry completion)
    {
        if (completion.UserData == WakeUserData)
        {
            _watches &= completion.HasMore;
            return;
        }
        if (completion.UserData == CancelUserData)
            return;
        RingOperation operation = _slots[completion.UserData]!;
        if (completion.HasMore)
        {
            operation.OnProgress(completion.Result, completion.Flags);
            return;
        }
        GiveSlot(operation);
        operation.OnEnded(completion.Result, completion.Flags);
    }

    private int TakeSlot(RingOperation operation)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _slots.Length;
            Array.Resize(ref _slots, Math.Max(64, 2 * slot));
            for (int free = _slots.Length - 1; free > slot; free--)
                _freeSlots.Push(free);
        }
        _slots[slot] = operation;
        return slot;
    }

    private void GiveSlot(RingOperation operation)
    {
        _slots[operation.Slot] = null;
        _freeSlots.Push(operation.Slot);
        operation.Slot = -1;
    }

    // The kernel does not let us in any more, as when a filter was put before it. Its part of every operation ran on this thread, so with
    // the ring closed it touches nothing of them. What is submitted from now on fails the same way.
    private void FailForEver()
    {
        IsBroken = true;
        foreach (RingOperation? operation in _slots.ToArray())
        {
            if (operation is not null)
            {
                GiveSlot(operation);
                operation.OnEnded(-Errno.InputOutput, 0);
            }
        }
        while (true)
        {
            TakeInbox();
            while (_pending.TryDequeue(out Wish wish))
            {
                if (wish.Kind == Kind.Submit)
                    wish.Operation.OnEnded(-Errno.InputOutput, 0);
            }
            if (MayWait())
                _wake.Wait();
        }
    }
}
