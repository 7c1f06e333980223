using Megatorrent.Core;

namespace Megatorrent.Abi.Suite.Checks;

/// <summary>What a behaviour says about what it sees.</summary>
internal static class Check
{
    private const int ShownMax = 32;

    /// <summary>It must be so.</summary>
    public static void That(bool seen, string otherwise)
    {
        if (!seen)
            throw new BehaviourException(otherwise);
    }

    /// <summary>Two values must be equal.</summary>
    public static void Equal<T>(T expected, T seen, string what) =>
        That(EqualityComparer<T>.Default.Equals(expected, seen), $"{what} is {seen}, not {expected}");

    /// <summary>Bytes must be equal.</summary>
    public static void Bytes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> seen, string what)
    {
        if (expected.SequenceEqual(seen))
            return;
        int at = expected.CommonPrefixLength(seen);
        throw new BehaviourException(expected.Length != seen.Length
            ? $"{what} has {seen.Length} bytes, not {expected.Length}"
            : $"{what} differs from byte {at} on: {Show(seen[at..])}, not {Show(expected[at..])}");
    }

    /// <summary>Bytes must be equal; for code that awaits, where spans cannot be.</summary>
    public static void Same(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> seen, string what) => Bytes(expected.Span, seen.Span, what);

    /// <summary>The action must fail with a status, named as in the header.</summary>
    public static void Gives(string status, Action action, string what) => Equal(status, StatusOf(action), what);

    /// <summary>The action must fail with a status, named as in the header.</summary>
    public static async Task GivesAsync(string status, Func<Task> action, string what) => Equal(status, await StatusOfAsync(action), what);

    /// <summary>The action must fail with one of some statuses.</summary>
    public static async Task GivesOneOfAsync(string[] statuses, Func<Task> action, string what)
    {
        string seen = await StatusOfAsync(action);
        That(statuses.Contains(seen), $"{what} is {seen}, not {string.Join(" or ", statuses)}");
    }

    /// <summary>The status that the action would have in the C interface.</summary>
    public static string StatusOf(Action action)
    {
        try
        {
            action();
            return "MT_OK";
        }
        catch (Exception exception) when (exception is not BehaviourException)
        {
            return StatusOf(exception);
        }
    }

    /// <summary>The status that the action would have in the C interface.</summary>
    public static async Task<string> StatusOfAsync(Func<Task> action)
    {
        try
        {
            await action();
            return "MT_OK";
        }
        catch (Exception exception) when (exception is not BehaviourException)
        {
            return StatusOf(exception);
        }
    }

    /// <summary>Says with the name of a case what went wrong in it.</summary>
    public static void Named(string name, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is not SkipException)
        {
            throw new BehaviourException($"{name}: {Describe(exception)}");
        }
    }

    /// <summary>An exception in one line.</summary>
    public static string Describe(Exception exception)
    {
        string text = exception is BehaviourException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        return text.ReplaceLineEndings(" ");
    }

    private static string StatusOf(Exception exception) => exception switch
    {
        MegatorrentException { Kind: ErrorKind.InvalidArgument } => "MT_ERROR_INVALID_ARGUMENT",
        MegatorrentException { Kind: ErrorKind.Malformed } => "MT_ERROR_MALFORMED",
        MegatorrentException { Kind: ErrorKind.NotEnoughBlobs } => "MT_ERROR_NOT_ENOUGH_SHARDS",
        MegatorrentException { Kind: ErrorKind.Integrity } => "MT_ERROR_INTEGRITY",
        MegatorrentException { Kind: ErrorKind.Unauthorized } => "MT_ERROR_UNAUTHORIZED",
        MegatorrentException { Kind: ErrorKind.Unreachable } => "MT_ERROR_UNREACHABLE",
        MegatorrentException { Kind: ErrorKind.StoreFull } => "MT_ERROR_STORE_FULL",
        MegatorrentException { Kind: ErrorKind.NotFound } => "MT_ERROR_NOT_FOUND",
        MegatorrentException { Kind: ErrorKind.InputOutput } => "MT_ERROR_INPUT_OUTPUT",
        MegatorrentException { Kind: ErrorKind.Timeout } => "MT_ERROR_TIMEOUT",
        MegatorrentException { Kind: ErrorKind.Unsupported } => "MT_ERROR_UNSUPPORTED",
        MegatorrentException { Kind: ErrorKind.Canceled } or OperationCanceledException => "MT_ERROR_CANCELED",
        MegatorrentException { Kind: ErrorKind.LimitExceeded } => "MT_ERROR_LIMIT_EXCEEDED",
        MegatorrentException { Kind: ErrorKind.ProtocolViolation } => "MT_ERROR_PROTOCOL_VIOLATION",
        ObjectDisposedException => "MT_ERROR_INVALID_HANDLE",
        ArgumentException => "MT_ERROR_INVALID_ARGUMENT",
        InvalidOperationException => "MT_ERROR_STATE",
        _ => Describe(exception),
    };

    private static string Show(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= ShownMax ? bytes.ToHex() : $"{bytes[..ShownMax].ToHex()}...";
}
