package org.megatorrent.suite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megatorrent.Blob;
import org.megatorrent.BlobInfo;
import org.megatorrent.BlobOptions;
import org.megatorrent.Cid;
import org.megatorrent.Compression;
import org.megatorrent.Ed25519;
import org.megatorrent.Hashes;
import org.megatorrent.KeyPair;
import org.megatorrent.MegatorrentException;
import org.megatorrent.Megatorrent;
import org.megatorrent.ReedSolomon;
import org.megatorrent.SealedBlob;
import org.megatorrent.Status;
import org.megatorrent.Suite;
import org.megatorrent.X25519;

/** version.*, status.*, hash.*, merkle.*, cid.*, rs.*, blob.* and key.*. */
final class CodecBehaviours {
    private final Vectors vectors;

    private CodecBehaviours(Vectors vectors) {
        this.vectors = vectors;
    }

    static void list(Vectors vectors, org.megatorrent.suite.Suite.Book book) {
        CodecBehaviours all = new CodecBehaviours(vectors);
        book.add("version.abi", all::versionAbi);
        book.add("version.text", all::versionText);
        book.add("version.processor", all::versionProcessor);
        book.add("status.names", all::statusNames);
        book.add("status.text", all::statusText);
        book.add("hash.sha256", all::hashSha256);
        book.add("hash.sha256-many", all::hashSha256Many);
        book.add("merkle.root", all::merkleRoot);
        book.add("cid.good", all::cidGood);
        book.add("cid.bad", all::cidBad);
        book.add("rs.encode", all::rsEncode);
        book.add("rs.reconstruct", all::rsReconstruct);
        book.add("rs.reconstruct-some", all::rsReconstructSome);
        book.add("rs.too-few", all::rsTooFew);
        book.add("rs.verify", all::rsVerify);
        book.add("rs.update", all::rsUpdate);
        book.add("rs.limits", all::rsLimits);
        book.add("blob.seal", all::blobSeal);
        book.add("blob.open", all::blobOpen);
        book.add("blob.round-trip", all::blobRoundTrip);
        book.add("blob.fresh-keys", all::blobFreshKeys);
        book.add("blob.same-secret", all::blobSameSecret);
        book.add("blob.bad", all::blobBad);
        book.add("blob.limits", all::blobLimits);
        book.add("key.ed25519", all::keyEd25519);
        book.add("key.ed25519-bad", all::keyEd25519Bad);
        book.add("key.x25519", all::keyX25519);
        book.add("key.generate", all::keyGenerate);
    }

