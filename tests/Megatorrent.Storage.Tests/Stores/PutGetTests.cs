using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Stores;

public sealed class PutGetTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mt-store-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_put_is_there_after_a_restart()
    {
        byte[] blob = [1, 2, 3];
        BlobId id = BlobId.Of(blob);
        BlobId stripe = BlobId.Of([9]);
        await using (BlobStore store = await OpenAsync())
        {
            Assert.True(await store.PutAsync(id, blob, stripe, new byte[] { 7 }));
            Assert.False(await store.PutAsync(id, blob));
            using BlobLease lease = await store.GetAsync(id);
            Assert.Equal(blob, lease.Memory.ToArray());
        }
        await using (BlobStore store = await OpenAsync())
        {
            Assert.True(store.Recovery.FromCheckpoint);
            using BlobLease lease = await store.GetAsync(id);
            Assert.Equal(blob, lease.Memory.ToArray());
            Assert.Equal([7], (await store.GetDescriptorAsync(stripe))!);
            await store.DeleteAsync(id);
            Assert.False(store.Contains(id));
        }
        File.Delete(Path.Combine(_directory, "CHECKPOINT"));
        await using (BlobStore store = await OpenAsync())
        {
            Assert.False(store.Recovery.FromCheckpoint);
            Assert.False(store.Contains(id));
            Assert.Equal([7], (await store.GetDescriptorAsync(stripe))!);
        }
    }

    private ValueTask<BlobStore> OpenAsync() => BlobStore.OpenAsync(PhysicalFileSystem.Instance, _directory, new BlobStoreOptions());
}
