using Megatorrent.Core;
using Megatorrent.Network.Uring;

namespace Megatorrent.Network;

/// <summary>
/// Connections over TCP by one of the engines of this machine: <see cref="UringTransport"/> where the kernel has it and lets us, or the
/// portable <see cref="TcpTransport"/>. The engine is looked for when it is first needed.
/// </summary>
public sealed class SystemTransport : ITransport
{
    /// <summary>The environment variable that chooses for programs that are not told otherwise.</summary>
    public const string Variable = "MEGATORRENT_TRANSPORT";

    private readonly bool _mayBePortable;
    private readonly bool _mayBeUring;

    private SystemTransport(string word, bool mayBePortable, bool mayBeUring)
    {
        Word = word;
        _mayBePortable = mayBePortable;
        _mayBeUring = mayBeUring;
    }

    /// <summary>io_uring where this machine has it, because <c>bench transport</c> measures it faster; else the portable engine.</summary>
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

    /// <summary>For people: why this machine cannot have io_uring, which was to be used; null where it can, or was not asked for.</summary>
    public string? Refusal
    {
        get
        {
            if (!_mayBeUring || UringTransport.TryGet(out string why) is { IsUsable: true })
                return null;
            return $"io_uring cannot be used here: {(why.Length > 0 ? why : "the kernel has begun to refuse it")}";
        }
    }

    private ITransport Engine
    {
        get
        {
            if (_mayBeUring && UringTransport.TryGet(out _) is { } uring && (uring.IsUsable || !_mayBePortable))
                return uring;
            return _mayBePortable
                ? TcpTransport.Instance
                : throw new MegatorrentException(
                    ErrorKind.Unsupported, $"{Refusal}. The transports '{Portable.Word}' and '{Auto.Word}' work everywhere.");
        }
    }

    /// <summary>The choice that a word stands for; without a word <see cref="Auto"/>.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/>: another word; the text lists them.</exception>
    public static SystemTransport Parse(string? word) => string.IsNullOrEmpty(word)
        ? Auto
        : All.FirstOrDefault(choice => choice.Word == word) ?? throw new MegatorrentException(
            ErrorKind.InvalidArgument,
            $"'{word}' is no transport; write {string.Join(" or ", All.Select(static choice => choice.Word))} ({Variable}).");

    /// <inheritdoc/>
    public ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken) =>
        Engine.ConnectAsync(endpoint, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken) =>
        Engine.ListenAsync(endpoint, cancellationToken);
}
