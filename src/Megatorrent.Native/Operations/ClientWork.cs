using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Native.Exports;
using Megatorrent.Network;

namespace Megatorrent.Native.Operations;

/// <summary>What the calls of the client do, once their arguments are checked.</summary>
internal static class ClientWork
{
    private static ClientEnvironment Environment { get; } = new(System.Environment.GetEnvironmentVariable, NativeLog.Warn);

    /// <summary>Finds the credential and the nodes, and connects.</summary>
    public static async Task OpenAsync(
        Call call, string[]? endpoints, string? credentialText, string? credentialPath, ClientLimits limits, CancellationToken cancellationToken)
    {
        Credential credential = Find(ref endpoints, credentialText, credentialPath);
        try
        {
            ClientOptions options = new()
            {
                Endpoints = endpoints!,
                Credential = credential,
                Transport = SystemTransport.Parse(System.Environment.GetEnvironmentVariable(SystemTransport.Variable)),
            };
            if (limits.RequestTimeoutMs != 0)
                options = options with { RequestTimeoutMs = limits.RequestTimeoutMs };
            if (limits.MemoryBytesMax != 0)
                options = options with { BytesUnderWayMax = limits.MemoryBytesMax };
            MegatorrentClient client = await MegatorrentClient.ConnectAsync(options, cancellationToken);
            call.OpenedClient = new ClientHolder(client, credential);
            NativeLog.Write(NativeLog.Info, $"open: {client.View.Living.Count} of {client.View.Members.Count} nodes live");
        }
        catch
        {
            credential.Dispose();
            throw;
        }
    }

    /// <summary>Puts bytes as a file.</summary>
    public static async Task PutAsync(
        Call call, ClientHolder client, NativeBuffer data, string name, PutOptions options, NativeTarget<ClientPutResult>? result,
        CancellationToken cancellationToken)
    {
        await using Stream source = data.OpenRead();
        Stored(call, await client.Client.PutAsync(source, name, options, call.Progress, cancellationToken), result);
    }

    /// <summary>Puts a file or directory.</summary>
    public static async Task PutFileAsync(
        Call call, ClientHolder client, string path, PutOptions options, NativeTarget<ClientPutResult>? result,
        CancellationToken cancellationToken)
    {
        if (!Path.Exists(path))
            throw new MegatorrentException(ErrorKind.NotFound, $"'{path}' does not exist.");
        Stored(call, await client.Client.PutAsync(path, options, call.Progress, cancellationToken), result);
    }

    /// <summary>Gets a file or directory.</summary>
    public static async Task GetFileAsync(
        Call call, ClientHolder client, string path, Capability capability, GetOptions options, NativeTarget<ClientGetResult>? result,
        CancellationToken cancellationToken)
    {
        GetResult got = await client.Client.GetAsync(capability, path, options, call.Progress, cancellationToken);
        WarnOfLosses(got.BlobsRebuilt, got.BadBlobs);
        result?.Fill(new ClientGetResult
        {
            BlobsRebuilt = (uint)got.BlobsRebuilt,
            BadBlobs = (uint)got.BadBlobs,
            Bytes = (ulong)got.Bytes,
            BytesResumed = (ulong)got.BytesResumed,
        });
    }

    /// <summary>Opens an object.</summary>
    public static async Task OpenObjectAsync(Call call, ClientHolder client, Capability capability, CancellationToken cancellationToken) =>
        call.OpenedObject = new ObjectHolder(client, await client.Client.OpenAsync(capability, cancellationToken));

