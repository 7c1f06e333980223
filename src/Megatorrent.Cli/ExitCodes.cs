using Megatorrent.Core;

namespace Megatorrent.Cli;

/// <summary>
/// What the process exits with. Scripts depend on these numbers: they stand in every <c>--help</c>, a test holds them, and none is reused.
/// </summary>
internal static class ExitCodes
{
    /// <summary>The command did what it says.</summary>
    public const int Done = 0;

    /// <summary>Anything that has no better code: a missing file, a time limit, a defect of ours.</summary>
    public const int Other = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>Fewer than k blobs of a stripe are left, or too few nodes live to store safely.</summary>
    public const int NotEnoughBlobs = 3;

    /// <summary>Bytes that are not what their name says, or a peer or credential that was refused.</summary>
    public const int Integrity = 4;

    /// <summary>No node of the cluster answers, or no cluster is known.</summary>
    public const int NoCluster = 5;

    /// <summary>The cluster has no room left.</summary>
    public const int StoreFull = 6;

    /// <summary>Stopped by SIGINT or SIGTERM; 128 + 2, as shells write it.</summary>
    public const int Interrupted = 130;

    /// <summary>The paragraph that ends every help text.</summary>
    public const string Help =
        "0 done, 2 usage, 3 not enough blobs left, 4 integrity or authentication failure, 5 no cluster reachable, 6 store full, " +
        "130 interrupted, 1 anything else";

    /// <summary>The exit code for a kind of failure.</summary>
    public static int Of(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidArgument => Usage,
        ErrorKind.NotEnoughBlobs => NotEnoughBlobs,
        ErrorKind.Integrity or ErrorKind.Unauthorized or ErrorKind.Malformed or ErrorKind.ProtocolViolation => Integrity,
        ErrorKind.Unreachable => NoCluster,
        ErrorKind.StoreFull => StoreFull,
        ErrorKind.Canceled => Interrupted,
        _ => Other,
    };
}
