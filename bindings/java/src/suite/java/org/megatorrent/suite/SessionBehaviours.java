package org.megatorrent.suite;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.megatorrent.MegatorrentException;
import org.megatorrent.NoiseOptions;
import org.megatorrent.NoiseSession;
import org.megatorrent.PeerPayload;
import org.megatorrent.Suite;
import org.megatorrent.Wire;
import org.megatorrent.WireMessage;
import org.megatorrent.WireType;
import org.megatorrent.X25519;

/** noise.* and wire.*. */
final class SessionBehaviours {
    private final Vectors vectors;

    private SessionBehaviours(Vectors vectors) {
        this.vectors = vectors;
    }

    static void list(Vectors vectors, org.megatorrent.suite.Suite.Book book) {
        SessionBehaviours all = new SessionBehaviours(vectors);
        book.add("noise.vectors", all::noiseVectors);
        book.add("noise.fresh", all::noiseFresh);
        book.add("noise.failures", all::noiseFailures);
        book.add("noise.turns", all::noiseTurns);
        book.add("noise.peer", all::noisePeer);
        book.add("noise.peer-bad", all::noisePeerBad);
        book.add("wire.encode", all::wireEncode);
        book.add("wire.decode", all::wireDecode);
        book.add("wire.stream", all::wireStream);
        book.add("wire.bad", all::wireBad);
        book.add("wire.unencodable", all::wireUnencodable);
    }

    private static NoiseSession session(Vectors.Case vector, boolean initiator, Suite suite, byte[] prologue) {
        String side = initiator ? "init" : "resp";
        byte[] secret = vector.bytes(side + "_static");
        return new NoiseSession((initiator ? NoiseOptions.initiator(secret) : NoiseOptions.responder(secret))
            .suite(suite).prologue(prologue).ephemeralSecretForTests(vector.bytes(side + "_ephemeral")).build());
    }

    private static Suite suite(Vectors.Case vector) {
        return vector.text("protocol_name").contains("AESGCM") ? Suite.AES_256_GCM : Suite.CHACHA20_POLY1305;
    }

