using Megatorrent.Core;

namespace Megatorrent.Native;

/// <summary>The names of the statuses, and how the errors of the inner houses become statuses.</summary>
internal static class StatusText
{
    /// <summary>
    /// The name of <paramref name="status"/> in the header. A UTF-8 literal: it lies in the program's read-only data, followed by
    /// a NUL that is not part of the span.
    /// </summary>
    public static ReadOnlySpan<byte> Name(Status status) => status switch
    {
        Status.Ok => "MT_OK"u8,
        Status.InvalidArgument => "MT_ERROR_INVALID_ARGUMENT"u8,
        Status.NullPointer => "MT_ERROR_NULL_POINTER"u8,
        Status.InvalidHandle => "MT_ERROR_INVALID_HANDLE"u8,
        Status.Length => "MT_ERROR_LENGTH"u8,
        Status.StructSize => "MT_ERROR_STRUCT_SIZE"u8,
        Status.Unsupported => "MT_ERROR_UNSUPPORTED"u8,
        Status.BufferTooSmall => "MT_ERROR_BUFFER_TOO_SMALL"u8,
        Status.Overlap => "MT_ERROR_OVERLAP"u8,
        Status.State => "MT_ERROR_STATE"u8,
        Status.Malformed => "MT_ERROR_MALFORMED"u8,
        Status.Integrity => "MT_ERROR_INTEGRITY"u8,
        Status.NotEnoughShards => "MT_ERROR_NOT_ENOUGH_SHARDS"u8,
        Status.NotFound => "MT_ERROR_NOT_FOUND"u8,
        Status.Incomplete => "MT_ERROR_INCOMPLETE"u8,
        Status.Unauthorized => "MT_ERROR_UNAUTHORIZED"u8,
        Status.Unreachable => "MT_ERROR_UNREACHABLE"u8,
        Status.Timeout => "MT_ERROR_TIMEOUT"u8,
        Status.ProtocolViolation => "MT_ERROR_PROTOCOL_VIOLATION"u8,
        Status.OutOfMemory => "MT_ERROR_OUT_OF_MEMORY"u8,
        Status.LimitExceeded => "MT_ERROR_LIMIT_EXCEEDED"u8,
        Status.StoreFull => "MT_ERROR_STORE_FULL"u8,
        Status.InputOutput => "MT_ERROR_INPUT_OUTPUT"u8,
        Status.Canceled => "MT_ERROR_CANCELED"u8,
        Status.Internal => "MT_ERROR_INTERNAL"u8,
        _ => "MT_ERROR_UNKNOWN"u8,
    };

    /// <summary>The status of an error that an inner house reported.</summary>
    public static Status From(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => Status.InvalidArgument,
        ErrorKind.Malformed => Status.Malformed,
        ErrorKind.NotEnoughBlobs => Status.NotEnoughShards,
        ErrorKind.Integrity => Status.Integrity,
        ErrorKind.Unauthorized => Status.Unauthorized,
        ErrorKind.Unreachable => Status.Unreachable,
        ErrorKind.StoreFull => Status.StoreFull,
        ErrorKind.NotFound => Status.NotFound,
        ErrorKind.InputOutput => Status.InputOutput,
        ErrorKind.Timeout => Status.Timeout,
        ErrorKind.Unsupported => Status.Unsupported,
        ErrorKind.Canceled => Status.Canceled,
        ErrorKind.LimitExceeded => Status.LimitExceeded,
        ErrorKind.ProtocolViolation => Status.ProtocolViolation,
        _ => Status.Internal,
    };

    /// <summary>The status of anything that was thrown.</summary>
    public static Status From(Exception exception) => exception switch
    {
        MegatorrentException known => From(known.Kind),
        StatusException own => own.Status,
        OutOfMemoryException => Status.OutOfMemory,
        OperationCanceledException => Status.Canceled,
        _ => Status.Internal,
    };
}
