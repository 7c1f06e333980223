using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Answers the two calls about surplus blobs: hints where this node may hold too much, and questions for a proof that it holds a blob and
/// will keep it. What it holds too much is deleted by repair cycles. Thread-safe.
/// </summary>
internal sealed class SurplusService : INodeService
{
    private const int MaxProofsUnderWay = 4; // reads and hashes a blob each; more at once are refused, and the askers keep what they have

    private readonly RepairService _repair;
    private readonly RepairContext _context;
    private int _proofs;

    /// <summary>Answers for a node's repair.</summary>
    public SurplusService(RepairService repair)
    {
        _repair = repair;
        _context = repair.Context;
        Calls =
        [
            new NodeCall(SurplusMessages.HintName, Role.Node, (_, body, _) => ValueTask.FromResult(AnswerHint(body.Span))),
            new NodeCall(SurplusMessages.ConfirmName, Role.Node, (_, body, stop) => AnswerConfirmAsync(body, stop)),
        ];
    }

    /// <inheritdoc/>
    public string Name => "surplus";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers
    {
        get
        {
            (long removed, long bytes, long refused, int candidates) = _context.Surplus.Numbers;
            return new Dictionary<string, long>
            {
                ["blobs-removed"] = removed,
                ["bytes-removed"] = bytes,
                ["kept-in-doubt"] = refused,
                ["stripes-waiting"] = candidates,
            };
        }
    }

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public void Start()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private byte[] AnswerHint(ReadOnlySpan<byte> body)
    {
        var bare = new List<BlobId>();
        foreach (BlobId stripe in SurplusMessages.DecodeHint(body))
        {
            if (_context.Store.ContainsDescriptor(stripe))
                _context.Surplus.Suspect(stripe);
            else
                bare.Add(stripe);
        }
        _repair.Wake();
        if (bare.Count > 0)
            _repair.Lost([], bare, "blobs without their descriptor were noticed"); // half of a put that a loss of power cut short
        return [];
    }

    private async ValueTask<byte[]> AnswerConfirmAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        (BlobId stripe, BlobId blob, byte[] nonce) = SurplusMessages.DecodeConfirm(body.Span);
        if (Interlocked.Increment(ref _proofs) > MaxProofsUnderWay)
        {
            Interlocked.Decrement(ref _proofs);
            throw new MegatorrentException(ErrorKind.LimitExceeded, "Too many proofs are asked for at once; ask again later.");
        }
        try
        {
            // A copy without its descriptor does not count: nobody could repair the stripe from it. The promise comes before the proof.
            bool isKept = _repair.IsStaying && _context.Store.Contains(blob) && _context.Store.ContainsDescriptor(stripe);
            if (!isKept || !_context.Surplus.TryPromise(blob))
                return SurplusMessages.EncodeProof(null);
            return SurplusMessages.EncodeProof(await ProveAsync(blob, nonce, cancellationToken));
        }
        finally
        {
            Interlocked.Decrement(ref _proofs);
        }
    }

    private async ValueTask<byte[]?> ProveAsync(BlobId blob, byte[] nonce, CancellationToken cancellationToken)
    {
        try
        {
            using (BlobLease lease = await _context.Store.GetAsync(blob, cancellationToken))
            {
                byte[]? proof = await _context.Executor.RunAsync(
                    static work => BlobId.Of(work.Lease.Memory.Span) == work.Blob
                        ? SurplusMessages.Prove(work.Nonce, work.Lease.Memory.Span)
                        : null,
                    (Lease: lease, Blob: blob, Nonce: nonce), cancellationToken);
                if (proof is not null)
                    return proof;
            }
            await _context.Store.CheckAsync(blob, cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Integrity or ErrorKind.NotFound)
        {
            // Gone since, or damaged: no proof.
        }
        _context.Log.Error($"blob {blob} was found damaged when it was to be confirmed; dropped");
        _repair.Lost([blob], [], "a damaged blob was found");
        return null;
    }
}
