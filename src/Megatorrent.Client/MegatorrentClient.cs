using System.Buffers;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Network;

namespace Megatorrent.Client;

/// <summary>
/// Puts, gets, verifies and repairs objects in a cluster. Thread-safe: many operations may run at once, each within its own budget of memory.
/// </summary>
public sealed class MegatorrentClient : IAsyncDisposable
{
    // The list of a directory's entries is held in memory: some 2 million entries.
    private const int EntryListLengthMax = 256 * 1024 * 1024;

    // Content bytes between two durable marks of a get: what an interruption costs at most.
    private const long CheckpointBytes = 256L * 1024 * 1024;

    private readonly ClientOptions _options;
    private readonly ClusterDirectory _directory;

    private MegatorrentClient(ClientOptions options, ClusterDirectory directory)
    {
        _options = options;
        _directory = directory;
    }

    /// <summary>The members of the cluster, as last heard.</summary>
    public ClusterView View => _directory.View;

    /// <summary>Reads and changes what admins have decided about the nodes.</summary>
    public LayoutAdmin Layout => new(_directory, _options);

    /// <summary>Reaches a cluster through any one of its nodes.</summary>
    /// <exception cref="MegatorrentException">Unreachable: nobody answers. Unauthorized: the credential is refused, or the node is a stranger.</exception>
    public static async ValueTask<MegatorrentClient> ConnectAsync(ClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MegatorrentClient(options, await ClusterDirectory.ConnectAsync(options, cancellationToken));
    }