    private void noiseVectors() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("noise", "vectors")) {
            try (NoiseSession initiator = session(each, true, suite(each), each.bytes("init_prologue"));
                NoiseSession responder = session(each, false, suite(each), each.bytes("resp_prologue"))) {
                List<Vectors.Case> messages = each.cases("messages");
                for (int i = 0; i < messages.size(); i++) {
                    NoiseSession from = i % 2 == 0 ? initiator : responder;
                    NoiseSession to = i % 2 == 0 ? responder : initiator;
                    byte[] message = from.write(messages.get(i).bytes("payload"));
                    Expect.equal(messages.get(i).bytes("ciphertext"), message, each.text("protocol_name") + ", message " + i);
                    Expect.equal(messages.get(i).bytes("payload"), to.read(message), each.text("protocol_name") + ", payload " + i);
                    if (i == 2) {
                        Expect.equal(each.bytes("handshake_hash"), initiator.handshakeHash(), "hash of the initiator");
                        Expect.equal(each.bytes("handshake_hash"), responder.handshakeHash(), "hash of the responder");
                        Expect.equal(X25519.publicKey(each.bytes("resp_static")), initiator.remoteKey(), "key of the responder");
                        Expect.equal(X25519.publicKey(each.bytes("init_static")), responder.remoteKey(), "key of the initiator");
                    }
                }
            }
        }
    }

    private static NoiseSession fresh(boolean initiator, Suite suite) {
        byte[] secret = X25519.generate().secret();
        return new NoiseSession(
            (initiator ? NoiseOptions.initiator(secret) : NoiseOptions.responder(secret)).suite(suite).build());
    }

    private static void shakeHands(NoiseSession initiator, NoiseSession responder) throws MegatorrentException {
        NoiseSession[] sides = {initiator, responder};
        for (int i = 0; i < 3; i++) {
            Expect.equal(NoiseSession.State.WRITE, sides[i % 2].state(), "state of the writer");
            Expect.equal(NoiseSession.State.READ, sides[(i + 1) % 2].state(), "state of the reader");
            Expect.equal(0, sides[(i + 1) % 2].read(sides[i % 2].write(new byte[0])).length, "payload");
        }
        for (NoiseSession side : sides) {
            Expect.equal(NoiseSession.State.ESTABLISHED, side.state(), "state");
        }
    }

    private void noiseFresh() throws MegatorrentException {
        for (Suite suite : Suite.values()) {
            try (NoiseSession initiator = fresh(true, suite); NoiseSession responder = fresh(false, suite)) {
                shakeHands(initiator, responder);
                for (int i = 0; i < 100; i++) {
                    byte[] payload = Vectors.pattern(i, i * 65_519 / 99);
                    Expect.equal(payload, responder.read(initiator.write(payload)), suite + ", message " + i);
                    Expect.equal(payload, initiator.read(responder.write(payload)), suite + ", answer " + i);
                }
                Expect.fails(() -> initiator.write(new byte[65_520]), suite + ", 65520 bytes", "MT_ERROR_LIMIT_EXCEEDED");
                Expect.equal(new byte[5], responder.read(initiator.write(new byte[5])), suite + ", afterwards");
            }
        }
    }

    private void noiseFailures() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("noise", "failures")) {
            Vectors.Case vector = vectors.cases("noise", "vectors").get(each.integer("vector"));
            boolean initiator = each.text("role").equals("initiator");
            List<String> messages = each.texts("messages");
            try (NoiseSession session = session(vector, initiator, Suite.values()[each.integer("suite") - 1], each.bytes("prologue"))) {
                for (int i = 0; i < messages.size() - 1; i++) {
                    if (i % 2 == (initiator ? 0 : 1)) {
                        session.write(vector.cases("messages").get(i).bytes("payload"));
                    } else {
                        session.read(Vectors.hex(messages.get(i)));
                    }
                }
                byte[] last = Vectors.hex(messages.get(messages.size() - 1));
                Expect.fails(() -> session.read(last), each.name(), each.text("status"));
                Expect.equal(NoiseSession.State.DEAD, session.state(), each.name() + ", state");
                Expect.fails(() -> session.read(last), each.name() + ", read again", "MT_ERROR_STATE");
                Expect.fails(() -> session.write(new byte[0]), each.name() + ", write", "MT_ERROR_STATE");
                Expect.fails(session::remoteKey, each.name() + ", remote key", "MT_ERROR_STATE");
                Expect.fails(session::handshakeHash, each.name() + ", hash", "MT_ERROR_STATE");
            }
        }
    }

    private void noiseTurns() {
        try (NoiseSession initiator = fresh(true, Suite.AES_256_GCM); NoiseSession responder = fresh(false, Suite.AES_256_GCM)) {
            Expect.fails(() -> initiator.read(new byte[48]), "reading out of turn", "MT_ERROR_STATE");
            Expect.fails(() -> responder.write(new byte[0]), "writing out of turn", "MT_ERROR_STATE");
            Expect.fails(initiator::remoteKey, "the remote key", "MT_ERROR_STATE");
            Expect.fails(initiator::handshakeHash, "the hash", "MT_ERROR_STATE");
        }
    }

    private void noisePeer() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("peers", "payloads")) {
            if (!each.text("credential").isEmpty()) {
                PeerPayload payload = PeerPayload.create(each.text("credential"), each.bytes("static"));
                Expect.equal(each.bytes("payload"), payload.bytes(), each.name() + ", payload");
                Expect.equal(each.bytes("clusterKey"), payload.clusterKey(), each.name() + ", cluster key");
            }
            PeerPayload.Peer peer = PeerPayload.check(each.bytes("payload"), each.bytes("static"), each.bytes("clusterKey"));
            Expect.equal(each.flag("hasCertificate"), peer.hasCertificate(), each.name() + ", has a certificate");
            Expect.equal(each.bytes("nodeId"), peer.nodeId(), each.name() + ", node id");
            Expect.equal(each.bytes("publicKey"), peer.publicKey(), each.name() + ", public key");
            Expect.equal(each.integer("version"), peer.version(), each.name() + ", version");
        }
    }

    private void noisePeerBad() {
        for (Vectors.Case each : vectors.cases("peers", "bad")) {
            Expect.fails(
                () -> PeerPayload.check(each.bytes("payload"), each.bytes("static"), each.bytes("clusterKey")), each.name(),
                each.text("status"));
        }
        for (Vectors.Case each : vectors.cases("peers", "badCredentials")) {
            Expect.fails(() -> PeerPayload.create(each.text("credential"), new byte[32]), each.name(), each.text("status"));
        }
    }

    private static WireMessage message(Vectors.Case each) {
        return WireMessage.builder(WireType.of(each.integer("type")))
            .flags((int) each.number("flags"))
            .requestNumber(each.number("requestNumber"))
            .id(each.bytes("id"))
            .offset(each.number("offset"))
            .length(each.number("length"))
            .code(each.number("code"))
            .versions(each.number("versionMin"), each.number("versionMax"))
            .features(each.number("features"))
            .limits(each.number("requestsMax"), each.number("blobLengthMax"), each.number("idleTimeoutMs"))
            .bytes(each.bytes("bytes"))
            .items(each.number("count"), each.bytes("items"))
            .build();
    }

    private static void compare(Vectors.Case expected, WireMessage seen, String what) {
        WireMessage message = message(expected);
        Expect.equal(message.type(), seen.type(), what + ", type");
        Expect.equal(message.flags(), seen.flags(), what + ", flags");
        Expect.equal(message.requestNumber(), seen.requestNumber(), what + ", request number");
        Expect.equal(message.id(), seen.id(), what + ", id");
        Expect.equal(message.offset(), seen.offset(), what + ", offset");
        Expect.equal(message.length(), seen.length(), what + ", length");
        Expect.equal(message.code(), seen.code(), what + ", code");
        Expect.equal(message.count(), seen.count(), what + ", count");
        Expect.equal(message.versionMin(), seen.versionMin(), what + ", lowest version");
        Expect.equal(message.versionMax(), seen.versionMax(), what + ", highest version");
        Expect.equal(message.features(), seen.features(), what + ", features");
        Expect.equal(message.requestsMax(), seen.requestsMax(), what + ", requests");
        Expect.equal(message.blobLengthMax(), seen.blobLengthMax(), what + ", blob length");
        Expect.equal(message.idleTimeoutMs(), seen.idleTimeoutMs(), what + ", timeout");
        Expect.equal(message.bytes(), seen.bytes(), what + ", bytes");
        Expect.equal(message.items(), seen.items(), what + ", items");
    }

    private void wireEncode() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("wire", "good")) {
            Expect.equal(each.bytes("frame"), Wire.encode(message(each.inner("message"))), each.name());
        }
    }

    private void wireDecode() throws MegatorrentException {
        for (String list : new String[] {"good", "decoded"}) {
            for (Vectors.Case each : vectors.cases("wire", list)) {
                byte[] bytes = each.bytes("frame");
                for (byte[] data : new byte[][] {bytes, Arrays.copyOf(bytes, bytes.length + 5)}) {
                    Wire.Frame frame = Wire.decode(data);
                    Expect.equal(bytes.length, frame.frameLength(), each.name() + ", length of the frame");
                    compare(each.inner("message"), frame.message().orElseThrow(), each.name());
                }
            }
        }
    }

    private void wireStream() throws MegatorrentException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Vectors.Case each : vectors.cases("wire", "good")) {
            byte[] bytes = each.bytes("frame");
            all.writeBytes(bytes);
            for (int length = 0; bytes.length <= 200 && length < bytes.length; length++) {
                Wire.Frame frame = Wire.decode(Arrays.copyOf(bytes, length));
                Expect.that(frame.message().isEmpty(), each.name() + ", " + length + " bytes: a message");
                Expect.equal(length < 12 ? 12 : bytes.length, frame.frameLength(), each.name() + ", " + length + " bytes");
            }
        }
        ByteBuffer stream = CodecBehaviours.direct(all.toByteArray());
        for (Vectors.Case each : vectors.cases("wire", "good")) {
            compare(each.inner("message"), Wire.decode(stream).message().orElseThrow(), each.name() + " in a stream");
        }
        Expect.equal(0, stream.remaining(), "bytes that are left");
    }

    private void wireBad() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("wire", "bad")) {
            if (each.text("status").equals("MT_ERROR_INCOMPLETE")) {
                Wire.Frame frame = Wire.decode(each.bytes("frame"));
                Expect.that(frame.message().isEmpty(), each.name() + ": a message");
                Expect.equal(each.integer("frameLength"), frame.frameLength(), each.name() + ", length of the frame");
            } else {
                Expect.fails(() -> Wire.decode(each.bytes("frame")), each.name(), each.text("status"));
            }
        }
    }

    private void wireUnencodable() {
        for (Vectors.Case each : vectors.cases("wire", "unencodable")) {
            Expect.fails(() -> Wire.encode(message(each.inner("message"))), each.name(), each.text("status"));
        }
    }
}
