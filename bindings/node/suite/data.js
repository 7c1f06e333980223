'use strict';

// Behaviours of versions, errors, hashes, the erasure code, blobs and keys.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const megatorrent = require('megatorrent');
const { bytes, compressions, each, numbers, pattern, same, statusOf, suites, vectors } = require('./support.js');

const { ReedSolomon, blob, cid, ed25519, merkleRoot, sha256, sha256Many, x25519 } = megatorrent;

/** What the header in this checkout defines a macro as. */
function macro(name) {
    const header = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'native', 'include', 'megatorrent.h'), 'utf8');
    return new RegExp(`^#define ${name} "?([^"\\s]+)"?$`, 'm').exec(header)[1];
}

/** The shards of a case of erasure.json, filled up with zeros, data and then parity. */
function shardsOf(one) {
    const all = pattern(one.seed, one.dataLengths.reduce((sum, length) => sum + length, 0));
    let offset = 0;
    const data = one.dataLengths.map((length) => {
        const shard = Buffer.alloc(one.shardLength);
        all.copy(shard, 0, offset, offset + length);
        offset += length;
        return shard;
    });
    assert.strictEqual(sha256(all).toString('hex'), one.dataSha256);
    return data;
}

function eachCode({ folder }, check) {
    each(vectors(folder, 'erasure').cases, (one) => {
        const code = new ReedSolomon(one.dataShards, one.parityShards);
        const data = shardsOf(one);
        check(code, data, code.encode(data), one);
        code.close();
    });
}

const without = (all, lost) => all.map((shard, index) => (lost.includes(index) ? null : shard));

function checkRebuilt(code, all, lost) {
    const before = all.map((shard) => Buffer.from(shard));
    same(code.reconstruct(without(all, lost)), before, `lost ${lost}`);
    same(all, before, 'what was there is not changed');
}

/** Every set of at most `most` of `count` things. */
function* sets(count, most, from = 0) {
    yield [];
    if (most > 0) {
        for (let index = from; index < count; index++) {
            for (const rest of sets(count, most - 1, index + 1)) {
                yield [index, ...rest];
            }
        }
    }
}

