using System.Buffers.Binary;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Writing;

namespace Megatorrent.Storage;

/// <summary>
/// Immutable blobs, and the descriptors of the stripes they belong to, in append-only segment files of one directory. What a put
/// acknowledged is on the disk and survives any crash. Thread-safe. Format and algorithms: docs/spec/store.md.
/// </summary>
/// <remarks>
/// Failures are <see cref="MegatorrentException"/>. StoreFull and InputOutput concern the one operation that they are thrown from: the
/// store stays usable, nothing acknowledged is lost, and the operation may be tried again. After disposal: <see
/// cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class BlobStore : IAsyncDisposable
{
    /// <summary>The longest blob, in bytes: the longest chunk (16 MiB), and room for its header and tag.</summary>
    public const int BlobLengthMax = (16 << 20) + (64 << 10);

    /// <summary>The longest stripe descriptor, in bytes: several times what 255 ids and lengths need.</summary>
    public const int DescriptorLengthMax = 64 << 10;

    private const string LockName = "LOCK";
    private const int IdsPerPage = 1024;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly BlobStoreOptions _options;
    private readonly IWorkExecutor _executor;
    private readonly IdVerifier _verifier;
    private readonly Budget _budget;
    private readonly KeyLocks _keys = new();
    private readonly CancellationTokenSource _stopping = new();

    private readonly Lock _gate = new(); // guards everything below
    private readonly SortedDictionary<uint, Segment> _segments = [];
    private readonly Queue<WriteUnit> _queue = new();
    private LocationIndex _blobs;
    private LocationIndex _descriptors;
    private ulong _salt;
    private Segment? _active;
    private uint _nextSegment = 1;
    private long _usedBytes; // of all segments
    private long _reservedBytes; // of records that are not in a segment yet
    private long _badRecords;
    private bool _pumping;
    private Task _pump = Task.CompletedTask;
    private Task? _disposal;
    private IDisposable? _lock;

    private BlobStore(IFileSystem files, string directory, BlobStoreOptions options)
    {
        _files = files;
        _directory = directory;
        _options = options;
        _executor = options.Executor;
        _verifier = new IdVerifier(options.Executor);
        _budget = new Budget(options.QueueBytes);
        _blobs = NewIndex();
        _descriptors = NewIndex();
        Recovery = new RecoveryReport(false, 0, [], 0, 0);
    }

    /// <summary>What opening the store found.</summary>
    public RecoveryReport Recovery { get; private set; }

    /// <summary>The numbers of the store now.</summary>
    public StoreStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                long live = 0;
                foreach (Segment segment in _segments.Values)
                    live += segment.LiveBytes;
                return new StoreStatistics(
                    _blobs.Count, _descriptors.Count, live, _usedBytes - live, _options.CapacityBytes, _segments.Count, _badRecords,
                    _blobs.MemoryBytes + _descriptors.MemoryBytes);
            }
        }
    }

    /// <summary>A snapshot of the ids of all blobs, in no order.</summary>
    public IReadOnlyList<BlobId> Blobs => Snapshot(_blobs);

    /// <summary>A snapshot of the stripe ids of all descriptors, in no order.</summary>
    public IReadOnlyList<BlobId> Descriptors => Snapshot(_descriptors);

    /// <summary>
    /// Told of everything that comes into the store or leaves it, once it is in effect. Called under the store's lock: must be quick, must
    /// not throw, and must not call the store. Set it before the store is shared.
    /// </summary>
    public Action<StoreChange>? Observer { get; set; }

    private bool IsDisposed => _disposal is not null;

    /// <summary>
    /// Opens the store in <paramref name="directory"/>, creating both if they are missing, and recovers it: loads the last checkpoint of
    /// the index, reads what was written after it, and cuts a torn tail. <see cref="Recovery"/> says what it found.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: an option is out of its range. InputOutput: another process uses this store, or the directory cannot be used.
    /// Unsupported: the store has a format that this build does not know. Malformed: a directory whose FORMAT file and segments are all
    /// unreadable.
    /// </exception>
    public static async ValueTask<BlobStore> OpenAsync(
        IFileSystem files, string directory, BlobStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var store = new BlobStore(files, directory, options);
        try
        {
            await options.Executor.RunAsync(
                static store =>
                {
                    store.Recover();
                    return true;
                },
                store, cancellationToken);
        }
        catch
        {
            store.CloseFiles();
            throw;
        }
        return store;
    }

    /// <summary>Whether the blob can be read here.</summary>
    public bool Contains(BlobId id) => TryGetLength(id, out _);

    /// <summary>The bytes of a blob; false if it is not here.</summary>
    public bool TryGetLength(BlobId id, out int length)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            bool found = _blobs.TryGet(id, out RecordLocation location);
            length = location.Length;
            return found;
        }
    }

    /// <summary>Whether the descriptor of a stripe can be read here.</summary>
    public bool ContainsDescriptor(BlobId stripeId)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return _descriptors.TryGet(stripeId, out _);
        }
    }

    /// <summary>
    /// The next stripe ids of descriptors, in no order, without a snapshot of all. What was there throughout a pass is seen exactly once,
    /// what comes or goes meanwhile perhaps.
    /// </summary>
    /// <param name="cursor">0 for the first page; says afterwards where the next one begins.</param>
    /// <param name="destination">Takes ids.</param>
    /// <returns>How many were written; 0 at the end.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is empty.</exception>
    public int ReadDescriptorIds(ref int cursor, Span<BlobId> destination)
    {
        if (destination.IsEmpty)
            throw new ArgumentException("A page of no ids would never end.", nameof(destination));
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        int count = 0;
        while (count == 0)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                int end = Math.Min(_descriptors.SlotCount, cursor + SlotsPerTurn);
                if (cursor >= end)
                    return 0;
                for (; cursor < end && count < destination.Length; cursor++)
                {
                    if (_descriptors.TryGetSlot(cursor, out BlobId id, out _))
                        destination[count++] = id;
                }
            }
        }
        return count;
    }

    /// <summary>The same pass over the stripe ids of descriptors, one by one.</summary>
    public IEnumerable<BlobId> EnumerateDescriptors()
    {
        var page = new BlobId[IdsPerPage];
        int cursor = 0;
        while (ReadDescriptorIds(ref cursor, page) is var count and > 0)
        {
            for (int i = 0; i < count; i++)
                yield return page[i];
        }
    }

    /// <summary>
    /// Closes the store: waits until what was queued is durable, stops scrubs and compactions, writes a checkpoint and lets go of the
    /// directory. Reads under way finish.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        TaskCompletionSource? mine = null;
        Task disposal;
        lock (_gate)
        {
            if (_disposal is null)
            {
                mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _disposal = mine.Task;
            }
            disposal = _disposal;
        }
        return mine is null ? new ValueTask(disposal) : CloseAsync(mine);
    }

    private async ValueTask CloseAsync(TaskCompletionSource closed)
    {
        try
        {
            _stopping.Cancel();
            await _autoCompaction;
            await _compaction.AcquireAsync(1, CancellationToken.None); // and keep it: none begins again
            Task pump;
            lock (_gate)
                pump = _pump;
            await pump;
            if (_bytesSinceCheckpoint > 0 || _checkpointIsOld)
                await TryWriteCheckpointAsync();
        }
        finally
        {
            CloseFiles();
            closed.SetResult();
        }
    }

    private void CloseFiles()
    {
        lock (_gate)
        {
            foreach (Segment segment in _segments.Values)
                segment.Release();
            _segments.Clear();
            _usedBytes = 0;
            _active = null;
        }
        _lock?.Dispose();
    }

    private LocationIndex NewIndex(int expected = 0)
    {
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        _options.Random.Fill(seed);
        return new LocationIndex(BinaryPrimitives.ReadUInt64LittleEndian(seed), expected);
    }

    private List<BlobId> Snapshot(LocationIndex index)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            var ids = new List<BlobId>(index.Count);
            for (int slot = 0; slot < index.SlotCount; slot++)
            {
                if (index.TryGetSlot(slot, out BlobId id, out _))
                    ids.Add(id);
            }
            return ids;
        }
    }

    private LocationIndex IndexOf(bool isDescriptor) => isDescriptor ? _descriptors : _blobs;

    private string PathOf(string name) => Path.Combine(_directory, name);

    private string PathOf(uint segment) => PathOf(Segment.FileName(segment));
}
