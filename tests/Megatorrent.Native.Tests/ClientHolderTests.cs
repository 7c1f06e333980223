using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Tests;

/// <summary>A client behind a handle, without a cluster: what closing waits for.</summary>
public sealed class ClientHolderTests
{
    [Fact]
    public async Task ClosingWaitsEvenForAnOperationThatNoThreadHasTakenUp()
    {
        for (int round = 0; round < 100; round++)
        {
            ClientHolder client = new(null!, null!);
            Operation operation = Start(new Call("test", client, static (_, token) => new TaskCompletionSource().Task.WaitAsync(token)));
            await Assert.ThrowsAsync<NullReferenceException>(client.CloseAsync); // the client that is not there, after all waiting
            Assert.Equal((true, Status.Canceled), (operation.IsComplete, operation.Outcome.Status));
            operation.Destroy();
        }
    }

    [Fact]
    public void NothingEntersAClosedClient()
    {
        ClientHolder client = new(null!, null!);
        Assert.True(client.TryEnter());
        Task closing = client.CloseAsync();
        Assert.False(closing.IsCompleted);
        Assert.False(client.TryEnter());
        client.Leave();
    }

    private static unsafe Operation Start(Call call)
    {
        nuint handle;
        Assert.Equal(Status.Ok, Operation.Start(&handle, call, null, null));
        Assert.True(HandleTable.Shared.TryGet(handle, HandleKind.Operation, out Operation? operation));
        return operation;
    }
}
