using Megatorrent.Core;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>Why etcd did not do what it was asked, and whether asking again may help.</summary>
internal sealed class EtcdFailure : Exception
{
    /// <summary>What a call came to.</summary>
    public enum Remedy
    {
        /// <summary>Asking again gives the same.</summary>
        None,

        /// <summary>Another member, or this one later, may answer.</summary>
        AskAnother,

        /// <summary>The token is not good any more: authenticate again.</summary>
        Authenticate,
    }

    /// <summary>Creates one.</summary>
    public EtcdFailure(ErrorKind kind, string message, Remedy remedy, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Cure = remedy;
    }

    /// <summary>The kind of failure.</summary>
    public ErrorKind Kind { get; }

    /// <summary>Whether asking again may help.</summary>
    public Remedy Cure { get; }

    /// <summary>The failure as callers of the client see it.</summary>
    public MegatorrentException Outward() => new(Kind, Message, this);

    // Numbers of google.rpc.Code, which the gateway passes on.
    private const int InvalidArgument = 3, DeadlineExceeded = 4, NotFound = 5, PermissionDenied = 7, ResourceExhausted = 8,
        FailedPrecondition = 9, Unavailable = 14, Unauthenticated = 16;

    /// <summary>What an error document of the gateway means.</summary>
    public static EtcdFailure Of(string endpoint, int httpStatus, int code, string message)
    {
        string said = message.Length <= 300 ? message : message[..300];
        bool aboutToken = message.Contains("invalid auth token", StringComparison.Ordinal)
            || message.Contains("auth store is old", StringComparison.Ordinal);
        return code switch
        {
            _ when aboutToken => new EtcdFailure(
                ErrorKind.Unauthorized, $"etcd at {endpoint} does not take the token any more: {said}", Remedy.Authenticate),
            InvalidArgument when message.Contains("user name is empty", StringComparison.Ordinal) => new EtcdFailure(
                ErrorKind.Unauthorized, $"etcd at {endpoint} wants a user; give --etcd-user and --etcd-password-file.", Remedy.None),
            InvalidArgument when message.Contains("authentication failed", StringComparison.Ordinal) => new EtcdFailure(
                ErrorKind.Unauthorized, $"etcd at {endpoint} does not know this user and password: {said}", Remedy.None),
            PermissionDenied => new EtcdFailure(
                ErrorKind.Unauthorized,
                $"etcd at {endpoint} does not permit it: {said}; grant the user's role readwrite on the prefix (etcdctl role grant-permission).",
                Remedy.None),
            Unauthenticated => new EtcdFailure(ErrorKind.Unauthorized, $"etcd at {endpoint} wants to know who asks: {said}", Remedy.Authenticate),
            NotFound => new EtcdFailure(ErrorKind.NotFound, $"etcd at {endpoint}: {said}", Remedy.None),
            Unavailable or DeadlineExceeded => new EtcdFailure(
                ErrorKind.Unreachable, $"etcd at {endpoint} cannot answer now: {said}", Remedy.AskAnother),
            ResourceExhausted => new EtcdFailure(
                ErrorKind.StoreFull, $"etcd at {endpoint} is full: {said}; compact and defragment it (etcdctl compact, defrag).", Remedy.None),
            FailedPrecondition => new EtcdFailure(ErrorKind.Unsupported, $"etcd at {endpoint}: {said}", Remedy.None),
            _ when httpStatus >= 500 => new EtcdFailure(
                ErrorKind.Unreachable, $"etcd at {endpoint} answered {httpStatus}: {said}", Remedy.AskAnother),
            _ => new EtcdFailure(ErrorKind.InputOutput, $"etcd at {endpoint} answered {httpStatus}: {said}", Remedy.None),
        };
    }
}
