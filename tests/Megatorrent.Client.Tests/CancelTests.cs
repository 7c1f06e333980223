namespace Megatorrent.Client.Tests;

/// <summary>A transfer that is cancelled from its progress ends there.</summary>
public sealed class CancelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_get_ends_with_the_call_that_cancels_it_also_when_the_rest_was_fetched_ahead()
    {
        await using PeerCluster cluster = await PeerCluster.StartAsync(6);
        await using MegatorrentClient client = await cluster.ConnectAsync();
        PutResult put = await client.PutAsync(new MemoryStream(new byte[20_000_000]), "file", new PutOptions());
        using var stop = new CancellationTokenSource();
        var progress = new CancelAtFirst(stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await client.GetAsync(put.Capability, _folder.At("copy"), new GetOptions(), progress, stop.Token));

        Assert.Equal(1, progress.Calls);
        Assert.False(File.Exists(_folder.At("copy")));
    }

    private sealed class CancelAtFirst(CancellationTokenSource stop) : IProgress<TransferProgress>
    {
        public int Calls { get; private set; }

        public void Report(TransferProgress value)
        {
            Calls++;
            stop.Cancel();
        }
    }
}
