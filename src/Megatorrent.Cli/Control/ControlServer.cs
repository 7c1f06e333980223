using System.Net.Sockets;
using System.Text.Json;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;
using Megatorrent.Core;

namespace Megatorrent.Cli.Control;

/// <summary>The node's side of its control socket. A command that goes away cancels what it asked for.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly Func<ControlRequest, CancellationToken, Task<ControlAnswer>> _handler;
    private readonly Socket _listener;
    private readonly string _path;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    private ControlServer(Socket listener, string path, Func<ControlRequest, CancellationToken, Task<ControlAnswer>> handler)
    {
        _listener = listener;
        _path = path;
        _handler = handler;
        _loop = AcceptAsync();
    }

    /// <summary>Listens in a data directory, whose store the caller has locked: a socket file that is there is left over.</summary>
    /// <returns>The server, or null where the path is too long for a socket.</returns>
    public static ControlServer? TryStart(string dataDirectory, Func<ControlRequest, CancellationToken, Task<ControlAnswer>> handler)
    {
        string path = ControlSocket.PathIn(dataDirectory);
        if (!ControlSocket.IsPossible(path))
            return null;
        File.Delete(path);
        Socket listener = ControlSocket.Create();
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, SecretFile.OwnerOnly); // before it listens, so nobody was let in
            listener.Listen(4);
            return new ControlServer(listener, path, handler);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        List<Task> conversations = [];
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                conversations.RemoveAll(conversation => conversation.IsCompleted);
                conversations.Add(ConverseAsync(socket));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task ConverseAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        using CancellationTokenSource work = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            string line = await ControlSocket.ReadLineAsync(stream, work.Token);
            Task gone = CancelWhenGoneAsync(stream, work);
            ControlAnswer answer = await AnswerAsync(line, work.Token);
            await ControlSocket.WriteAsync(stream, answer, ControlJson.Default.ControlAnswer, work.Token);
            await work.CancelAsync();
            await gone;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or MegatorrentException)
        {
            // The other side went away or wrote nonsense; nobody is left to tell.
        }
    }

    private async Task<ControlAnswer> AnswerAsync(string line, CancellationToken cancellationToken)
    {
        try
        {
            ControlRequest request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest)
                ?? throw new MegatorrentException(ErrorKind.Malformed, "the request is empty");
            return await _handler(request, cancellationToken);
        }
        catch (Exception exception) when (!StallGuard.IsCancellation(exception))
        {
            (int exitCode, string kind, string message) = exception is JsonException
                ? (ExitCodes.Integrity, nameof(ErrorKind.Malformed), "the request is not understood")
                : Failures.Describe(exception, interrupted: false);
            return new ControlAnswer(null, new ErrorDetail(kind, message, exitCode));
        }
    }

    private static async Task CancelWhenGoneAsync(NetworkStream stream, CancellationTokenSource work)
    {
        try
        {
            // The end of the stream, or a byte that should not be there: either way the question has been withdrawn.
            if (await stream.ReadAsync(new byte[1], work.Token) >= 0)
                await work.CancelAsync();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Done already.
        }
    }

    /// <summary>Stops listening, ends what is under way, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        File.Delete(_path);
        _stop.Dispose();
    }
}