module.exports = {
    'version.abi'() {
        const expected = Number.parseInt(macro('MT_ABI_VERSION_MAJOR'), 10) * 65536 + Number.parseInt(macro('MT_ABI_VERSION_MINOR'), 10);
        assert.strictEqual(megatorrent.abiVersion(), expected);
    },
    'version.text'() {
        assert.strictEqual(megatorrent.version, macro('MT_VERSION_STRING'));
    },
    'version.processor'() {
        assert.match(megatorrent.processor.level, /^(x86-64-v[34]|portable)$/);
        assert.match(megatorrent.processor.kernels, /erasure=/);
    },
    'status.names'({ folder }) {
        each(vectors(folder, 'status').statuses, ({ name, value }) => assert.strictEqual(megatorrent.statusName(value), name));
    },
    'status.text'() {
        assert.throws(() => new ReedSolomon(0, 2), (error) => error instanceof megatorrent.MegatorrentError && error.message.length > 0 &&
            error.code === 'MT_ERROR_INVALID_ARGUMENT' && error.status === -1);
    },
    'hash.sha256'({ folder }) {
        each(vectors(folder, 'sha256').cases, (one) => assert.strictEqual(sha256(bytes(one.data)).toString('hex'), one.sha256));
    },
    'hash.sha256-many'({ folder }) {
        const { cases } = vectors(folder, 'sha256');
        same(sha256Many(cases.map(({ data }) => bytes(data))).map((hash) => hash.toString('hex')), cases.map((one) => one.sha256));
        same(sha256Many([]), []);
    },
    'merkle.root'({ folder }) {
        each(vectors(folder, 'merkle').cases, (one) => assert.strictEqual(merkleRoot(bytes(one.data)).toString('hex'), one.root));
    },
    'cid.good'({ folder }) {
        each(vectors(folder, 'cid').good, ({ id, text }) => {
            assert.strictEqual(cid.format(bytes(id)), text);
            same(cid.parse(text), bytes(id));
        });
    },
    'cid.bad'({ folder }) {
        each(vectors(folder, 'cid').bad, ({ text, status }) => assert.strictEqual(statusOf(() => cid.parse(text)), status));
    },
    'rs.encode'(context) {
        eachCode(context, (code, data, parity, one) => {
            assert.strictEqual(sha256(Buffer.concat(parity)).toString('hex'), one.allParitySha256);
            if (one.parity !== undefined) {
                same(parity, one.parity.map(bytes));
            }
        });
    },
    'rs.reconstruct'(context) {
        const random = numbers(7);
        eachCode(context, (code, data, parity, one) => {
            const all = [...data, ...parity];
            if (all.length <= 8) {
                for (const lost of sets(all.length, one.parityShards)) {
                    checkRebuilt(code, all, lost);
                }
                return;
            }
            for (let count = 0; count < 20; count++) {
                const lost = new Set();
                while (lost.size < one.parityShards) {
                    lost.add(random(all.length));
                }
                checkRebuilt(code, all, [...lost]);
            }
        });
    },
    'rs.reconstruct-some'(context) {
        let found = false;
        eachCode(context, (code, data, parity, one) => {
            if (one.name === '4+2, unequal lengths') {
                const rebuilt = code.reconstruct(without([...data, ...parity], [0, 5]), { only: [0] });
                same(rebuilt, [...data, parity[0], undefined]);
                found = true;
            }
        });
        assert.ok(found);
    },
    'rs.too-few'(context) {
        eachCode(context, (code, data, parity, one) => {
            const all = [...data, ...parity];
            const before = all.map((shard) => Buffer.from(shard));
            const lost = Array.from({ length: one.parityShards + 1 }, (_, index) => index);
            assert.strictEqual(statusOf(() => code.reconstruct(without(all, lost))), 'MT_ERROR_NOT_ENOUGH_SHARDS');
            same(all, before);
        });
    },
    'rs.verify'(context) {
        eachCode(context, (code, data, parity, one) => {
            const all = [...data, ...parity];
            const middle = Math.floor(one.shardLength / 2);
            assert.strictEqual(code.verify(all), true);
            for (const shard of one.parityShards === 0 ? [] : all) {
                shard[middle] ^= 1;
                assert.strictEqual(code.verify(all), false);
                shard[middle] ^= 1;
                assert.strictEqual(code.verify(all), true);
            }
        });
    },
    'rs.update'(context) {
        eachCode(context, (code, data, parity, one) => {
            for (let index = 0; one.parityShards > 0 && index < Math.min(8, data.length); index++) {
                const changed = Buffer.from(data[index].map((byte) => byte ^ 0x5a));
                const expected = code.encode(data.map((shard, each) => (each === index ? changed : shard)));
                same(code.update(parity.map((shard) => Buffer.from(shard)), index, data[index], changed), expected);
            }
        });
    },
    'rs.limits'() {
        assert.strictEqual(statusOf(() => new ReedSolomon(0, 1)), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => new ReedSolomon(128, 128)), 'MT_ERROR_INVALID_ARGUMENT');
        for (const [k, m] of [[1, 0], [255, 0], [128, 127]]) {
            const code = new ReedSolomon(k, m);
            const empty = Array.from({ length: k }, () => Buffer.alloc(0));
            const parity = code.encode(empty);
            assert.strictEqual(parity.length, m);
            assert.strictEqual(code.verify([...empty, ...parity]), true);
        }
        const code = new ReedSolomon(2, 1);
        assert.strictEqual(statusOf(() => code.encode([Buffer.alloc(2), Buffer.alloc(3)])), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => code.verify([Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(3)])), 'MT_ERROR_INVALID_ARGUMENT');
    },
    'blob.seal'({ folder }) {
        each(vectors(folder, 'blobs').sealed, (one) => {
            const sealed = blob.seal(bytes(one.plaintext),
                { suite: suites[one.suite], compression: 'none', tenantSecret: bytes(one.tenantSecret) });
            same([sealed.id.toString('hex'), sealed.key.toString('hex'), sealed.blob.length], [one.id, one.key, one.blobLength]);
            same(sha256(sealed.blob), sealed.id);
            if (one.blob !== '') {
                same(sealed.blob, bytes(one.blob));
            }
        });
    },
    'blob.open'({ folder }) {
        each(vectors(folder, 'blobs').opened, (one) => {
            same(blob.inspect(bytes(one.blob)),
                { suite: suites[one.suite], compression: compressions[one.compression], plaintextLength: one.plaintextLength });
            const plaintext = blob.open(bytes(one.blob), bytes(one.key));
            same([plaintext.length, sha256(plaintext).toString('hex')], [one.plaintextLength, one.plaintextSha256]);
        });
    },
    'blob.round-trip'() {
        for (const suite of suites.slice(1)) {
            for (const compression of compressions.slice(1)) {
                for (const length of [0, 1, 1000, 70000]) {
                    for (const plaintext of [Buffer.from(Array.from({ length }, (_, index) => index % 7)), pattern(9, length)]) {
                        const sealed = blob.seal(plaintext, { suite, compression });
                        same(blob.open(sealed.blob, sealed.key), plaintext);
                        assert.ok(sealed.blob.length <= length + 32);
                        same(sha256(sealed.blob), sealed.id);
                    }
                }
            }
        }
    },
    'blob.fresh-keys'() {
        const [first, second] = [blob.seal(pattern(1, 100)), blob.seal(pattern(1, 100))];
        assert.ok(!first.key.equals(second.key) && !first.id.equals(second.id));
    },
    'blob.same-secret'() {
        const plaintext = Buffer.alloc(5000, 'abc');
        for (const compression of compressions.slice(1)) {
            const options = { compression, tenantSecret: pattern(1, 32) };
            const first = blob.seal(plaintext, options);
            same(blob.seal(plaintext, options), first);
            assert.ok(!blob.seal(plaintext, { ...options, tenantSecret: pattern(2, 32) }).key.equals(first.key));
            assert.ok(!blob.seal(plaintext, { ...options, suite: 'chacha20-poly1305' }).key.equals(first.key));
        }
    },
    'blob.bad'({ folder }) {
        each(vectors(folder, 'blobs').bad, (one) => {
            assert.strictEqual(statusOf(() => blob.inspect(bytes(one.blob))), one.inspectStatus);
            assert.strictEqual(statusOf(() => blob.open(bytes(one.blob), bytes(one.key))), one.status);
        });
    },
    'blob.limits'() {
        const longest = Buffer.alloc(16 * 1048576, 3);
        const sealed = blob.seal(longest);
        same(blob.open(sealed.blob, sealed.key), longest);
        assert.strictEqual(statusOf(() => blob.seal(Buffer.alloc(16 * 1048576 + 1))), 'MT_ERROR_LIMIT_EXCEEDED');
    },
    'key.ed25519'({ folder }) {
        each(vectors(folder, 'ed25519').signatures, (one) => {
            same(ed25519.publicKey(bytes(one.seed)), bytes(one.public));
            same(ed25519.sign(bytes(one.seed), bytes(one.data)), bytes(one.signature));
            assert.strictEqual(ed25519.verify(bytes(one.public), bytes(one.signature), bytes(one.data)), true);
        });
    },
    'key.ed25519-bad'({ folder }) {
        each(vectors(folder, 'ed25519').bad, (one) =>
            assert.strictEqual(ed25519.verify(bytes(one.public), bytes(one.signature), bytes(one.data)), false));
    },
    'key.x25519'({ folder }) {
        each(vectors(folder, 'x25519').publicKeys, (one) => same(x25519.publicKey(bytes(one.secret)), bytes(one.public)));
    },
    'key.generate'() {
        const [first, second] = [ed25519.generate(), ed25519.generate()];
        assert.ok(!first.seed.equals(second.seed) && !first.publicKey.equals(second.publicKey));
        same(ed25519.publicKey(first.seed), first.publicKey);
        const signature = ed25519.sign(first.seed, pattern(1, 10));
        assert.strictEqual(ed25519.verify(second.publicKey, signature, pattern(1, 10)), false);
        const [third, fourth] = [x25519.generate(), x25519.generate()];
        assert.ok(!third.secret.equals(fourth.secret) && !third.publicKey.equals(fourth.publicKey));
        same(x25519.publicKey(third.secret), third.publicKey);
    },
};
