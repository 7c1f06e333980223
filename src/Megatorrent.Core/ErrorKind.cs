namespace Megatorrent.Core;

/// <summary>
/// What went wrong, in the terms a caller acts on. Each value becomes one exit code of the command line, one status of the C ABI
/// and one error code on the wire, so the numbers are frozen (a test holds them) and never reused.
/// </summary>
public enum ErrorKind
{
    /// <summary>A defect of ours, or a failure with no better name.</summary>
    Internal = 1,

    /// <summary>The caller passed something that cannot be used: a bad scheme, name, range or option.</summary>
    InvalidArgument = 2,

    /// <summary>Bytes that do not parse: a capability, manifest, message or record that breaks its format.</summary>
    Malformed = 3,

    /// <summary>Fewer than k blobs of a stripe can be read, or too few nodes live to store one safely.</summary>
    NotEnoughBlobs = 4,

    /// <summary>Bytes that parse but are not what their id, checksum or authentication tag says.</summary>
    Integrity = 5,

    /// <summary>A peer that did not prove its identity, or a certificate that is absent, expired, foreign or of the wrong role.</summary>
    Unauthorized = 6,

    /// <summary>No node answers, or the connection was lost.</summary>
    Unreachable = 7,

    /// <summary>The store has reached its capacity, or the disk is full.</summary>
    StoreFull = 8,

    /// <summary>What was asked for is not here.</summary>
    NotFound = 9,

    /// <summary>The operating system refused an operation on a file or directory.</summary>
    InputOutput = 10,

    /// <summary>A bounded wait ended without an answer.</summary>
    Timeout = 11,

    /// <summary>Well-formed, but a version, suite or kind that this build does not know.</summary>
    Unsupported = 12,

    /// <summary>The caller cancelled.</summary>
    Canceled = 13,

    /// <summary>A limit on sizes, rates or requests under way was exceeded.</summary>
    LimitExceeded = 14,

    /// <summary>A peer broke the rules of the protocol.</summary>
    ProtocolViolation = 15,
}
