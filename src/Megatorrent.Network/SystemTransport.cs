using Megatorrent.Core;
using Megatorrent.Network.Uring;

namespace Megatorrent.Network;

/// <summary>
/// Connections over TCP by one of the engines of this machine: <see cref="UringTransport"/> where the kernel has it and lets us, or the
/// portable <see cref="TcpTransport"/>. The engine is looked for when it is first needed.
/// </summary>
public sealed class SystemTransport : ITransport
{
    private readonly bool _mayBePortable;
    private readonly bool _mayBeUring;

    private SystemTransport(string word, bool mayBePortable, bool mayBeUring)
    {
        Word = word;
        _mayBePortable = mayBePortable;
        _mayBeUring = mayBeUring;
    }

    /// <summary>The fastest that works here. What <c>bench transport</c> measures says which that is.</summary>
    public static SystemTransport Auto { get; } = new("auto", mayBePortable: true, mayBeUring: true);

    /// <summary>The portable engine.</summary>
    public static SystemTransport Portable { get; } = new("portable", mayBePortable: true, mayBeUring: false);

    /// <summary>Linux's io_uring or nothing: where it cannot be used, every call throws <see cref="ErrorKind.Unsupported"/>.</summary>
    public static SystemTransport IoUring { get; } = new("io_uring", mayBePortable: false, mayBeUring: true);

    /// <summary>Every choice, the default first.</summary>
    public static IReadOnlyList<SystemTransport> All { get; } = [Auto, Portable, IoUring];

    /// <summary>The choice as people write it.</summary>
    public string Word { get; }

    /// <summary>The engine in use.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unsupported"/>: it cannot be used; the text says why.</exception>
    public string Name => Engine.Name;

    private ITransport Engine
    {
        get
        {
            string why = "";
            if (_mayBeUring && UringTransport.TryGet(out why) is { } uring && (uring.IsUsable || !_mayBePortable))
                return uring;
            return _mayBePortable
                ? TcpTransport.Instance
                : throw new MegatorrentException(
                    ErrorKind.Unsupported, $"io_uring cannot be used here: {why}. The transports 'portable' and 'auto' work everywhere.");
        }
    }

    /// <summary>The choice that a word stands for; null where it stands for none.</summary>
    public static SystemTransport? Find(string word) => All.FirstOrDefault(choice => choice.Word == word);

    /// <inheritdoc/>
    public ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken) =>
        Engine.ConnectAsync(endpoint, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken) =>
        Engine.ListenAsync(endpoint, cancellationToken);
}
