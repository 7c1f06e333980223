using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The leases of a node in an append-only file of its folder; grouped writes, each flushed before it is acknowledged. When the file has grown
/// to a multiple of what it must hold it is written anew beside and renamed. Thread-safe.
/// </summary>
/// <param name="files">Where files live.</param>
/// <param name="directory">The node's folder.</param>
/// <param name="executor">Runs file access.</param>
/// <param name="table">What the file holds.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseLog(IFileSystem files, string directory, IWorkExecutor executor, LeaseTable table, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "leases";

    /// <summary>What an unreadable file is renamed to.</summary>
    public const string DamagedName = "leases.damaged";

    private const string TemporaryName = "leases.new";
    private const long RewriteBytes = 16L * 1024 * 1024; // a file that grew by less is not worth writing anew
    private const int MaxTornBytes = 4 * 1024 * 1024;    // one write is far shorter

    private static readonly byte[] Magic = "MTLEASE1"u8.ToArray();

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], int> _certificates = new(BytesComparer.Instance); // of the file as it is
    private List<(LeaseRecord Record, TaskCompletionSource Done)> _queue = [];
    private Task _pump = Task.CompletedTask;
    private bool _pumping;
    private IFile? _file; // null: has to be written anew before anything can be appended
    private long _length;
    private long _lengthWritten; // when it was last written anew

    private enum Tail
    {
        Whole,
        Torn, // the end of the last write is missing, as after a crash: it was not acknowledged
        Damaged,
    }

    /// <summary>What opening the file found.</summary>
    /// <param name="IsComplete">Whether nothing is missing: it ended in order, or there was none.</param>
    /// <param name="IsDamaged">Whether something in the middle could not be read.</param>
    /// <param name="LastUnixMs">The node's clock at the last mark; 0 for none.</param>
    public readonly record struct Opened(bool IsComplete, bool IsDamaged, long LastUnixMs);

    /// <summary>Bytes in the file.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
                return _length;
        }
    }

    /// <summary>Fills the table from the file, and writes the file anew. A file that cannot be read is put aside, never lost.</summary>
    /// <exception cref="MegatorrentException">InputOutput, StoreFull: the folder cannot be written.</exception>
    public async ValueTask<Opened> OpenAsync(CancellationToken cancellationToken)
    {
        Opened opened = await executor.RunAsync(static log => log.Read(), this, cancellationToken);
        await executor.RunAsync(static log => log.Rewrite(0), this, cancellationToken);
        return opened;
    }

    /// <summary>Appends a record; durable when it returns. Its statement must be in the table already.</summary>
    /// <exception cref="MegatorrentException">StoreFull, InputOutput: it may or may not be remembered; it counts until the node ends.</exception>
    public async ValueTask AppendAsync(LeaseRecord record)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _queue.Add((record, done));
            if (!_pumping)
            {
                _pumping = true;
                _pump = PumpAsync();
            }
        }
        await done.Task;
    }

    /// <summary>Writes everything with the mark of an end in order, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        Task pump;
        lock (_gate)
            pump = _pump;
        await pump;
        if (_file is null)
            return;
        try
        {
            await executor.RunAsync(static log => log.Rewrite(1), this);
        }
        finally
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private async Task PumpAsync()
    {
        await Task.CompletedTask;
        while (true)
        {
            List<(LeaseRecord Record, TaskCompletionSource Done)> batch;
            lock (_gate)
            {
                if (_queue.Count == 0)
                {
                    _pumping = false;
                    return;
                }
                (batch, _queue) = (_queue, []);
            }
            MegatorrentException? failure = null;
            try
            {
                await executor.RunAsync(static state => state.Log.Write(state.Batch), (Log: this, Batch: batch));
            }
            catch (MegatorrentException exception)
            {
                failure = exception;
            }
            foreach ((_, TaskCompletionSource done) in batch)
            {
                if (failure is null)
                    done.SetResult();
                else
                    done.SetException(failure);
            }
        }
    }

    private bool Write(List<(LeaseRecord Record, TaskCompletionSource Done)> batch)
    {
        if (_file is null || _length > (2 * _lengthWritten) + RewriteBytes)
            return Rewrite(0); // from the table, in which the records are
        try
        {
            var buffers = new List<ReadOnlyMemory<byte>>(batch.Count);
            long length = 0;
            foreach ((LeaseRecord record, _) in batch)
            {
                byte[] framed = Number(record).Encode();
                buffers.Add(framed);
                length += framed.Length;
            }
            _file.Write(buffers, _length);
            _file.Flush();
            SetLength(_length + length);
            return true;
        }
        catch
        {
            _file.Dispose(); // nothing may be assumed of what it holds now: the next append writes it anew
            _file = null;
            throw;
        }
    }

    // A certificate is in the file once; later records name it by its number.
    private LeaseRecord Number(LeaseRecord record)
    {
        if (record.Certificate is not { } certificate)
            return record;
        if (_certificates.TryGetValue(certificate, out int number))
            return record with { Certificate = null, CertificateNumber = number };
        _certificates.Add(certificate, _certificates.Count);
        return record;
    }

    private bool Rewrite(int mark)
    {
        string temporary = Path.Combine(directory, TemporaryName);
        files.CreateDirectory(directory);
        _file?.Dispose();
        _file = null;
        _certificates.Clear();
        long length = 0;
        IFile file = files.Open(temporary, FileOpenMode.Create);
        try
        {
            Append(Magic);
            (var leases, var touched) = table.Snapshot();
            foreach ((var statement, byte[] certificate, long learned, List<BlobId> stripes) in leases)
            {
                int at = 0;
                do
                {
                    List<BlobId> part = stripes.GetRange(at, Math.Min(LeaseRecord.MaxIds, stripes.Count - at));
                    Append(Number(new LeaseRecord { Statement = statement, Certificate = certificate, LearnedUnixMs = learned, Stripes = part })
                        .Encode());
                    at += part.Count;
                }
                while (at < stripes.Count);
            }
            foreach ((BlobId Stripe, long TouchedUnixMs)[] part in touched.Chunk(LeaseRecord.MaxIds))
            {
                Append(new LeaseRecord
                {
                    Touched = Array.ConvertAll(part, static one => one.Stripe),
                    TouchedUnixMs = Array.ConvertAll(part, static one => one.TouchedUnixMs),
                }.Encode());
            }
            Append(new LeaseRecord { Mark = mark, MarkUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() }.Encode());
            file.Flush();
            files.Rename(temporary, Path.Combine(directory, FileName));
            files.SyncDirectory(directory);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        _file = file;
        _lengthWritten = length;
        SetLength(length);
        return true;

        void Append(byte[] bytes)
        {
            file.Write([bytes], length);
            length += bytes.Length;
        }
    }

    private void SetLength(long length)
    {
        lock (_gate)
            _length = length;
    }

    private Opened Read()
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            Tail tail;
            LeaseRecord? last = null;
            long lastUnixMs = 0;
            using (IFile file = files.Open(path, FileOpenMode.Read))
            {
                tail = ReadRecords(file, record =>
                {
                    last = record;
                    lastUnixMs = Math.Max(lastUnixMs, record.MarkUnixMs);
                });
            }
            if (tail != Tail.Whole)
                PutAside(path);
            return new Opened(tail == Tail.Whole && last?.Mark == 1, tail == Tail.Damaged, lastUnixMs);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            return new Opened(false, false, 0);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.InputOutput)
        {
            PutAside(path);
            return new Opened(false, true, 0);
        }
    }

    private void PutAside(string path)
    {
        try
        {
            files.Rename(path, Path.Combine(directory, DamagedName));
            files.SyncDirectory(directory);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.NotFound)
        {
            // It could not be opened, and was not there either.
        }
    }

    // What follows a record that cannot be read is not looked at.
    private Tail ReadRecords(IFile file, Action<LeaseRecord> took)
    {
        long end = file.Length, at = Magic.Length;
        var magic = new byte[Magic.Length];
        if (file.Read(magic, 0) < magic.Length || !magic.AsSpan().SequenceEqual(Magic))
            return Tail.Damaged;
        var certificates = new List<byte[]>();
        while (at < end)
        {
            if (TryRead(file, at, end) is not var (record, length) || !Take(record, certificates))
                return HasRecordAfter(file, at, end) ? Tail.Damaged : Tail.Torn;
            at += length;
            took(record);
        }
        return Tail.Whole;
    }

    // The record at an offset, and its length with its frame; null where there is none.
    private static (LeaseRecord Record, int Length)? TryRead(IFile file, long at, long end)
    {
        var frame = new byte[LeaseRecord.FrameLength];
        if (file.Read(frame, at) < frame.Length)
            return null;
        int length = LeaseRecord.LengthOf(frame);
        if (length < 0 || length > end - at - frame.Length)
            return null;
        var payload = new byte[length];
        if (file.Read(payload, at + frame.Length) < length)
            return null;
        return LeaseRecord.TryDecode(frame, payload) is { } record ? (record, frame.Length + length) : null;
    }

    // Power lost in the middle of a write leaves sectors of the file's end unwritten; records behind them were flushed later, and show that
    // these bytes had been there.
    private static bool HasRecordAfter(IFile file, long at, long end)
    {
        if (end - at > MaxTornBytes)
            return true;
        var rest = new byte[end - at];
        rest = rest[..file.Read(rest, at)];
        for (int i = 1; i + LeaseRecord.FrameLength < rest.Length; i++)
        {
            ReadOnlySpan<byte> frame = rest.AsSpan(i, LeaseRecord.FrameLength);
            int length = LeaseRecord.LengthOf(frame), payload = i + LeaseRecord.FrameLength;
            if (length >= 0 && length <= rest.Length - payload && LeaseRecord.TryDecode(frame, rest.AsSpan(payload, length)) is not null)
                return true;
        }
        return false;
    }

    private bool Take(LeaseRecord record, List<byte[]> certificates)
    {
        if (record.Certificate is not null)
            certificates.Add(record.Certificate);
        if (record.Statement is { } statement)
        {
            byte[]? certificate = record.Certificate
                ?? (record.CertificateNumber >= 0 && record.CertificateNumber < certificates.Count ? certificates[record.CertificateNumber] : null);
            if (certificate is null)
                return false;
            table.Apply(statement, certificate, record.Stripes, record.LearnedUnixMs);
        }
        foreach (BlobId stripe in record.Dropped)
            table.Drop(stripe);
        foreach (BlobId stripe in record.Dismissed)
            table.Dismiss(stripe);
        for (int i = 0; i < record.Touched.Count; i++)
            table.Touched(record.Touched[i], record.TouchedUnixMs[i]);
        return true;
    }
}
