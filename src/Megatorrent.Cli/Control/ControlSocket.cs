using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Megatorrent.Core;

namespace Megatorrent.Cli.Control;

/// <summary>
/// The Unix socket in a node's data directory, over which a command of the same user reaches a node that has its store open. Who may
/// connect is what the file's mode (0600) says; each connection carries one request and one answer, a line of JSON each.
/// </summary>
internal static class ControlSocket
{
    private const int LineLengthMax = 1024 * 1024;

    // sun_path of sockaddr_un has 108 bytes on Linux and 104 on macOS, the NUL included.
    private const int PathLengthMax = 103;

    /// <summary>The socket of a data directory.</summary>
    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "control");

    /// <summary>Whether the system can have a socket under this name.</summary>
    public static bool IsPossible(string path) => Socket.OSSupportsUnixDomainSockets && Encoding.UTF8.GetByteCount(path) <= PathLengthMax;

    /// <summary>A socket.</summary>
    public static Socket Create() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Asks the node of a data directory.</summary>
    /// <returns>Its answer, a line; null when no node listens there.</returns>
    /// <exception cref="MegatorrentException">Unreachable: the node ended before it answered.</exception>
    public static async Task<string?> AskAsync(string dataDirectory, ControlRequest request, CancellationToken cancellationToken)
    {
        string path = PathIn(dataDirectory);
        if (!IsPossible(path) || !File.Exists(path))
            return null;
        using Socket socket = Create();
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException)
        {
            return null; // a node that was killed leaves the file
        }
        await using NetworkStream stream = new(socket);
        try
        {
            await WriteAsync(stream, request, ControlJson.Default.ControlRequest, cancellationToken);
            return await ReadLineAsync(stream, cancellationToken) is { Length: > 0 } line
                ? line
                : throw new MegatorrentException(ErrorKind.Unreachable, "the node ended before it was done");
        }
        catch (IOException exception)
        {
            throw new MegatorrentException(ErrorKind.Unreachable, $"the node ended before it was done: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a document as one line.</summary>
    public static async Task WriteAsync<T>(Stream stream, T document, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(document, type), (byte)'\n'];
        await stream.WriteAsync(line, cancellationToken);
    }

    /// <summary>Reads up to the end of a line; what is there when the stream ends first.</summary>
    /// <exception cref="MegatorrentException">LimitExceeded: the line is longer than any that this program writes.</exception>
    public static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream line = new();
        byte[] buffer = new byte[4096];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            int end = buffer.AsSpan(0, count).IndexOf((byte)'\n');
            line.Write(buffer, 0, end >= 0 ? end : count);
            if (end >= 0)
                break;
            if (line.Length > LineLengthMax)
                throw new MegatorrentException(ErrorKind.LimitExceeded, $"a line of control is longer than {LineLengthMax} bytes");
        }
        return Encoding.UTF8.GetString(line.ToArray());
    }
}