    private String header(String pattern) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(Files.readString(vectors.root().resolve("native/include/megatorrent.h")));
        Expect.that(found.find(), "the header has no " + pattern);
        return found.group(1);
    }

    private void versionAbi() throws IOException {
        int major = Integer.parseInt(header("#define MT_ABI_VERSION_MAJOR (\\d+)u"));
        int minor = Integer.parseInt(header("#define MT_ABI_VERSION_MINOR (\\d+)u"));
        Expect.equal(major << 16 | minor, Megatorrent.abiVersion(), "version");
    }

    private void versionText() throws IOException {
        Expect.equal(header("#define MT_VERSION_STRING \"(.*)\""), Megatorrent.version(), "version");
    }

    private void versionProcessor() {
        String level = Megatorrent.processor().level();
        Expect.that(List.of("x86-64-v3", "x86-64-v4", "portable").contains(level), "level " + level);
        Expect.that(Megatorrent.processor().kernels().contains("erasure="), "kernels " + Megatorrent.processor().kernels());
    }

    private void statusNames() {
        for (Vectors.Case each : vectors.cases("status", "statuses")) {
            Status status = Status.of(each.integer("value"));
            Expect.equal(each.text("name"), (status == Status.OK ? "MT_" : "MT_ERROR_") + status.name(), "name of " + status.code());
        }
    }

    private void statusText() {
        Throwable failure = Expect.fails(() -> new ReedSolomon(0, 1).close(), "0 data shards", "MT_ERROR_INVALID_ARGUMENT");
        Expect.that(failure.getCause() instanceof MegatorrentException cause && !cause.detail().isEmpty(), "no text");
        Expect.that(!failure.getMessage().isEmpty(), "no message");
    }

    private void hashSha256() {
        for (Vectors.Case each : vectors.cases("sha256", "cases")) {
            byte[] data = each.bytes("data");
            Expect.equal(each.bytes("sha256"), Hashes.sha256(data), each.name());
            Expect.equal(each.bytes("sha256"), Hashes.sha256(direct(data)), each.name() + ", direct");
        }
    }

    private void hashSha256Many() {
        List<Vectors.Case> cases = vectors.cases("sha256", "cases");
        byte[][] hashes = Hashes.sha256Many(cases.stream().map(each -> each.bytes("data")).toArray(byte[][]::new));
        byte[][] directly = Hashes.sha256Many(cases.stream().map(each -> direct(each.bytes("data"))).toArray(ByteBuffer[]::new));
        for (int i = 0; i < hashes.length; i++) {
            Expect.equal(cases.get(i).bytes("sha256"), hashes[i], cases.get(i).name());
            Expect.equal(cases.get(i).bytes("sha256"), directly[i], cases.get(i).name() + ", direct");
        }
        Expect.equal(0, Hashes.sha256Many(new byte[0][]).length, "hashes of nothing");
    }

    private void merkleRoot() {
        for (Vectors.Case each : vectors.cases("merkle", "cases")) {
            Expect.equal(each.bytes("root"), Hashes.merkleRoot(each.bytes("data")), each.name());
            Expect.equal(each.bytes("root"), Hashes.merkleRoot(direct(each.bytes("data"))), each.name() + ", direct");
        }
    }

    private void cidGood() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("cid", "good")) {
            Expect.equal(each.text("text"), Cid.format(each.bytes("id")), each.name());
            Expect.equal(each.bytes("id"), Cid.parse(each.text("text")), each.name());
        }
    }

    private void cidBad() {
        for (Vectors.Case each : vectors.cases("cid", "bad")) {
            Expect.fails(() -> Cid.parse(each.text("text")), each.name(), each.text("status"));
        }
    }

    /** A case of erasure.json with its shards, data before parity. */
    private record Stripe(String name, int dataShards, int parityShards, int length, byte[][] shards) {
        byte[][] data() {
            return Arrays.copyOfRange(shards, 0, dataShards);
        }

        byte[][] parity() {
            return Arrays.copyOfRange(shards, dataShards, shards.length);
        }

        byte[][] copy() {
            return Arrays.stream(shards).map(byte[]::clone).toArray(byte[][]::new);
        }
    }

    private static Stripe stripe(Vectors.Case each, ReedSolomon code) {
        int length = each.integer("shardLength");
        byte[][] shards = new byte[code.dataShards() + code.parityShards()][length];
        Vectors.Pattern pattern = new Vectors.Pattern(each.number("seed"));
        for (int i = 0; i < code.dataShards(); i++) {
            int filled = each.json().getAsJsonArray("dataLengths").get(i).getAsInt();
            System.arraycopy(pattern.bytes(filled), 0, shards[i], 0, filled);
        }
        Stripe stripe = new Stripe(each.name(), code.dataShards(), code.parityShards(), length, shards);
        code.encode(stripe.data(), stripe.parity());
        return stripe;
    }

    /** What is done with one case. */
    private interface StripeAction {
        void run(ReedSolomon code, Stripe stripe) throws Exception;
    }

    private void eachStripe(StripeAction action) throws Exception {
        for (Vectors.Case each : vectors.cases("erasure", "cases")) {
            try (ReedSolomon code = new ReedSolomon(each.integer("dataShards"), each.integer("parityShards"))) {
                action.run(code, stripe(each, code));
            }
        }
    }

    private void rsEncode() throws Exception {
        for (Vectors.Case each : vectors.cases("erasure", "cases")) {
            try (ReedSolomon code = new ReedSolomon(each.integer("dataShards"), each.integer("parityShards"))) {
                Stripe stripe = stripe(each, code);
                ByteArrayOutputStream joined = new ByteArrayOutputStream();
                for (int i = 0; i < code.parityShards(); i++) {
                    joined.write(stripe.parity()[i]);
                    if (each.has("parity")) {
                        Expect.equal(Vectors.hex(each.texts("parity").get(i)), stripe.parity()[i], each.name() + ", parity " + i);
                    }
                }
                Expect.equal(each.bytes("allParitySha256"), Hashes.sha256(joined.toByteArray()), each.name());

                ByteBuffer[] data = Arrays.stream(stripe.data()).map(CodecBehaviours::direct).toArray(ByteBuffer[]::new);
                ByteBuffer[] parity = Arrays.stream(stripe.parity())
                    .map(shard -> ByteBuffer.allocateDirect(shard.length)).toArray(ByteBuffer[]::new);
                code.encode(data, parity);
                for (int i = 0; i < parity.length; i++) {
                    Expect.equal(ByteBuffer.wrap(stripe.parity()[i]), parity[i], each.name() + ", direct parity " + i);
                }
            }
        }
    }

    private static List<boolean[]> losses(Stripe stripe) {
        int count = stripe.shards.length;
        List<boolean[]> losses = new ArrayList<>();
        if (count <= 8) {
            for (int set = 0; set < 1 << count; set++) {
                if (Integer.bitCount(set) <= stripe.parityShards) {
                    boolean[] present = new boolean[count];
                    for (int i = 0; i < count; i++) {
                        present[i] = (set >> i & 1) == 0;
                    }
                    losses.add(present);
                }
            }
            return losses;
        }
        Vectors.Pattern pattern = new Vectors.Pattern(7);
        for (int round = 0; round < 20; round++) {
            boolean[] present = new boolean[count];
            Arrays.fill(present, true);
            for (int lost = 0; lost < stripe.parityShards; ) {
                int index = (pattern.next() & 0xff) % count;
                if (present[index]) {
                    present[index] = false;
                    lost++;
                }
            }
            losses.add(present);
        }
        return losses;
    }

    private void rsReconstruct() throws Exception {
        eachStripe((code, stripe) -> {
            for (boolean[] present : losses(stripe)) {
                byte[][] shards = stripe.copy();
                for (int i = 0; i < shards.length; i++) {
                    if (!present[i]) {
                        Arrays.fill(shards[i], (byte) 0xee);
                    }
                }
                code.reconstruct(shards, present);
                for (int i = 0; i < shards.length; i++) {
                    Expect.equal(stripe.shards[i], shards[i], stripe.name + ", shard " + i + " of " + Arrays.toString(present));
                }
            }
        });
    }

    private void rsReconstructSome() throws Exception {
        try (ReedSolomon code = new ReedSolomon(4, 2)) {
            Stripe stripe = stripe(vectors.named("erasure", "cases", "4+2, unequal lengths"), code);
            byte[][] shards = stripe.copy();
            shards[0] = new byte[stripe.length];
            shards[5] = null;
            code.reconstruct(shards, new boolean[] {false, true, true, true, true, false});
            Expect.equal(stripe.shards[0], shards[0], "shard 0");
            Expect.that(shards[5] == null, "shard 5 was made");
        }
    }

    private void rsTooFew() throws Exception {
        eachStripe((code, stripe) -> {
            byte[][] shards = stripe.copy();
            boolean[] present = new boolean[shards.length];
            Arrays.fill(present, stripe.parityShards + 1, shards.length, true);
            Expect.fails(() -> code.reconstruct(shards, present), stripe.name, "MT_ERROR_NOT_ENOUGH_SHARDS");
            for (int i = 0; i < shards.length; i++) {
                Expect.equal(stripe.shards[i], shards[i], stripe.name + ", shard " + i);
            }
        });
    }

    private void rsVerify() throws Exception {
        eachStripe((code, stripe) -> {
            Expect.that(code.verify(stripe.shards), stripe.name + " does not verify");
            for (int i = 0; i < stripe.shards.length; i++) {
                stripe.shards[i][stripe.length / 2] ^= 1;
                Expect.that(
                    code.parityShards() == 0 || !code.verify(stripe.shards), stripe.name + " verifies with a changed shard " + i);
                stripe.shards[i][stripe.length / 2] ^= 1;
            }
            Expect.that(code.verify(stripe.shards), stripe.name + " does not verify after all");
        });
    }

    private void rsUpdate() throws Exception {
        eachStripe((code, stripe) -> {
            for (int i = 0; code.parityShards() > 0 && i < Math.min(code.dataShards(), 8); i++) {
                byte[][] shards = stripe.copy();
                byte[] changed = shards[i].clone();
                for (int at = 0; at < changed.length; at++) {
                    changed[at] ^= 0x5a;
                }
                byte[][] data = stripe.data();
                data[i] = changed;
                byte[][] expected = new byte[code.parityShards()][stripe.length];
                code.encode(data, expected);
                byte[][] parity = Arrays.copyOfRange(shards, code.dataShards(), shards.length);
                code.update(parity, i, shards[i], changed);
                for (int p = 0; p < parity.length; p++) {
                    Expect.equal(expected[p], parity[p], stripe.name + ", shard " + i + ", parity " + p);
                }
            }
        });
    }

    private void rsLimits() throws Exception {
        Expect.fails(() -> new ReedSolomon(0, 2).close(), "k = 0", "MT_ERROR_INVALID_ARGUMENT");
        Expect.fails(() -> new ReedSolomon(200, 56).close(), "k + m = 256", "MT_ERROR_INVALID_ARGUMENT");
        for (int[] shards : new int[][] {{1, 0}, {255, 0}, {128, 127}}) {
            new ReedSolomon(shards[0], shards[1]).close();
        }
        try (ReedSolomon code = new ReedSolomon(2, 1)) {
            code.encode(new byte[2][0], new byte[1][0]);
            Expect.that(code.verify(new byte[3][0]), "no bytes do not verify");
            Expect.throwsOne(
                () -> code.encode(new byte[][] {new byte[8], new byte[7]}, new byte[1][8]), "unequal data", IllegalArgumentException.class);
            Expect.throwsOne(() -> code.encode(new byte[2][8], new byte[1][9]), "unequal parity", IllegalArgumentException.class);
            Expect.throwsOne(
                () -> code.verify(new byte[][] {new byte[8], new byte[8], new byte[9]}), "unequal shards", IllegalArgumentException.class);
        }
    }

    private static BlobOptions options(int suite, int compression, byte[] tenantSecret) {
        BlobOptions.Builder builder = BlobOptions.builder()
            .suite(Suite.values()[suite - 1]).compression(Compression.values()[compression - 1]);
        return (tenantSecret == null ? builder : builder.tenantSecret(tenantSecret)).build();
    }

    private void blobSeal() {
        for (Vectors.Case each : vectors.cases("blobs", "sealed")) {
            SealedBlob sealed = Blob.seal(each.bytes("plaintext"), options(each.integer("suite"), 1, each.bytes("tenantSecret")));
            Expect.equal(each.bytes("key"), sealed.key(), each.name() + ", key");
            Expect.equal(each.bytes("id"), sealed.id(), each.name() + ", id");
            Expect.equal(each.integer("blobLength"), sealed.bytes().length, each.name() + ", length");
            Expect.equal(sealed.id(), Hashes.sha256(sealed.bytes()), each.name() + ", hash");
            if (!each.text("blob").isEmpty()) {
                Expect.equal(each.bytes("blob"), sealed.bytes(), each.name());
            }
        }
    }

    private void blobOpen() throws MegatorrentException {
        for (Vectors.Case each : vectors.cases("blobs", "opened")) {
            BlobInfo info = Blob.inspect(each.bytes("blob"));
            Expect.equal(each.integer("suite"), info.suite().ordinal() + 1, each.name() + ", suite");
            Expect.equal(each.integer("compression"), info.compression().ordinal() + 1, each.name() + ", compression");
            Expect.equal(each.integer("plaintextLength"), info.plaintextLength(), each.name() + ", length");
            byte[] opened = Blob.open(each.bytes("blob"), each.bytes("key"));
            Expect.equal(each.integer("plaintextLength"), opened.length, each.name() + ", length opened");
            Expect.equal(each.bytes("plaintextSha256"), Hashes.sha256(opened), each.name());
        }
    }

    private void blobRoundTrip() throws MegatorrentException {
        for (int suite = 1; suite <= 2; suite++) {
            for (int compression = 1; compression <= 5; compression++) {
                for (int length : new int[] {0, 1, 1000, 70_000}) {
                    byte[] shrinks = new byte[length];
                    for (int i = 0; i < length; i++) {
                        shrinks[i] = (byte) (i % 7);
                    }
                    for (byte[] chunk : new byte[][] {shrinks, Vectors.pattern(9, length)}) {
                        String what = "suite " + suite + ", compression " + compression + ", length " + length;
                        SealedBlob sealed = Blob.seal(chunk, options(suite, compression, null));
                        Expect.that(sealed.bytes().length <= Blob.bound(length), what + ": longer than the bound");
                        Expect.equal(Hashes.sha256(sealed.bytes()), sealed.id(), what + ", id");
                        Expect.equal(chunk, Blob.open(sealed.bytes(), sealed.key()), what);
                    }
                }
            }
        }
    }

    private void blobFreshKeys() {
        SealedBlob one = Blob.seal(new byte[1000]);
        SealedBlob other = Blob.seal(new byte[1000]);
        Expect.that(!Arrays.equals(one.key(), other.key()) && !Arrays.equals(one.id(), other.id()), "keys or ids are equal");
    }

    private void blobSameSecret() {
        byte[] chunk = new byte[5000];
        byte[] secret = Vectors.pattern(1, 32);
        for (int compression = 1; compression <= 5; compression++) {
            SealedBlob one = Blob.seal(chunk, options(1, compression, secret));
            SealedBlob same = Blob.seal(chunk, options(1, compression, secret));
            Expect.equal(one.bytes(), same.bytes(), "blob");
            Expect.equal(one.id(), same.id(), "id");
            Expect.equal(one.key(), same.key(), "key");
            SealedBlob otherSecret = Blob.seal(chunk, options(1, compression, Vectors.pattern(2, 32)));
            SealedBlob otherSuite = Blob.seal(chunk, options(2, compression, secret));
            Expect.that(!Arrays.equals(one.key(), otherSecret.key()), "another secret gives the same key");
            Expect.that(!Arrays.equals(one.key(), otherSuite.key()), "another suite gives the same key");
        }
    }

    private void blobBad() {
        for (Vectors.Case each : vectors.cases("blobs", "bad")) {
            byte[] blob = each.bytes("blob");
            if (each.text("inspectStatus").equals("MT_OK")) {
                BlobInfo info;
                try {
                    info = Blob.inspect(blob);
                } catch (MegatorrentException exception) {
                    throw new AssertionError(each.name() + ": inspect " + exception.getMessage(), exception);
                }
                ByteBuffer dst = ByteBuffer.allocate(info.plaintextLength());
                Expect.fails(() -> Blob.open(dst, ByteBuffer.wrap(blob), each.bytes("key")), each.name(), each.text("status"));
                Expect.equal(new byte[dst.capacity()], dst.array(), each.name() + ", output");
            } else {
                Expect.fails(() -> Blob.inspect(blob), each.name() + ", inspect", each.text("inspectStatus"));
            }
            Expect.fails(() -> Blob.open(blob, each.bytes("key")), each.name(), each.text("status"), each.text("inspectStatus"));
        }
    }

    private void blobLimits() throws MegatorrentException {
        byte[] chunk = Vectors.pattern(3, Blob.PLAINTEXT_LENGTH_MAX);
        SealedBlob sealed = Blob.seal(chunk);
        Expect.equal(chunk, Blob.open(sealed.bytes(), sealed.key()), "16 MiB");
        ByteBuffer room = ByteBuffer.allocateDirect(Blob.PLAINTEXT_LENGTH_MAX + 33);
        ByteBuffer tooLong = ByteBuffer.allocateDirect(Blob.PLAINTEXT_LENGTH_MAX + 1);
        Expect.fails(() -> Blob.seal(room, tooLong, BlobOptions.DEFAULT), "16 MiB + 1", "MT_ERROR_LIMIT_EXCEEDED");
        Expect.throwsOne(() -> Blob.bound(Blob.PLAINTEXT_LENGTH_MAX + 1), "its bound", IllegalArgumentException.class);
    }

    private void keyEd25519() {
        for (Vectors.Case each : vectors.cases("ed25519", "signatures")) {
            Expect.equal(each.bytes("public"), Ed25519.publicKey(each.bytes("seed")), each.name());
            Expect.equal(each.bytes("signature"), Ed25519.sign(each.bytes("seed"), each.bytes("data")), each.name());
            Expect.that(Ed25519.verify(each.bytes("public"), each.bytes("signature"), each.bytes("data")), each.name());
        }
    }

    private void keyEd25519Bad() {
        for (Vectors.Case each : vectors.cases("ed25519", "bad")) {
            Expect.that(!Ed25519.verify(each.bytes("public"), each.bytes("signature"), each.bytes("data")), each.name());
        }
    }

    private void keyX25519() {
        for (Vectors.Case each : vectors.cases("x25519", "publicKeys")) {
            Expect.equal(each.bytes("public"), X25519.publicKey(each.bytes("secret")), each.name());
        }
    }

    private void keyGenerate() {
        KeyPair one = Ed25519.generate();
        KeyPair other = Ed25519.generate();
        Expect.that(!Arrays.equals(one.secret(), other.secret()), "two Ed25519 seeds are equal");
        Expect.equal(one.publicKey(), Ed25519.publicKey(one.secret()), "Ed25519 public key");
        byte[] data = new byte[100];
        Expect.that(!Ed25519.verify(other.publicKey(), Ed25519.sign(one.secret(), data), data), "the other's key verifies");
        KeyPair agree = X25519.generate();
        Expect.that(!Arrays.equals(agree.secret(), X25519.generate().secret()), "two X25519 secrets are equal");
        Expect.equal(agree.publicKey(), X25519.publicKey(agree.secret()), "X25519 public key");
    }

    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
