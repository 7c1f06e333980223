'use strict';

// Behaviours of bencode, capabilities, manifests, Noise and wire messages.

const assert = require('node:assert');
const { BencodeReader, BencodeWriter, Manifest, NoiseSession, bencode, capability, peer, sha256, wire, x25519 } = require('megatorrent');
const { bytes, each, numbers, pattern, same, statusOf, suites, vectors } = require('./support.js');

const tokenTypes = [undefined, 'integer', 'bytes', 'list', 'dictionary', 'key', 'end', 'documentEnd'];
const kinds = ['node', 'file', 'directory'];
const wireTypes = [
    undefined, 'HELLO', 'PING', 'PONG', 'GET', 'DATA', 'WANT', 'HAVE', 'STORE', 'STORED', 'FIND', 'FOUND', 'CANCEL', 'STATUS', 'STATUS_REPLY',
    'ERROR', 'GOSSIP', 'GOSSIP_REPLY', 'PROBE', 'PROBE_REPLY', 'JOIN', 'JOINED', 'NOTICE', 'PROCEED',
];

/** Makes one step of a writer. */
function step(writer, { call, value, data }) {
    const calls = {
        integer: () => writer.integer(BigInt(value)),
        bytes: () => writer.bytes(bytes(data)),
        key: () => writer.key(bytes(data)),
        list: () => writer.beginList(),
        dictionary: () => writer.beginDictionary(),
        end: () => writer.end(),
        finish: () => writer.finish(),
    };
    calls[call]();
}

/** Ends a document that was begun by steps: a value where one is missing, then every end. */
function complete(writer, steps) {
    const open = [];
    let isValueDue = true; // nothing was written yet, or a key
    for (const { call } of steps) {
        if (call === 'list' || call === 'dictionary') {
            open.push(call);
        } else if (call === 'end') {
            open.pop();
        }
        isValueDue = call === 'key';
    }
    if (isValueDue) {
        writer.integer(0);
    }
    open.forEach(() => writer.end());
    return writer.finish();
}

function eachManifest({ folder }, check) {
    each(vectors(folder, 'manifests').manifests, check);
}

function checkParts(manifest, one, hasKeys) {
    one.streams.forEach((stream, streamIndex) => {
        same(manifest.stream(streamIndex),
            { depth: stream.depth, length: hasKeys ? Number(stream.length) : 0, stripeCount: stream.stripes.length });
        stream.stripes.forEach((stripe, stripeIndex) => {
            same(manifest.stripe(streamIndex, stripeIndex), {
                dataShards: stripe.dataShards, parityShards: stripe.parityShards, shardLength: stripe.shardLength,
                idCount: stripe.blobs.length, id: bytes(stripe.id),
            });
            stripe.blobs.forEach((blob, blobIndex) => same(manifest.blob(streamIndex, stripeIndex, blobIndex), {
                length: blob.length, plaintextLength: hasKeys ? Number(blob.plaintextLength) : 0, id: bytes(blob.id),
                key: hasKeys && blob.key !== '' ? bytes(blob.key) : null,
            }));
            assert.strictEqual(statusOf(() => manifest.blob(streamIndex, stripeIndex, stripe.blobs.length)), 'MT_ERROR_INVALID_ARGUMENT');
        });
        assert.strictEqual(statusOf(() => manifest.stripe(streamIndex, stream.stripes.length)), 'MT_ERROR_INVALID_ARGUMENT');
    });
    assert.strictEqual(statusOf(() => manifest.stream(one.streams.length)), 'MT_ERROR_INVALID_ARGUMENT');
}

/** The two sides of an entry of noise.json. */
function sidesOf(vector) {
    const suite = vector.protocol_name.includes('AESGCM') ? 'aes-256-gcm' : 'chacha20-poly1305';
    return ['init', 'resp'].map((side) => new NoiseSession({
        initiator: side === 'init', suite, staticSecret: bytes(vector[`${side}_static`]), prologue: bytes(vector[`${side}_prologue`]),
        ephemeralSecret: bytes(vector[`${side}_ephemeral`]),
    }));
}

