namespace Megatorrent.Native;

/// <summary>
/// What a call of the C ABI returns. The values are those of <c>megatorrent.h</c>, which says what each means; they are frozen by
/// a test and never reused.
/// </summary>
internal enum Status
{
    Ok = 0,

    InvalidArgument = -1,
    NullPointer = -2,
    InvalidHandle = -3,
    Length = -4,
    StructSize = -5,
    Unsupported = -6,
    BufferTooSmall = -7,
    Overlap = -8,
    State = -9,

    Malformed = -20,
    Integrity = -21,
    NotEnoughShards = -22,
    NotFound = -23,
    Incomplete = -24,

    Unauthorized = -40,
    Unreachable = -41,
    Timeout = -42,
    ProtocolViolation = -43,

    OutOfMemory = -60,
    LimitExceeded = -61,
    StoreFull = -62,
    InputOutput = -63,

    Canceled = -80,
    Internal = -81,
}
