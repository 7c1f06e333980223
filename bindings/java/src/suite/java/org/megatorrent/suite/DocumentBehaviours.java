package org.megatorrent.suite;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.megatorrent.Bencode;
import org.megatorrent.BencodeReader;
import org.megatorrent.BencodeWriter;
import org.megatorrent.BlobOptions;
import org.megatorrent.Capability;
import org.megatorrent.Manifest;
import org.megatorrent.MegatorrentException;
import org.megatorrent.ObjectKind;
import org.megatorrent.SealedBlob;
import org.megatorrent.Suite;

/** bencode.*, capability.* and manifest.*. */
final class DocumentBehaviours {
    private static final int KEY = 5;

    private final Vectors vectors;

    private DocumentBehaviours(Vectors vectors) {
        this.vectors = vectors;
    }

    static void list(Vectors vectors, org.megatorrent.suite.Suite.Book book) {
        DocumentBehaviours all = new DocumentBehaviours(vectors);
        book.add("bencode.read", all::bencodeRead);
        book.add("bencode.bad", all::bencodeBad);
        book.add("bencode.write", all::bencodeWrite);
        book.add("bencode.write-bad", all::bencodeWriteBad);
        book.add("bencode.skip", all::bencodeSkip);
        book.add("bencode.limits", all::bencodeLimits);
        book.add("capability.good", all::capabilityGood);
        book.add("capability.verify", all::capabilityVerify);
        book.add("capability.bad", all::capabilityBad);
        book.add("manifest.open", all::manifestOpen);
        book.add("manifest.public", all::manifestPublic);
        book.add("manifest.seal", all::manifestSeal);
        book.add("manifest.bad", all::manifestBad);
        book.add("manifest.refused", all::manifestRefused);
    }