/** Two sessions with fresh keys. */
function freshSides(suite) {
    const secrets = [x25519.generate(), x25519.generate()];
    return secrets.map(({ secret }, index) => new NoiseSession({ initiator: index === 0, suite, staticSecret: secret }));
}

/** A message of wire.json as encode takes it. */
function messageOf(message) {
    return { ...message, id: bytes(message.id), offset: BigInt(message.offset), bytes: bytes(message.bytes), items: bytes(message.items) };
}

/** Compares what decode gave with a message of wire.json, in which every member is there. */
function checkMessage(actual, expected) {
    const { type, ...rest } = expected;
    assert.strictEqual(actual.type, wireTypes[type]);
    for (const [name, value] of Object.entries(rest)) {
        if (name === 'id') {
            same(actual.id ?? Buffer.alloc(32), bytes(value));
        } else if (name === 'bytes' || name === 'items') {
            same(actual[name] ?? Buffer.alloc(0), bytes(value));
        } else {
            assert.strictEqual(BigInt(actual[name] ?? 0), BigInt(value), name);
        }
    }
    assert.ok(Object.keys(actual).every((name) => name in expected));
}

module.exports = {
    'bencode.read'({ folder }) {
        each(vectors(folder, 'bencode').good, ({ document, tokens }) => {
            const data = bytes(document);
            const reader = new BencodeReader(data);
            for (const expected of tokens) {
                const { type, depth, offset, length, integer = 0n, bytes: content } = reader.next();
                same([type, depth, offset, length, BigInt(integer)],
                    [tokenTypes[expected.type], expected.depth, expected.offset, expected.length, BigInt(expected.integer)]);
                if (type === 'bytes' || type === 'key') {
                    same(content, data.subarray(offset, offset + length));
                }
            }
            same([reader.next().type, reader.next().type], ['documentEnd', 'documentEnd']);
            same(bencode.encode(bencode.decode(data)), data);
        });
    },
    'bencode.bad'({ folder }) {
        each(vectors(folder, 'bencode').bad, ({ document, status }) => {
            assert.strictEqual(statusOf(() => new BencodeReader(bytes(document))), status);
            assert.strictEqual(statusOf(() => bencode.decode(bytes(document))), status);
        });
    },
    'bencode.write'({ folder }) {
        each(vectors(folder, 'bencode').good, ({ document, tokens }) => {
            const data = bytes(document);
            const writer = new BencodeWriter();
            for (const { type, integer, offset, length } of tokens) {
                const content = data.subarray(offset, offset + length);
                [undefined, () => writer.integer(BigInt(integer)), () => writer.bytes(content), () => writer.beginList(),
                    () => writer.beginDictionary(), () => writer.key(content), () => writer.end()][type]();
            }
            same(writer.finish(), data);
        });
    },
    'bencode.write-bad'({ folder }) {
        each(vectors(folder, 'bencode').misuse, ({ steps, status }) => {
            const good = steps.slice(0, -1);
            const [writer, other] = [new BencodeWriter(), new BencodeWriter()];
            good.forEach((one) => step(writer, one));
            good.forEach((one) => step(other, one));
            assert.strictEqual(statusOf(() => step(writer, steps.at(-1))), status);
            same(complete(writer, good), complete(other, good));
        });
    },
    'bencode.skip'({ folder }) {
        const { good } = vectors(folder, 'bencode');
        each(good, ({ document }) => {
            const reader = new BencodeReader(bytes(document));
            reader.skip();
            assert.strictEqual(reader.next().type, 'documentEnd');
        });
        const everything = good.find(({ name }) => name === 'dictionary of everything');
        const data = bytes(everything.document);
        const reader = new BencodeReader(data);
        assert.strictEqual(reader.next().type, 'dictionary');
        assert.strictEqual(statusOf(() => reader.skip()), 'MT_ERROR_STATE');
        const keys = [];
        for (let token = reader.next(); token.type === 'key'; token = reader.next()) {
            keys.push(token.bytes);
            reader.skip();
        }
        same(keys, [...bencode.decode(data, { keys: 'buffer' }).keys()]);
        assert.ok(keys.length > 0 && reader.next().type === 'documentEnd');
    },
    'bencode.limits'() {
        const length = 16 * 1048576 + 1;
        const prefix = Buffer.from(`${length - 9}:`);
        const document = Buffer.concat([prefix, Buffer.alloc(length - 9)]);
        assert.strictEqual(document.length, length);
        assert.strictEqual(statusOf(() => new BencodeReader(document)), 'MT_ERROR_LIMIT_EXCEEDED');
        assert.strictEqual(statusOf(() => new BencodeWriter().bytes(document.subarray(prefix.length))), 'MT_ERROR_LIMIT_EXCEEDED');
    },
    'capability.good'({ folder }) {
        each(vectors(folder, 'capabilities').good, (one) => {
            const fields = {
                canRead: one.canRead, rootId: bytes(one.rootId), key: one.canRead ? bytes(one.key) : null, rootLength: one.rootLength,
                parityShards: one.parityShards,
            };
            same(capability.parse(one.text), fields);
            assert.strictEqual(capability.format(fields), one.canonical);
        });
    },
    'capability.verify'({ folder }) {
        each(vectors(folder, 'capabilities').good, (one) => assert.strictEqual(capability.toVerify(one.text), one.verify));
    },
    'capability.bad'({ folder }) {
        const { bad, badFields } = vectors(folder, 'capabilities');
        each(bad, ({ text, status }) => assert.strictEqual(statusOf(() => capability.parse(text)), status));
        each(badFields, ({ canRead, rootId, key, rootLength, parityShards, status }) => assert.strictEqual(
            statusOf(() => capability.format({ canRead, rootId: bytes(rootId), key: bytes(key), rootLength, parityShards })), status));
    },
    'manifest.open'(context) {
        eachManifest(context, (one) => {
            const manifest = Manifest.open(bytes(one.blob), bytes(one.key));
            const { modified, ...info } = manifest.info;
            same(info, {
                kind: kinds[one.kind], mode: one.mode, modifiedNs: BigInt(one.modifiedUnixNs), name: one.objectName,
                streamCount: one.streams.length, hasKeys: true,
            });
            assert.strictEqual(modified.getTime(), Number(BigInt(one.modifiedUnixNs) / 1000000n));
            checkParts(manifest, one, true);
        });
    },
    'manifest.public'(context) {
        eachManifest(context, (one) => {
            const manifest = Manifest.open(bytes(one.blob));
            const { modified, ...info } = manifest.info;
            same(info, { kind: 'node', mode: 0, modifiedNs: 0n, name: '', streamCount: one.streams.length, hasKeys: false });
            assert.strictEqual(modified.getTime(), 0);
            checkParts(manifest, one, false);
        });
    },
    'manifest.seal'(context) {
        eachManifest(context, (one) => {
            const manifest = new Manifest(
                { kind: kinds[one.kind], mode: one.mode, modifiedNs: BigInt(one.modifiedUnixNs), name: one.objectName });
            for (const stream of one.streams) {
                manifest.addStream(stream.depth);
                for (const { dataShards, parityShards, blobs } of stream.stripes) {
                    const data = blobs.slice(0, dataShards);
                    manifest.addStripe({
                        dataShards, parityShards, ids: blobs.map(({ id }) => bytes(id)), lengths: data.map(({ length }) => length),
                        keys: data.map(({ key }) => bytes(key)),
                        plaintextLengths: data.map(({ plaintextLength }) => BigInt(plaintextLength)),
                    });
                }
            }
            same(manifest.seal({ suite: suites[one.suite], tenantSecret: bytes(one.tenantSecret) }),
                { blob: bytes(one.blob), id: bytes(one.id), key: bytes(one.key) });
            same(sha256(bytes(one.blob)), bytes(one.id));
        });
    },
    'manifest.bad'({ folder }) {
        each(vectors(folder, 'manifests').bad, (one) => assert.strictEqual(
            statusOf(() => Manifest.open(bytes(one.blob), one.key === '' ? undefined : bytes(one.key))), one.status));
    },
    'manifest.refused'({ folder }) {
        const [one] = vectors(folder, 'manifests').manifests;
        const opened = Manifest.open(bytes(one.blob), bytes(one.key));
        const stripe = {
            dataShards: 1, parityShards: 2, ids: [pattern(1, 32)], lengths: [40], keys: [pattern(2, 32)], plaintextLengths: [8],
        };
        assert.strictEqual(statusOf(() => opened.addStream()), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => opened.addStripe(stripe)), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => new Manifest({ name: 'a' }).addStripe(stripe)), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => new Manifest({ name: 'a' }).seal()), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => new Manifest({ kind: 'directory', name: 'a' }).addStream().seal()), 'MT_ERROR_STATE');
        for (const options of [{ name: 'a/b' }, { name: 'a'.repeat(256) }, { name: 'a', kind: 'link' }]) {
            assert.strictEqual(statusOf(() => new Manifest(options)), 'MT_ERROR_INVALID_ARGUMENT');
        }
        const none = { ...stripe, dataShards: 0, ids: [pattern(1, 32), pattern(2, 32)], lengths: [], keys: [], plaintextLengths: [] };
        assert.strictEqual(statusOf(() => new Manifest({ name: 'a' }).addStream().addStripe(none)), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => opened.stream(1)), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => opened.stripe(0, 99)), 'MT_ERROR_INVALID_ARGUMENT');
    },
    'noise.vectors'({ folder }) {
        each(vectors(folder, 'noise').vectors.map((vector) => ({ name: vector.protocol_name, ...vector })), (vector) => {
            const sides = sidesOf(vector);
            vector.messages.forEach(({ payload, ciphertext }, index) => {
                const [writer, reader] = index % 2 === 0 ? sides : [...sides].reverse();
                same(writer.write(bytes(payload)), bytes(ciphertext));
                same(reader.read(bytes(ciphertext)), bytes(payload));
                if (index === 2) {
                    sides.forEach((side) => same(side.handshakeHash, bytes(vector.handshake_hash)));
                    same(sides[0].remoteKey, x25519.publicKey(bytes(vector.resp_static)));
                    same(sides[1].remoteKey, x25519.publicKey(bytes(vector.init_static)));
                }
            });
        });
    },
    'noise.fresh'() {
        for (const suite of suites.slice(1)) {
            const [initiator, responder] = freshSides(suite);
            same([initiator.state, responder.state], ['write', 'read']);
            responder.read(initiator.write());
            same([initiator.state, responder.state], ['read', 'write']);
            initiator.read(responder.write());
            responder.read(initiator.write());
            same([initiator.state, responder.state], ['established', 'established']);
            const random = numbers(3);
            const lengths = [0, 65519, ...Array.from({ length: 98 }, () => random(65520))];
            for (const length of lengths) {
                for (const [writer, reader] of [[initiator, responder], [responder, initiator]]) {
                    const payload = pattern(length + 1, length);
                    same(reader.read(writer.write(payload)), payload);
                }
            }
            assert.strictEqual(statusOf(() => initiator.write(Buffer.alloc(65520))), 'MT_ERROR_LIMIT_EXCEEDED');
            same(responder.read(initiator.write(Buffer.from('still'))), Buffer.from('still'));
        }
    },
    'noise.failures'({ folder }) {
        const { vectors: good, failures } = vectors(folder, 'noise');
        each(failures, ({ vector, role, suite, prologue, messages, status }) => {
            const { messages: exchange, ...secrets } = good[vector];
            const side = role === 'initiator' ? 'init' : 'resp';
            const session = new NoiseSession({
                initiator: role === 'initiator', suite: suites[suite], prologue: bytes(prologue),
                staticSecret: bytes(secrets[`${side}_static`]), ephemeralSecret: bytes(secrets[`${side}_ephemeral`]),
            });
            messages.forEach((message, index) => {
                if ((index % 2 === 0) === (role === 'initiator')) {
                    session.write(bytes(exchange[index].payload));
                } else if (index < messages.length - 1) {
                    session.read(bytes(message));
                } else {
                    assert.strictEqual(statusOf(() => session.read(bytes(message))), status);
                }
            });
            assert.strictEqual(session.state, 'dead');
            for (const call of [() => session.read(Buffer.alloc(100)), () => session.write(), () => session.remoteKey,
                () => session.handshakeHash]) {
                assert.strictEqual(statusOf(call), 'MT_ERROR_STATE');
            }
        });
    },
    'noise.turns'() {
        const [initiator, responder] = freshSides();
        assert.strictEqual(statusOf(() => initiator.read(Buffer.alloc(32))), 'MT_ERROR_STATE');
        const [first, second] = freshSides();
        assert.strictEqual(statusOf(() => second.write()), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => first.remoteKey), 'MT_ERROR_STATE');
        assert.strictEqual(statusOf(() => responder.handshakeHash), 'MT_ERROR_STATE');
    },
    'noise.peer'({ folder }) {
        each(vectors(folder, 'peers').payloads, (one) => {
            if (one.credential !== '') {
                same(peer.payload(one.credential, bytes(one.static)), { payload: bytes(one.payload), clusterKey: bytes(one.clusterKey) });
            }
            same(peer.check(bytes(one.payload), bytes(one.static), bytes(one.clusterKey)), {
                hasCertificate: one.hasCertificate, nodeId: bytes(one.nodeId), publicKey: bytes(one.publicKey), version: one.version,
            });
        });
    },
    'noise.peer-bad'({ folder }) {
        const { bad, badCredentials } = vectors(folder, 'peers');
        each(bad, (one) => assert.strictEqual(
            statusOf(() => peer.check(bytes(one.payload), bytes(one.static), bytes(one.clusterKey))), one.status));
        each(badCredentials, (one) => assert.strictEqual(statusOf(() => peer.payload(one.credential, pattern(1, 32))), one.status));
    },
    'wire.encode'({ folder }) {
        each(vectors(folder, 'wire').good, ({ frame, message }) => same(wire.encode(messageOf(message)), bytes(frame)));
    },
    'wire.decode'({ folder }) {
        const { good, decoded } = vectors(folder, 'wire');
        each([...good, ...decoded], ({ frame, message }) => {
            const data = bytes(frame);
            for (const following of [0, 20]) {
                const result = wire.decode(Buffer.concat([data, Buffer.alloc(following, 0xff)]));
                assert.strictEqual(result.frameLength, data.length);
                checkMessage(result.message, message);
            }
        });
    },
    'wire.stream'({ folder }) {
        const { good } = vectors(folder, 'wire');
        let rest = Buffer.concat(good.map(({ frame }) => bytes(frame)));
        each(good, ({ message }) => {
            const result = wire.decode(rest);
            checkMessage(result.message, message);
            rest = rest.subarray(result.frameLength);
        });
        assert.strictEqual(rest.length, 0);
        each(good, ({ frame }) => {
            const data = bytes(frame);
            for (let length = 0; data.length <= 200 && length < data.length; length++) {
                assert.throws(() => wire.decode(data.subarray(0, length)),
                    { code: 'MT_ERROR_INCOMPLETE', frameLength: length < 12 ? 12 : data.length });
            }
        });
    },
    'wire.bad'({ folder }) {
        each(vectors(folder, 'wire').bad, ({ frame, status, frameLength }) => {
            let length = 0;
            assert.strictEqual(statusOf(() => {
                try {
                    wire.decode(bytes(frame));
                } catch (error) {
                    length = error.frameLength ?? 0;
                    throw error;
                }
            }), status);
            assert.strictEqual(length, frameLength);
        });
    },
    'wire.unencodable'({ folder }) {
        each(vectors(folder, 'wire').unencodable, ({ message, status }) =>
            assert.strictEqual(statusOf(() => wire.encode(messageOf(message))), status));
    },
};
