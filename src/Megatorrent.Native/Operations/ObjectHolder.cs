using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Native.Operations;

/// <summary>An object behind a handle, and the client that it is read through. Thread-safe.</summary>
internal sealed class ObjectHolder(ClientHolder client, StoredObject stored)
{
    private long[]? _offsets;

    /// <summary>The client.</summary>
    public ClientHolder Client => client;

    /// <summary>The object.</summary>
    public StoredObject Stored => stored;

    /// <summary>Where the bytes of an entry begin in the content of the directory.</summary>
    public long OffsetOf(int entryIndex)
    {
        // Made the first time; a second thread that makes it too makes the same.
        long[] offsets = _offsets ??= Offsets(stored.Listing.Entries);
        return offsets[entryIndex];
    }

    private static long[] Offsets(IReadOnlyList<DirectoryEntry> entries)
    {
        var offsets = new long[entries.Count];
        long offset = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = offset;
            offset += entries[i].Length;
        }

        return offsets;
    }
}
