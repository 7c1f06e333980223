package org.megatorrent;

import java.util.Arrays;
import java.util.Objects;

/**
 * By which a node or client says who it is, in the second message that it writes in a Noise handshake.
 *
 * @param bytes the payload
 * @param clusterKey the Ed25519 public key of the cluster, 32 bytes
 */
public record PeerPayload(byte[] bytes, byte[] clusterKey) {
    /** The longest payload, in bytes. */
    public static final int LENGTH_MAX = 4608;

    /**
     * What a payload has proved.
     *
     * @param nodeId the SHA-256 of the public key, 32 bytes
     * @param publicKey the Ed25519 public key of the other side, 32 bytes
     * @param hasCertificate whether it has shown a valid certificate of the cluster
     * @param version of the protocol that both speak
     */
    public record Peer(byte[] nodeId, byte[] publicKey, boolean hasCertificate, int version) {
    }

    /**
     * Makes the payload with which the owner of a credential proves itself to a node of a cluster.
     *
     * @param credential the credential, {@code mtcred1:...}
     * @param staticKey the X25519 public key of this side in the session, 32 bytes
     * @return the payload
     * @throws MegatorrentException {@link Status#MALFORMED}: the credential was cut or mistyped
     * @throws IllegalArgumentException if the key has another length
     */
    public static PeerPayload create(String credential, byte[] staticKey) throws MegatorrentException {
        byte[] out = new byte[LENGTH_MAX];
        byte[] clusterKey = new byte[Ed25519.PUBLIC_KEY_LENGTH];
        int length = Check.status(Native.peerPayloadCreate(
            out, Text.bytes(credential, "The credential"), Check.length(staticKey, X25519.KEY_LENGTH, "A public key"), clusterKey));
        return new PeerPayload(Arrays.copyOf(out, length), clusterKey);
    }

    /**
     * Checks the payload of the other side against the key that the session has proved.
     *
     * @param payload the payload
     * @param remoteKey what {@link NoiseSession#remoteKey} says, 32 bytes
     * @param clusterKey the Ed25519 public key of the cluster, 32 bytes
     * @return who it is
     * @throws MegatorrentException {@link Status#MALFORMED}: the payload breaks its format; {@link Status#UNAUTHORIZED}: it does not prove
     *     the identity, or its certificate is not valid for the cluster now; {@link Status#UNSUPPORTED}: no version of the protocol in
     *     common
     * @throws IllegalArgumentException if a key has another length
     */
    public static Peer check(byte[] payload, byte[] remoteKey, byte[] clusterKey) throws MegatorrentException {
        long[] numbers = new long[2];
        byte[] nodeId = new byte[Cid.ID_LENGTH];
        byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_LENGTH];
        Objects.requireNonNull(payload, "payload");
        Check.length(remoteKey, X25519.KEY_LENGTH, "A public key");
        Check.length(clusterKey, Ed25519.PUBLIC_KEY_LENGTH, "A cluster's key");
        Check.status(Native.peerPayloadCheck(numbers, nodeId, publicKey, payload, remoteKey, clusterKey));
        return new Peer(nodeId, publicKey, numbers[0] == 1, (int) numbers[1]);
    }
}
