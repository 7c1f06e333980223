using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Client;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Online;

/// <summary>Operations tell how far they are, and can be stopped.</summary>
internal sealed class ProgressBehaviours(ClusterAccess cluster)
{
    /// <summary>The behaviours.</summary>
    public IEnumerable<Behaviour> All =>
    [
        new("client.progress", _ => ClusterAccess.WithClientAsync(ProgressAsync)),
        new("client.progress-cancels", _ => ClusterAccess.WithClientAsync(ProgressCancelsAsync)),
        new("client.callback-throws", _ => ClusterAccess.WithClientAsync(CallbackThrowsAsync)),
        new("client.callback-calls-back", _ => ClusterAccess.WithClientAsync(CallbackCallsBackAsync)),
        new("client.close-while-busy", _ => ClusterAccess.WithClientAsync(CloseWhileBusyAsync)),
        new("operation.cancel", _ => ClusterAccess.WithClientAsync(CancelAsync)),
    ];

    private async Task ProgressAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(21, 8 << 20);
        Told put = new(), get = new(), verify = new();
        Capability capability = (await client.PutBytesAsync(bytes, progress: put)).Capability;
        await client.GetAsync(capability, cluster.At("progress"), new GetOptions(), get);
        await client.VerifyAsync(capability, verify);
        int calls = put.Calls.Count + get.Calls.Count;
        foreach ((string name, Told told) in ((string, Told)[])[("put", put), ("get", get)])
        {
            Check.That(told.Calls.Count > 0, $"{name} told nothing");
            Check.That(told.Calls.All(call => call.BytesTotal == bytes.Length), $"{name} told another total");
            Check.Equal(bytes.Length, told.Calls.Max(call => call.BytesDone), $"the most that {name} told");
        }

        Check.That(verify.Calls.Count > 0, "verify told nothing");
        Check.That(verify.Calls.Max(call => call.BytesDone) >= bytes.Length, "verify told less than the bytes of the object");
        Check.Equal(calls, put.Calls.Count + get.Calls.Count, "the number of calls after the end");
    }

    private async Task ProgressCancelsAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(22, 32 << 20);
        using (var stop = new CancellationTokenSource())
        {
            await Check.GivesAsync(
                "MT_ERROR_CANCELED", () => client.PutBytesAsync(bytes, progress: new Told(_ => stop.Cancel()), cancellationToken: stop.Token), "the put");
        }

        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        string path = cluster.At("cancelled");
        using (var stop = new CancellationTokenSource())
        {
            await Check.GivesAsync(
                "MT_ERROR_CANCELED",
                async () => await client.GetAsync(capability, path, new GetOptions(), new Told(_ => stop.Cancel()), stop.Token),
                "the get");
        }

        Check.That(!Path.Exists(path), "something is at the path of the cancelled get");
        await client.GetAsync(capability, path, new GetOptions());
        Check.Same(bytes, await File.ReadAllBytesAsync(path), "what comes back afterwards");
    }

    private async Task CallbackThrowsAsync(MegatorrentClient client)
    {
        var thrown = new TimeZoneNotFoundException("thrown by the callback");
        byte[] bytes = Pattern.Of(23, 8 << 20);
        Capability capability = (await client.PutBytesAsync(bytes)).Capability;
        await MustThrow(() => client.PutBytesAsync(bytes, progress: new Told(_ => throw thrown)), "a put");
        await MustThrow(
            async () => await client.GetAsync(capability, cluster.At("thrown"), new GetOptions(), new Told(_ => throw thrown)), "a get");
        await MustThrow(async () => await client.VerifyAsync(capability, new Told(_ => throw thrown)), "a verify");
        Check.Same(bytes, await client.ReadBytesAsync(capability), "what comes back afterwards");

        async Task MustThrow(Func<Task> action, string what)
        {
            try
            {
                await action();
            }
            catch (TimeZoneNotFoundException seen) when (ReferenceEquals(seen, thrown))
            {
                return;
            }
            catch (Exception other)
            {
                throw new BehaviourException($"{what} ends with {Check.Describe(other)}");
            }

            throw new BehaviourException($"{what} succeeds although the callback threw");
        }
    }

    private static async Task CallbackCallsBackAsync(MegatorrentClient client)
    {
        var hash = new byte[Sha256.HashLength];
        int living = 0;
        var told = new Told(_ =>
        {
            Sha256.Hash("abc"u8, hash);
            living = client.View.Living.Count;
        });
        await client.PutBytesAsync(Pattern.Of(24, 1 << 20), progress: told);
        Check.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(hash), "the hash");
        Check.That(living > 0, "no member lives");
    }

    private static async Task CloseWhileBusyAsync(MegatorrentClient other)
    {
        ClientOptions options = ClusterAccess.Options();
        using (options.Credential)
        {
            MegatorrentClient client = await MegatorrentClient.ConnectAsync(options);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<PutResult> put = client.PutBytesAsync(Pattern.Of(25, 64 << 20), progress: new Told(_ => started.TrySetResult()));
            await Task.WhenAny(started.Task, put);
            await client.DisposeAsync();
            string status = await Check.StatusOfAsync(() => put);
            Check.That(status.StartsWith("MT_", StringComparison.Ordinal), $"the put ends with {status}");
            Check.That(await Check.StatusOfAsync(() => client.PutBytesAsync([1])) != "MT_OK", "a closed client puts");
            await client.DisposeAsync();
        }

        Check.Same(new byte[] { 1 }, await other.ReadBytesAsync((await other.PutBytesAsync([1])).Capability), "what another client brings back");
    }

    private static async Task CancelAsync(MegatorrentClient client)
    {
        byte[] bytes = Pattern.Of(26, 64 << 20);
        using (var stop = new CancellationTokenSource())
        {
            Task<PutResult> put = client.PutBytesAsync(bytes, cancellationToken: stop.Token);
            await stop.CancelAsync();
            await stop.CancelAsync();
            await Check.GivesOneOfAsync(["MT_ERROR_CANCELED", "MT_OK"], () => put, "a put that is cancelled");
            await stop.CancelAsync();
        }

        await Check.GivesAsync(
            "MT_ERROR_CANCELED", () => client.PutBytesAsync(bytes, cancellationToken: new CancellationToken(canceled: true)), "a put that never began");
        Check.Same(new byte[] { 1 }, await client.ReadBytesAsync((await client.PutBytesAsync([1])).Capability), "what comes back afterwards");
    }
}
