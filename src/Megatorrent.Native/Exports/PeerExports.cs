using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;

namespace Megatorrent.Native.Exports;

/// <summary>Who a peer is: part 9 of <c>megatorrent.h</c>, which documents every function.</summary>
internal static unsafe class PeerExports
{
    [UnmanagedCallersOnly(EntryPoint = "mt_peer_payload_create")]
    private static Status Create(byte* destination, nuint capacity, nuint* length, byte* credential, byte* staticKey, byte* clusterKey)
    {
        try
        {
            Status status = Output.Check("dst", destination, capacity, length);
            ReadOnlySpan<byte> utf8 = default;
            if (status == Status.Ok)
                status = staticKey is null ? Guard.Null("static32") : NativeText.Read("credential", credential, out utf8);
            if (status == Status.Ok)
            {
                nuint clusterKeyLength = clusterKey is null ? 0u : Ed25519.PublicKeyLength;
                status = Guard.Apart(
                    [new("dst", destination, capacity), new("cluster_key32", clusterKey, clusterKeyLength)],
                    [new("static32", staticKey, X25519.KeyLength)]);
            }

            if (status != Status.Ok)
                return status;

            using SecretText text = new(utf8);
            using Credential parsed = Credential.Parse(text.Span);
            using Identity identity = parsed.CreateIdentity();
            byte[] payload = HandshakePayload.Create(identity, parsed.Certificate, new ReadOnlySpan<byte>(staticKey, X25519.KeyLength));
            status = Output.Bytes("dst", destination, capacity, length, payload);
            if (status == Status.Ok && clusterKey is not null)
                parsed.ClusterKey.CopyTo(new Span<byte>(clusterKey, Ed25519.PublicKeyLength));
            return status;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "mt_peer_payload_check")]
    private static Status Check(PeerInfo* peer, byte* payload, nuint length, byte* remoteStatic, byte* clusterKey) =>
        CheckInside(peer, payload, length, remoteStatic, clusterKey);

    [MethodImpl(MethodImplOptions.NoInlining)] // it has a buffer on the stack: see Guard
    private static Status CheckInside(PeerInfo* peer, byte* payload, nuint length, byte* remoteStatic, byte* clusterKey)
    {
        try
        {
            Status status = NativeStruct.Check("peer", peer, out uint size);
            if (status == Status.Ok)
                status = Guard.CheckInput("payload", payload, length);
            if (status == Status.Ok && (remoteStatic is null || clusterKey is null))
                status = Guard.Null(remoteStatic is null ? "remote_static32" : "cluster_key32");
            if (status == Status.Ok)
                status = Guard.CheckLength("length", length);
            if (status != Status.Ok)
                return status;
            if (length > HandshakePayload.MaxEncodedLength)
            {
                return LastError.Set(
                    Status.Malformed, $"length is {length}; no payload is longer than {HandshakePayload.MaxEncodedLength} bytes.");
            }

            PeerIdentity identity = HandshakePayload.Validate(
                new ReadOnlySpan<byte>(payload, (int)length),
                new ReadOnlySpan<byte>(remoteStatic, X25519.KeyLength),
                new ReadOnlySpan<byte>(clusterKey, Ed25519.PublicKeyLength),
                DateTimeOffset.UtcNow);
            PeerInfo found = new() { HasCertificate = identity.Certificate is null ? 0u : 1, Version = (uint)identity.ProtocolVersion };
            identity.Id.CopyTo(new Span<byte>(found.NodeId, NodeId.Length));
            identity.PublicKey.CopyTo(new Span<byte>(found.PublicKey, Ed25519.PublicKeyLength));
            NativeStruct.Write(peer, size, found);
            return Status.Ok;
        }
        catch (Exception exception)
        {
            return LastError.Set(exception);
        }
    }
}