    /// <summary>Reads a file into memory.</summary>
    public static async Task ReadAsync(
        Call call, ClientHolder client, Capability capability, NativeBuffer destination, long offset, CancellationToken cancellationToken)
    {
        StoredObject stored = await client.Client.OpenAsync(capability, cancellationToken);
        if (stored.Listing.Kind != ManifestKind.File)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"'{stored.Listing.Name}' is a directory and has no bytes of its own; get it, or open it as an object.");
        }

        await ReadAsync(call, stored, destination, offset, cancellationToken);
    }

    /// <summary>Reads content into memory, as far as it goes.</summary>
    public static async Task ReadAsync(
        Call call, StoredObject stored, NativeBuffer destination, long offset, CancellationToken cancellationToken)
    {
        await using ObjectDownload download = stored.Download(offset, (long)Math.Min(destination.Length, long.MaxValue));
        nuint done = 0;
        while (done < destination.Length)
        {
            int count = await download.ReadAsync(destination.From(done), cancellationToken);
            if (count == 0)
                break;
            done += (nuint)count;
        }

        WarnOfLosses(download.BlobsRebuilt, download.BadBlobs);
        call.Length = done;
    }

    /// <summary>Reads the next bytes of a download.</summary>
    public static async Task ReadNextAsync(
        Call call, StreamHolder<ObjectDownload> download, NativeBuffer destination, CancellationToken cancellationToken) =>
        call.Length = (nuint)await download.UseAsync((stream, token) => stream.ReadAsync(destination.From(0), token), cancellationToken);

    /// <summary>Appends bytes to an upload.</summary>
    public static Task WriteAsync(StreamHolder<ObjectUpload> upload, NativeBuffer data, CancellationToken cancellationToken) =>
        upload.UseAsync(
            async (stream, token) =>
            {
                for (nuint done = 0; done < data.Length;)
                {
                    Memory<byte> piece = data.From(done);
                    await stream.WriteAsync(piece, token);
                    done += (nuint)piece.Length;
                }

                return true;
            },
            cancellationToken);

    /// <summary>Ends an upload.</summary>
    public static async Task FinishAsync(
        Call call, StreamHolder<ObjectUpload> upload, NativeTarget<ClientPutResult>? result, CancellationToken cancellationToken)
    {
        PutResult put = await upload.UseAsync((stream, token) => stream.FinishAsync(token), cancellationToken);
        upload.Close(Status.State, "The upload was finished; it takes nothing more.");
        Stored(call, put, result);
    }

    /// <summary>Verifies an object.</summary>
    public static async Task VerifyAsync(
        Call call, ClientHolder client, Capability capability, NativeTarget<ClientVerifyReport> report, CancellationToken cancellationToken)
    {
        VerifyReport found = await client.Client.VerifyAsync(capability, call.Progress, cancellationToken);
        foreach (BadBlob bad in found.BadBlobs)
            NativeLog.Warn($"verify: blob {bad.Blob} on {bad.Endpoint}: {bad.Problem}");
        report.Fill(new ClientVerifyReport
        {
            Healthy = found.Healthy ? 1u : 0,
            Recoverable = found.Recoverable ? 1u : 0,
            LowestMargin = found.LowestMargin,
            Stripes = (uint)found.Stripes,
            HealthyStripes = (uint)found.HealthyStripes,
            Blobs = (uint)found.Blobs,
            GoodBlobs = (uint)found.GoodBlobs,
            MissingBlobs = (uint)found.MissingBlobs,
            BadBlobs = (uint)found.BadBlobs.Count,
        });
    }

    /// <summary>Repairs an object.</summary>
    public static async Task RepairAsync(
        Call call, ClientHolder client, Capability capability, NativeTarget<ClientRepairReport> report, CancellationToken cancellationToken)
    {
        RepairReport done = await client.Client.RepairAsync(capability, call.Progress, cancellationToken);
        foreach (string problem in done.Problems)
            NativeLog.Warn($"repair: {problem}");
        report.Fill(new ClientRepairReport
        {
            Stripes = (uint)done.Stripes,
            StripesRepaired = (uint)done.StripesRepaired,
            BlobsRestored = (uint)done.BlobsRestored,
            StillMissing = (uint)done.StillMissing,
            Unrecoverable = (uint)done.Unrecoverable,
        });
    }

    /// <summary>Asks who is in the cluster.</summary>
    public static async Task StatusAsync(ClientHolder client, NativeTarget<ClientStatus> status, CancellationToken cancellationToken)
    {
        ClusterView view = await client.Client.RefreshAsync(cancellationToken);
        status.Fill(new ClientStatus
        {
            Members = (uint)view.Members.Count,
            LivingMembers = (uint)view.Living.Count,
            FailureDomains = (uint)view.DomainCount,
        });
    }

    private static Credential Find(ref string[]? endpoints, string? credentialText, string? credentialPath)
    {
        if (credentialText is null)
        {
            (endpoints, Credential found) = ClusterLocator.Find(Environment, endpoints, credentialPath);
            return found;
        }

        Credential credential = Credential.Parse(credentialText);
        try
        {
            endpoints = ClusterLocator.FindEndpoints(Environment, endpoints, credential);
            return credential;
        }
        catch
        {
            credential.Dispose();
            throw;
        }
    }

    private static void Stored(Call call, PutResult put, NativeTarget<ClientPutResult>? result)
    {
        if (put.MissingBlobs > 0)
            NativeLog.Warn($"put: {put.MissingBlobs} blobs could not be stored; the nodes will add them ({string.Join("; ", put.Problems)})");
        foreach (string skipped in put.Skipped)
            NativeLog.Warn($"put: left out {skipped}: neither a file, a folder nor a link");
        result?.Fill(new ClientPutResult
        {
            Stripes = (uint)put.Stripes,
            IncompleteStripes = (uint)put.IncompleteStripes,
            MissingBlobs = (uint)put.MissingBlobs,
            BlobsStored = (uint)put.BlobsStored,
            BlobsReused = (uint)put.BlobsReused,
            Bytes = (ulong)put.Bytes,
            StoredBytes = (ulong)put.StoredBytes,
        });
        call.Capability = put.Capability.ToString();
    }

    private static void WarnOfLosses(int rebuilt, int bad)
    {
        if (rebuilt > 0 || bad > 0)
            NativeLog.Warn($"get: {rebuilt} blobs had to be rebuilt, {bad} arrived with the wrong bytes; the nodes were told");
    }
}