    private void bencodeRead() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("bencode", "good")) {
            byte[] document = each.bytes("document");
            try (BencodeReader reader = new BencodeReader(document)) {
                for (Vectors.Case token : each.cases("tokens")) {
                    BencodeReader.Token type = reader.next();
                    Expect.equal(token.integer("type"), type.ordinal() + 1, each.name() + ", type");
                    Expect.equal(token.integer("depth"), reader.depth(), each.name() + ", depth");
                    Expect.equal(token.integer("offset"), reader.offset(), each.name() + ", offset");
                    Expect.equal(token.integer("length"), reader.length(), each.name() + ", length");
                    if (type == BencodeReader.Token.INTEGER) {
                        Expect.equal(token.number("integer"), reader.integer(), each.name() + ", integer");
                    }
                    if (type == BencodeReader.Token.BYTES || type == BencodeReader.Token.KEY) {
                        int offset = token.integer("offset");
                        byte[] content = Arrays.copyOfRange(document, offset, offset + token.integer("length"));
                        Expect.equal(content, reader.bytes(), each.name() + ", bytes");
                    }
                }
                mustEnd(reader, each.name());
            }
        }
    }

    private static void mustEnd(BencodeReader reader, String what) {
        for (int i = 0; i < 2; i++) {
            Expect.equal(BencodeReader.Token.DOCUMENT_END, reader.next(), what + ", end");
        }
    }

    private void bencodeBad() {
        for (Vectors.Case each : vectors.cases("bencode", "bad")) {
            Expect.fails(() -> new BencodeReader(each.bytes("document")).close(), each.name(), each.text("status"));
        }
    }

    private void bencodeWrite() {
        for (Vectors.Case each : vectors.cases("bencode", "good")) {
            byte[] document = each.bytes("document");
            try (BencodeWriter writer = new BencodeWriter()) {
                for (Vectors.Case token : each.cases("tokens")) {
                    int offset = token.integer("offset");
                    switch (BencodeReader.Token.values()[token.integer("type") - 1]) {
                        case INTEGER -> writer.integer(token.number("integer"));
                        case BYTES -> writer.bytes(Arrays.copyOfRange(document, offset, offset + token.integer("length")));
                        case KEY -> writer.key(Arrays.copyOfRange(document, offset, offset + token.integer("length")));
                        case LIST -> writer.beginList();
                        case DICTIONARY -> writer.beginDictionary();
                        case END -> writer.end();
                        default -> throw new IllegalStateException(token.toString());
                    }
                }
                Expect.equal(document, writer.finish(), each.name());
            }
            try {
                Expect.equal(document, Bencode.encode(Bencode.decode(document)), each.name() + ", as a tree");
            } catch (MegatorrentException exception) {
                throw new AssertionError(each.name() + ", as a tree", exception);
            }
        }
    }

    private static void step(BencodeWriter writer, Vectors.Case step) {
        switch (step.text("call")) {
            case "integer" -> writer.integer(step.number("value"));
            case "bytes" -> writer.bytes(step.bytes("data"));
            case "key" -> writer.key(step.bytes("data"));
            case "list" -> writer.beginList();
            case "dictionary" -> writer.beginDictionary();
            case "end" -> writer.end();
            case "finish" -> writer.finish();
            default -> throw new IllegalArgumentException(step.text("call"));
        }
    }

    /** After the step that is refused both writers can be brought to the same end, and give the same document. */
    private void bencodeWriteBad() {
        for (Vectors.Case each : vectors.cases("bencode", "misuse")) {
            List<Vectors.Case> steps = each.cases("steps");
            try (BencodeWriter writer = new BencodeWriter(); BencodeWriter twin = new BencodeWriter()) {
                for (Vectors.Case step : steps.subList(0, steps.size() - 1)) {
                    step(writer, step);
                    step(twin, step);
                }
                Expect.fails(() -> step(writer, steps.get(steps.size() - 1)), each.name(), each.text("status"));
                Expect.equal(complete(twin), complete(writer), each.name() + ", completed");
            }
        }
    }

    /** Tries what may be due until the document is whole. */
    private static byte[] complete(BencodeWriter writer) {
        for (int i = 0; i <= 2 * Bencode.DEPTH_MAX; i++) {
            try {
                return writer.finish();
            } catch (IllegalStateException open) {
                try {
                    writer.end();
                } catch (IllegalStateException valueIsDue) {
                    writer.integer(1);
                }
            }
        }
        throw new AssertionError("the document does not end");
    }

    private void bencodeSkip() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("bencode", "good")) {
            try (BencodeReader reader = new BencodeReader(each.bytes("document"))) {
                reader.skip();
                mustEnd(reader, each.name());
            }
        }
        Vectors.Case everything = vectors.named("bencode", "good", "dictionary of everything");
        List<Integer> keys = new ArrayList<>();
        for (Vectors.Case token : everything.cases("tokens")) {
            if (token.integer("type") == KEY && token.integer("depth") == 1) {
                keys.add(token.integer("offset"));
            }
        }
        try (BencodeReader reader = new BencodeReader(everything.bytes("document"))) {
            Expect.equal(BencodeReader.Token.DICTIONARY, reader.next(), "beginning");
            Expect.fails(reader::skip, "skipping a key", "MT_ERROR_STATE");
            List<Integer> seen = new ArrayList<>();
            while (reader.next() == BencodeReader.Token.KEY) {
                seen.add(reader.offset());
                reader.skip();
            }
            Expect.equal(keys, seen, "keys");
            mustEnd(reader, "after the keys");
        }
    }

    private void bencodeLimits() {
        byte[] document = new byte[Bencode.LENGTH_MAX + 1];
        byte[] prefix = (document.length - 9 + ":").getBytes();
        System.arraycopy(prefix, 0, document, 0, prefix.length);
        Expect.equal(9, prefix.length, "prefix");
        Expect.fails(() -> new BencodeReader(document).close(), "reading", "MT_ERROR_LIMIT_EXCEEDED");
        try (BencodeWriter writer = new BencodeWriter()) {
            Expect.fails(() -> writer.bytes(new byte[document.length - 9]), "writing", "MT_ERROR_LIMIT_EXCEEDED");
        }
    }

    private static Capability capability(Vectors.Case each) throws MegatorrentException {
        return each.flag("canRead")
            ? Capability.toRead(each.bytes("rootId"), each.bytes("key"), each.number("rootLength"), (int) each.number("parityShards"))
            : Capability.toVerify(each.bytes("rootId"), each.number("rootLength"), (int) each.number("parityShards"));
    }

    private void capabilityGood() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("capabilities", "good")) {
            Capability parsed = Capability.parse(each.text("text"));
            Expect.equal(each.flag("canRead"), parsed.canRead(), each.name() + ", can read");
            Expect.equal(each.bytes("rootId"), parsed.rootId(), each.name() + ", root id");
            Expect.equal(each.bytes("key"), parsed.key().orElse(new byte[32]), each.name() + ", key");
            Expect.equal(each.number("rootLength"), parsed.rootLength(), each.name() + ", root length");
            Expect.equal(each.integer("parityShards"), parsed.parityShards(), each.name() + ", parity shards");
            Expect.equal(each.text("canonical"), capability(each).text(), each.name());
        }
    }

    private void capabilityVerify() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("capabilities", "good")) {
            Expect.equal(each.text("verify"), Capability.parse(each.text("text")).toVerify().text(), each.name());
        }
    }

    private void capabilityBad() {
        for (Vectors.Case each : vectors.cases("capabilities", "bad")) {
            Expect.fails(() -> Capability.parse(each.text("text")), each.name(), each.text("status"));
        }
        for (Vectors.Case each : vectors.cases("capabilities", "badFields")) {
            Expect.fails(() -> capability(each), each.name(), each.text("status"));
        }
    }

    private static Instant time(Vectors.Case each) {
        return Instant.EPOCH.plusNanos(each.number("modifiedUnixNs"));
    }

    private void manifestOpen() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("manifests", "manifests")) {
            try (Manifest manifest = Manifest.open(each.bytes("blob"), each.bytes("key"))) {
                Manifest.Info info = manifest.info();
                Expect.equal(each.integer("kind"), info.kind().ordinal(), each.name() + ", kind");
                Expect.equal(each.integer("mode"), info.mode(), each.name() + ", mode");
                Expect.equal(each.text("objectName"), info.name(), each.name() + ", name");
                Expect.equal(time(each), info.modified(), each.name() + ", time");
                Expect.that(info.hasKeys(), each.name() + " has no keys");
                compare(each, manifest, true);
            }
        }
    }

    private void manifestPublic() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("manifests", "manifests")) {
            try (Manifest manifest = Manifest.openPublic(each.bytes("blob"))) {
                int streams = each.cases("streams").size();
                Expect.equal(
                    new Manifest.Info(ObjectKind.NODE, "", 0, Instant.EPOCH, streams, false), manifest.info(), each.name() + ", info");
                compare(each, manifest, false);
            }
        }
    }

    private static void compare(Vectors.Case each, Manifest manifest, boolean hasKeys) {
        List<Vectors.Case> streams = each.cases("streams");
        Expect.equal(streams.size(), manifest.info().streams(), each.name() + ", streams");
        for (int s = 0; s < streams.size(); s++) {
            List<Vectors.Case> stripes = streams.get(s).cases("stripes");
            Manifest.Stream stream = new Manifest.Stream(
                streams.get(s).integer("depth"), hasKeys ? streams.get(s).number("length") : 0, stripes.size());
            Expect.equal(stream, manifest.stream(s), each.name() + ", stream " + s);
            for (int t = 0; t < stripes.size(); t++) {
                String what = each.name() + ", stream " + s + ", stripe " + t;
                List<Vectors.Case> blobs = stripes.get(t).cases("blobs");
                Manifest.Stripe stripe = manifest.stripe(s, t);
                Expect.equal(stripes.get(t).integer("dataShards"), stripe.dataShards(), what + ", k");
                Expect.equal(stripes.get(t).integer("parityShards"), stripe.parityShards(), what + ", m");
                Expect.equal(stripes.get(t).integer("shardLength"), stripe.shardLength(), what + ", shard length");
                Expect.equal(blobs.size(), stripe.ids(), what + ", ids");
                Expect.equal(stripes.get(t).bytes("id"), stripe.id(), what + ", id");
                for (int b = 0; b < blobs.size(); b++) {
                    compare(blobs.get(b), manifest.blob(s, t, b), hasKeys, what + ", blob " + b);
                }
            }
        }
    }

    private static void compare(Vectors.Case expected, Manifest.StripeBlob blob, boolean hasKeys, String what) {
        boolean hasKey = hasKeys && !expected.text("key").isEmpty();
        Expect.equal(expected.bytes("id"), blob.id(), what + ", id");
        Expect.equal(expected.integer("length"), blob.length(), what + ", length");
        Expect.equal(hasKeys ? expected.number("plaintextLength") : 0L, blob.plaintextLength(), what + ", plaintext length");
        Expect.equal(hasKey, blob.key().isPresent(), what + ", has a key");
        if (hasKey) {
            Expect.equal(expected.bytes("key"), blob.key().orElseThrow(), what + ", key");
        }
    }

    private void manifestSeal() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("manifests", "manifests")) {
            ObjectKind kind = ObjectKind.values()[each.integer("kind")];
            try (Manifest manifest = Manifest.create(kind, each.text("objectName"), each.integer("mode"), time(each))) {
                for (Vectors.Case stream : each.cases("streams")) {
                    manifest.addStream(stream.integer("depth"));
                    for (Vectors.Case stripe : stream.cases("stripes")) {
                        add(manifest, stripe);
                    }
                }
                SealedBlob sealed = manifest.seal(BlobOptions.builder()
                    .suite(Suite.values()[each.integer("suite") - 1]).tenantSecret(each.bytes("tenantSecret")).build());
                Expect.equal(each.bytes("blob"), sealed.bytes(), each.name());
                Expect.equal(each.bytes("id"), sealed.id(), each.name() + ", id");
                Expect.equal(each.bytes("key"), sealed.key(), each.name() + ", key");
            }
        }
    }

    private static void add(Manifest manifest, Vectors.Case stripe) {
        List<Vectors.Case> blobs = stripe.cases("blobs");
        int k = stripe.integer("dataShards");
        List<Manifest.DataBlob> data = new ArrayList<>();
        for (Vectors.Case blob : blobs.subList(0, k)) {
            data.add(new Manifest.DataBlob(
                blob.integer("length"), blob.number("plaintextLength"), blob.bytes("id"), blob.bytes("key")));
        }
        List<byte[]> parity = new ArrayList<>();
        for (Vectors.Case blob : blobs.subList(k, blobs.size())) {
            parity.add(blob.bytes("id"));
        }
        manifest.addStripe(data, stripe.integer("parityShards"), parity);
    }

    private void manifestBad() {
        for (Vectors.Case each : vectors.cases("manifests", "bad")) {
            Expect.fails(
                () -> {
                    byte[] blob = each.bytes("blob");
                    (each.text("key").isEmpty() ? Manifest.openPublic(blob) : Manifest.open(blob, each.bytes("key"))).close();
                },
                each.name(), each.text("status"));
        }
    }

    private void manifestRefused() throws MegatorrentException {
        Vectors.Case good = vectors.cases("manifests", "manifests").get(0);
        List<Manifest.DataBlob> data = List.of(new Manifest.DataBlob(1032, 1000, new byte[32], new byte[32]));
        try (Manifest opened = Manifest.open(good.bytes("blob"), good.bytes("key"))) {
            Expect.fails(() -> opened.addStream(0), "a stream added to an opened one", "MT_ERROR_STATE");
            Expect.fails(() -> opened.addStripe(data, 2, List.of()), "a stripe added to an opened one", "MT_ERROR_STATE");
            Expect.fails(() -> opened.stream(99), "stream 99", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> opened.stripe(0, 99), "stripe 99", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> opened.stripe(99, 0), "stripe of stream 99", "MT_ERROR_INVALID_ARGUMENT");
            Expect.fails(() -> opened.blob(0, 0, 99), "blob 99", "MT_ERROR_INVALID_ARGUMENT");
        }
        try (Manifest file = Manifest.create(ObjectKind.FILE, "a", 0644, Instant.EPOCH)) {
            Expect.fails(() -> file.addStripe(data, 2, List.of()), "a stripe before a stream", "MT_ERROR_STATE");
            Expect.fails(() -> file.seal(BlobOptions.DEFAULT), "a file without a stream", "MT_ERROR_STATE");
            file.addStream(0);
            Expect.fails(() -> file.addStripe(List.of(), 2, List.of()), "a stripe with k = 0", "MT_ERROR_INVALID_ARGUMENT");
        }
        try (Manifest directory = Manifest.create(ObjectKind.DIRECTORY, "a", 0755, Instant.EPOCH)) {
            directory.addStream(0);
            Expect.fails(() -> directory.seal(BlobOptions.DEFAULT), "a directory with one stream", "MT_ERROR_STATE");
        }
        for (String name : new String[] {"a/b", "a".repeat(256)}) {
            Expect.fails(
                () -> Manifest.create(ObjectKind.FILE, name, 0644, Instant.EPOCH).close(), "a name of " + name,
                "MT_ERROR_INVALID_ARGUMENT");
        }
    }
}
