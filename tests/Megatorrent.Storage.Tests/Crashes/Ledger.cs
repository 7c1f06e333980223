using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Tests.Support;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>What a store must have, may have and must not have, by what it has acknowledged so far.</summary>
internal sealed class Ledger
{
    public const int Count = 32;

    private readonly Known[] _blobs;
    private readonly Known[] _descriptors;

    public Ledger()
        : this(new Known[Count], new Known[Count])
    {
    }

    private Ledger(Known[] blobs, Known[] descriptors)
    {
        _blobs = blobs;
        _descriptors = descriptors;
    }

    private enum Known
    {
        Absent,
        Present,
        Doubtful,
    }

    /// <summary>Blob number <paramref name="number"/>, 1 byte to some sectors long.</summary>
    public static (BlobId Id, byte[] Blob) Blob(int number) => Sample.Blob(number, 1 + (number * 53));

    /// <summary>The descriptor that is put with blob number <paramref name="number"/>, under the same id.</summary>
    public static byte[] Descriptor(int number) => Sample.Bytes(1000 + (ulong)number, 40 + number);

    public Ledger Clone() => new([.. _blobs], [.. _descriptors]);

    /// <summary>Takes in that a step began, or was acknowledged.</summary>
    public void Apply(StepNote note)
    {
        Known[] known = note.IsDescriptor ? _descriptors : _blobs;
        Known after = note.IsPut ? Known.Present : Known.Absent;
        if (note.IsEnd)
            known[note.Number] = after;
        else if (known[note.Number] != after)
            known[note.Number] = Known.Doubtful;
    }

    /// <summary>What was doubtful is as a store has it, if nothing but processes died.</summary>
    public void Settle(HashSet<(BlobId Id, bool IsDescriptor)> has)
    {
        for (int number = 0; number < Count; number++)
        {
            BlobId id = Blob(number).Id;
            _blobs[number] = has.Contains((id, false)) ? Known.Present : Known.Absent;
            _descriptors[number] = has.Contains((id, true)) ? Known.Present : Known.Absent;
        }
    }

    /// <summary>Compares a store with it, byte by byte.</summary>
    /// <returns>What the store has: its ids, blobs first.</returns>
    /// <exception cref="CrashException">Something is lost, is back, or is not what was put.</exception>
    public async Task<HashSet<(BlobId Id, bool IsDescriptor)>> CheckAsync(BlobStore store)
    {
        var has = new HashSet<(BlobId, bool)>();
        for (int number = 0; number < Count; number++)
        {
            (BlobId id, byte[] blob) = Blob(number);
            byte[]? bytes = store.Contains(id) ? await Sample.ReadAsync(store, id) : null;
            Compare($"blob {number}", _blobs[number], blob, bytes);
            byte[]? descriptor = await store.GetDescriptorAsync(id);
            Compare($"descriptor {number}", _descriptors[number], Descriptor(number), descriptor);
            if (bytes is not null)
                has.Add((id, false));
            if (descriptor is not null)
                has.Add((id, true));
        }
        int all = store.Blobs.Count + store.Descriptors.Count;
        CrashException.Unless(all == has.Count, $"the store lists {all} blobs and descriptors where {has.Count} can be read");
        ScrubReport report = await store.ScrubAsync(new ScrubOptions());
        CrashException.Unless(report.Bad.Count + report.BadDescriptors.Count == 0, "the scrub finds damage");
        return has;
    }

    private static void Compare(string what, Known known, byte[] put, byte[]? read)
    {
        CrashException.Unless(known != Known.Present || read is not null, $"{what} was acknowledged and is lost");
        CrashException.Unless(known != Known.Absent || read is null, $"the deletion of {what} was acknowledged, and it is back");
        CrashException.Unless(read is null || read.AsSpan().SequenceEqual(put), $"{what} is not what was put");
    }
}