    /// <summary>Puts a file or a directory of the local disk.</summary>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: the scheme is out of its limits. InputOutput: the path cannot be read. NotEnoughBlobs, StoreFull or Unauthorized: a stripe
    /// could not be stored safely; nothing is acknowledged.
    /// </exception>
    public async ValueTask<PutResult> PutAsync(
        string path, PutOptions options, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        options.Scheme.Validate();
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full))
            return await PutDirectoryAsync(full, options, progress, cancellationToken);
        if (File.Exists(full) && !LocalFiles.IsRegularFile(full))
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"'{path}' is a pipe, socket or device; only files and directories can be put.");

        await using FileStream file = LocalFiles.OpenRead(full);
        var info = new FileInfo(full);
        var root = new Manifest
        {
            Kind = ManifestKind.File,
            Name = info.Name,
            Mode = LocalFiles.Mode(info),
            ModifiedUnixNs = LocalFiles.ToUnixNs(info.LastWriteTimeUtc),
            Streams = [],
        };
        return await PutStreamAsync(file, file.Length, root, options, progress, cancellationToken);
    }

    /// <summary>Puts a stream as a file with the given name; the length need not be known.</summary>
    /// <inheritdoc cref="PutAsync(string, PutOptions, IProgress{TransferProgress}?, CancellationToken)" path="/exception"/>
    public async ValueTask<PutResult> PutAsync(
        Stream source, string name, PutOptions options, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        options.Scheme.Validate();
        CheckName(name);
        var root = new Manifest
        {
            Kind = ManifestKind.File,
            Name = name,
            Mode = 0b110_100_100,
            ModifiedUnixNs = LocalFiles.ToUnixNs(_options.Time.GetUtcNow().UtcDateTime),
            Streams = [],
        };
        return await PutStreamAsync(source, source.CanSeek ? source.Length - source.Position : -1, root, options, progress, cancellationToken);
    }

    /// <summary>Begins to put a file whose bytes come piece by piece, and whose length need not be known.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="options">How to put it.</param>
    /// <param name="progress">Told after every stripe.</param>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: the name cannot be a file name, or the scheme is out of its limits.
    /// </exception>
    public ObjectUpload Upload(string name, PutOptions options, IProgress<TransferProgress>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        options.Scheme.Validate();
        CheckName(name);
        return new ObjectUpload((bytes, cancellationToken) => PutAsync(bytes, name, options, progress, cancellationToken));
    }

    /// <summary>
    /// Gets a file or directory to <paramref name="path"/>. Until it is whole it stands under PATH.mtpart, where a later call goes on.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: something is at the destination. NotEnoughBlobs: a stripe cannot be read now. Integrity: the object is not what the capability
    /// names. InputOutput: the destination cannot be written.
    /// </exception>
    public async ValueTask<GetResult> GetAsync(
        Capability capability, string path, GetOptions options, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var reader = new ObjectReader(_directory, _options);
        Manifest manifest = await OpenAsync(reader, capability, cancellationToken);
        bool replace = options.Overwrite && manifest.Kind == ManifestKind.File;
        if (Directory.Exists(path) || (File.Exists(path) && !replace))
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                $"'{path}' exists already. Choose another place{(manifest.Kind == ManifestKind.File && !Directory.Exists(path) ? ", or say that it is to be replaced" : "")}.");
        }

        string? parent = Path.GetDirectoryName(path);
        if (parent is not null && !Directory.Exists(parent))
            throw new MegatorrentException(ErrorKind.InputOutput, $"The directory '{parent}' does not exist; make it first.");

        using IDownload download = manifest.Kind == ManifestKind.Directory
            ? new DirectoryDownload(path, manifest, await ReadEntriesAsync(reader, manifest, cancellationToken), capability.Root.Id)
            : new FileDownload(path, manifest, capability.Root.Id, options.Overwrite);
        await FillAsync(reader, manifest.Streams[0], download, progress, cancellationToken);
        StripeFetcher fetcher = reader.Fetcher;
        return new GetResult(path, manifest.Streams[0].Length, download.Resumed, fetcher.BlobsRebuilt, fetcher.Bad.Count)
        {
            Hedges = fetcher.Hedges,
            BlobsOvertaken = fetcher.BlobsOvertaken,
        };
    }

    /// <summary>Writes the bytes of a file from <paramref name="offset"/> on to a stream, in order.</summary>
    /// <param name="capability">A read capability of a file.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="offset">Of the first byte.</param>
    /// <param name="length">How many bytes, or null for all that follow; cut at the end of the file.</param>
    /// <param name="progress">Told after every piece.</param>
    /// <param name="cancellationToken">Ends the transfer.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="MegatorrentException">InvalidArgument: a directory, or an offset past the end. Else as for get.</exception>
    public async ValueTask<long> CatAsync(
        Capability capability,
        Stream destination,
        long offset = 0,
        long? length = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentNullException.ThrowIfNull(destination);
        var reader = new ObjectReader(_directory, _options);
        Manifest manifest = await OpenAsync(reader, capability, cancellationToken);
        if (manifest.Kind != ManifestKind.File)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"'{manifest.Name}' is a directory and has no bytes of its own; use ls or get.");
        long total = manifest.Streams[0].Length;
        if (offset < 0 || offset > total || length < 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The range begins at byte {offset}; the file has {total} bytes.");
        long end = length is { } count ? offset + Math.Min(count, total - offset) : total;
        await foreach (PlainStripe piece in reader.ReadAsync(manifest.Streams[0], offset, end, cancellationToken))
        {
            using (piece)
            {
                await destination.WriteAsync(piece.Bytes, cancellationToken);
                progress?.Report(new TransferProgress("cat", piece.Offset + piece.Bytes.Length - offset, end - offset));
            }
        }

        await destination.FlushAsync(cancellationToken);
        return end - offset;
    }

    /// <summary>What is behind a read capability.</summary>
    /// <exception cref="MegatorrentException">As for get.</exception>
    public async ValueTask<Listing> ListAsync(Capability capability, CancellationToken cancellationToken = default) =>
        (await OpenAsync(capability, cancellationToken)).Listing;

    /// <summary>Reads the manifest behind a read capability, for reading its content at any place, and often.</summary>
    /// <exception cref="MegatorrentException">As for get.</exception>
    public async ValueTask<StoredObject> OpenAsync(Capability capability, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        var reader = new ObjectReader(_directory, _options);
        Manifest manifest = await OpenAsync(reader, capability, cancellationToken);
        IReadOnlyList<DirectoryEntry> entries = manifest.Kind == ManifestKind.Directory
            ? await ReadEntriesAsync(reader, manifest, cancellationToken)
            : [];
        var listing = new Listing(
            manifest.Kind, manifest.Name, manifest.Streams[0].Length, manifest.Mode, manifest.ModifiedUnixNs, entries);
        return new StoredObject(_directory, _options, listing, manifest.Streams[0]);
    }

    /// <summary>Reads and hashes every blob and copy of an object, parity too. A verify capability is enough.</summary>
    public ValueTask<VerifyReport> VerifyAsync(
        Capability capability, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new ObjectDoctor(_directory, _options, progress).VerifyAsync(capability, cancellationToken);
    }

    /// <summary>
    /// The health of an object from the evidence that the nodes have: who holds what, and when it was last put, re-hashed or audited. Reads
    /// nothing but the manifests. A verify capability is enough.
    /// </summary>
    /// <param name="capability">The object.</param>
    /// <param name="maxAge">The age past which evidence says nothing.</param>
    /// <param name="progress">Told after every stripe.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MegatorrentException">Unauthorized: the credential is refused.</exception>
    public ValueTask<HealthReport> HealthAsync(
        Capability capability, TimeSpan maxAge, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return new HealthCheck(_directory, _options, progress).RunAsync(capability, (long)maxAge.TotalMilliseconds, cancellationToken);
    }

    /// <summary>Verifies, and stores anew what is missing or wrong. A verify capability is enough; the credential must be a writer's.</summary>
    public ValueTask<RepairReport> RepairAsync(
        Capability capability, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new ObjectDoctor(_directory, _options, progress).RepairAsync(capability, cancellationToken);
    }

    /// <summary>
    /// Keeps an object: its blobs are not collected before the lease ends. A later keep of the same owner replaces an earlier one. A verify
    /// capability is enough; the credential must be a writer's.
    /// </summary>
    /// <param name="capability">Which object.</param>
    /// <param name="keepFor">How long from now; null: for ever.</param>
    /// <param name="progress">Told after every some stripes.</param>
    /// <param name="cancellationToken">Ends the wait; the stripes told by then are kept.</param>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: the time is less than a second or too long. NotEnoughBlobs: a manifest cannot be read. Unauthorized: a reader.
    /// </exception>
    public ValueTask<LeaseResult> KeepAsync(
        Capability capability, TimeSpan? keepFor = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new ObjectLeases(_directory, _options, progress).KeepAsync(capability, keepFor, cancellationToken);
    }

    /// <summary>
    /// Ends the lease of this owner on an object. When no other lease keeps them, its blobs are collected after the nodes' safety period; until
    /// then a keep brings it back. A verify capability is enough.
    /// </summary>
    /// <param name="capability">Which object.</param>
    /// <param name="progress">Told after every some stripes.</param>
    /// <param name="cancellationToken">Ends the wait; the lease has ended where it was told by then, and soon everywhere.</param>
    /// <exception cref="MegatorrentException">NotEnoughBlobs: a manifest cannot be read. Unauthorized: the credential is a reader's.</exception>
    public ValueTask<LeaseResult> ForgetAsync(
        Capability capability, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new ObjectLeases(_directory, _options, progress).ForgetAsync(capability, cancellationToken);
    }

    /// <summary>Who keeps an object, and who did. A verify capability is enough.</summary>
    /// <exception cref="MegatorrentException">Unreachable: nobody answers.</exception>
    public ValueTask<IReadOnlyList<LeaseInfo>> LeasesAsync(Capability capability, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return new ObjectLeases(_directory, _options, null).LeasesAsync(capability.Root, cancellationToken);
    }

    /// <summary>Asks for a newer list of members.</summary>
    public async ValueTask<ClusterView> RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _directory.RefreshAsync(cancellationToken);
        return View;
    }

    /// <summary>How one node is.</summary>
    /// <exception cref="MegatorrentException">Unreachable: it does not answer.</exception>
    public async ValueTask<NodeStatus> StatusAsync(Member member, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        PeerConnection connection = await _directory.ConnectAsync(member, cancellationToken);
        return NodeStatus.Decode(await connection.StatusAsync(StatusQuery.Node, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    private async ValueTask<PutResult> PutDirectoryAsync(
        string path, PutOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        LocalTree tree = await _options.Executor.RunAsync(
            static state => LocalTree.Scan(state.path, state.cancellationToken), (path, cancellationToken), cancellationToken);
        var list = new ArrayBufferWriter<byte>();
        DirectoryEntry.EncodeList(tree.Entries, list);
        if (list.WrittenCount > EntryListLengthMax)
        {
            throw new MegatorrentException(
                ErrorKind.LimitExceeded, $"'{path}' has {tree.Entries.Count} entries, whose list is over {EntryListLengthMax} bytes. Put its parts one by one.");
        }

        var writer = new ObjectWriter(_directory, _options, options, progress, tree.ContentLength + list.WrittenCount);
        await using Stream contentBytes = tree.OpenContent();
        ManifestStream content = await writer.PutStreamAsync(contentBytes, tree.ContentLength, cancellationToken);
        using var listBytes = new MemoryStream(list.WrittenSpan.ToArray());
        ManifestStream entries = await writer.PutStreamAsync(listBytes, listBytes.Length, cancellationToken);
        var info = new DirectoryInfo(path);
        var root = new Manifest
        {
            Kind = ManifestKind.Directory,
            Name = info.Name,
            Mode = LocalFiles.Mode(info),
            ModifiedUnixNs = LocalFiles.ToUnixNs(info.LastWriteTimeUtc),
            Streams = [content, entries],
        };
        PutResult result = await FinishAsync(writer, root, tree.Skipped, options, cancellationToken);
        return result with { Bytes = tree.ContentLength };
    }

    private async ValueTask<PutResult> PutStreamAsync(
        Stream source, long length, Manifest root, PutOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var writer = new ObjectWriter(_directory, _options, options, progress, length);
        ManifestStream content = await writer.PutStreamAsync(source, length, cancellationToken);
        root = new Manifest { Kind = root.Kind, Name = root.Name, Mode = root.Mode, ModifiedUnixNs = root.ModifiedUnixNs, Streams = [content] };
        return await FinishAsync(writer, root, [], options, cancellationToken);
    }

    private async ValueTask<PutResult> FinishAsync(
        ObjectWriter writer, Manifest root, IReadOnlyList<string> skipped, PutOptions options, CancellationToken cancellationToken)
    {
        var (descriptor, key) = await writer.PutManifestAsync(root, cancellationToken);
        await new ObjectLeases(_directory, _options, null).KeepNewAsync(descriptor, root, options.KeepFor, cancellationToken);
        return writer.Result(new Capability(descriptor.Ids[0], descriptor.ShardLength, descriptor.ParityShards, key), skipped);
    }

    private static async ValueTask<Manifest> OpenAsync(ObjectReader reader, Capability capability, CancellationToken cancellationToken)
    {
        Manifest manifest = await reader.OpenAsync(capability, cancellationToken);
        if (manifest.Kind == ManifestKind.Node)
            throw new MegatorrentException(ErrorKind.Integrity, "The capability names a part of an object, not an object.");
        return Manifest.FaultOfName(manifest.Name) is { } fault
            ? throw new MegatorrentException(ErrorKind.Malformed, $"The object's name cannot be used: {fault}.")
            : manifest;
    }

    private static void CheckName(string name)
    {
        if (Manifest.FaultOfName(name) is { } fault)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The name cannot be used: {fault}.");
    }

    private static async ValueTask<List<DirectoryEntry>> ReadEntriesAsync(ObjectReader reader, Manifest manifest, CancellationToken cancellationToken) =>
        DirectoryEntry.DecodeList(
            await reader.ReadAllAsync(manifest.Streams[1], EntryListLengthMax, cancellationToken), manifest.Streams[0].Length);

    private async ValueTask FillAsync(
        ObjectReader reader, ManifestStream content, IDownload download, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        long written = download.Resumed, marked = written;
        try
        {
            await foreach (PlainStripe piece in reader.ReadAsync(content, written, content.Length, cancellationToken))
            {
                using (piece)
                {
                    await WorkAsync(download, static (download, piece) => download.Write(piece.Bytes.Span), piece);
                    written += piece.Bytes.Length;
                }

                progress?.Report(new TransferProgress("get", written, content.Length));
                cancellationToken.ThrowIfCancellationRequested(); // also where all that is left has been fetched ahead
                if (written - marked < CheckpointBytes)
                    continue;
                await WorkAsync(download, static (download, _) => download.Checkpoint(), 0);
                marked = written;
            }
        }
        catch (Exception exception) when (written > marked && exception is OperationCanceledException
            or MegatorrentException { Kind: ErrorKind.NotEnoughBlobs or ErrorKind.Unreachable or ErrorKind.Timeout or ErrorKind.Canceled })
        {
            await WorkAsync(download, static (download, _) => download.Checkpoint(), 0);
            throw;
        }

        await WorkAsync(download, static (download, _) => download.Complete(), 0);
    }

    private async ValueTask WorkAsync<TState>(IDownload download, Action<IDownload, TState> work, TState state) =>
        await _options.Executor.RunAsync(
            static all =>
            {
                all.work(all.download, all.state);
                return true;
            },
            (download, work, state));
}
