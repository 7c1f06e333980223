'use strict';

// Behaviours of what gets bad input.

const assert = require('node:assert');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const megatorrent = require('megatorrent');
const { pattern, same, statusOf, statusOfPromise } = require('./support.js');

const {
    BencodeReader, BencodeWriter, Manifest, NoiseSession, ReedSolomon, bencode, blob, capability, cid, ed25519, merkleRoot, peer, sha256,
    sha256Many, wire, x25519,
} = megatorrent;

const secret = pattern(1, 32);
const wrongs = [null, undefined, 5, 'text', {}, () => {}];

// What a worker thread does for two seconds; it says so and ends.
const work = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { ReedSolomon, blob, sha256 } = require('megatorrent');
    const code = new ReedSolomon(4, 2);
    const data = [1, 2, 3, 4].map((each) => Buffer.alloc(20000, each));
    const parity = code.encode(data);
    const hash = sha256(data[0]);
    let rounds = 0;
    for (const end = Date.now() + workerData.milliseconds; Date.now() < end; rounds++) {
        const rebuilt = code.reconstruct([null, data[1], null, data[3], ...parity]);
        const sealed = blob.seal(data[0]);
        if (!rebuilt[0].equals(data[0]) || !rebuilt[2].equals(data[2]) || !blob.open(sealed.blob, sealed.key).equals(data[0]) ||
            !sha256(data[0]).equals(hash)) {
            throw new Error('a wrong result');
        }
    }
    parentPort.postMessage(rounds);`;

function start(milliseconds) {
    return new Worker(work, { eval: true, workerData: { milliseconds } });
}

/** Every kind of object that can be closed, with a use of it. */
function closable() {
    return [
        [new ReedSolomon(2, 1), (code) => code.encode([Buffer.alloc(1), Buffer.alloc(1)])],
        [new BencodeReader(Buffer.from('i1e')), (reader) => reader.next()],
        [new BencodeWriter(), (writer) => writer.integer(1)],
        [new Manifest({ name: 'a' }), (manifest) => manifest.addStream()],
        [new NoiseSession({ initiator: true, staticSecret: secret }), (session) => session.write()],
    ];
}

module.exports = {
    async 'misuse.closed-handle'() {
        for (const [object, use] of closable()) {
            object.close();
            object.close();
            assert.strictEqual(statusOf(() => use(object)), 'MT_ERROR_INVALID_HANDLE', object.constructor.name);
        }
        if (!process.env.MEGATORRENT_CLUSTER || !process.env.MEGATORRENT_CREDENTIAL) {
            return;
        }
        const client = await megatorrent.Client.open();
        const { capability: text } = await client.put(Buffer.alloc(10));
        const object = await client.open(text);
        object.close();
        object.close();
        assert.strictEqual(await statusOfPromise(object.read()), 'MT_ERROR_INVALID_HANDLE');
        await client.close();
        await client.close();
        assert.strictEqual(await statusOfPromise(client.put(Buffer.alloc(1))), 'MT_ERROR_INVALID_HANDLE');
        assert.strictEqual(await statusOfPromise(client.status()), 'MT_ERROR_INVALID_HANDLE');
    },
    async 'misuse.wrong-type'() {
        const code = new ReedSolomon(2, 1);
        const calls = [
            sha256, merkleRoot, (value) => sha256Many([value]), cid.format, blob.seal, blob.inspect, (value) => blob.open(value, secret),
            (value) => ed25519.sign(secret, value), (value) => ed25519.verify(secret, value, secret), ed25519.publicKey, x25519.publicKey,
            (value) => new BencodeReader(value), bencode.decode, (value) => Manifest.open(value), wire.decode,
            (value) => peer.check(value, secret, secret), (value) => code.encode([value, value]),
            (value) => code.verify([value, value, value]),
            (value) => new NoiseSession({ staticSecret: value }), (value) => new ReedSolomon(value === 5 ? '5' : value, 1),
            (value) => wire.encode(value === undefined ? value : { type: value === 5 || value === 'text' ? {} : value }),
        ];
        for (const value of wrongs) {
            for (const call of calls) {
                assert.strictEqual(statusOf(() => call(value)), 'TypeError', `${call} of ${String(value)}`);
            }
            for (const call of [capability.parse, capability.toVerify, cid.parse, (text) => peer.payload(text, secret)]) {
                assert.strictEqual(statusOf(() => call(value === 'text' ? 5n : value)), 'TypeError', `${call} of ${String(value)}`);
            }
            for (const call of [megatorrent.sha256Async, blob.sealAsync, megatorrent.merkleRootAsync]) {
                assert.strictEqual(await statusOfPromise(call(value)), 'TypeError', `${call} of ${String(value)}`);
            }
        }
        assert.strictEqual(statusOf(() => bencode.encode(undefined)), 'TypeError');
        assert.strictEqual(await statusOfPromise(megatorrent.Client.open({ cluster: 5 })), 'TypeError');
    },
    async 'misuse.lengths'() {
        for (const value of [-1, 0.5, NaN, 2 ** 60, Infinity, -Infinity, 2n ** 64n, -1n]) {
            assert.strictEqual(statusOf(() => new ReedSolomon(value, 1)), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(statusOf(() => new ReedSolomon(1, value)), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(statusOf(() => new Manifest({ name: 'a' }).addStream(value)), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(statusOf(() => wire.encode({ type: 'GET', requestNumber: 1, id: secret, length: value })),
                'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(
                statusOf(() => capability.format({ canRead: true, rootId: secret, key: secret, rootLength: value, parityShards: 1 })),
                'MT_ERROR_INVALID_ARGUMENT');
        }
        const wholes = [-1, 0.5, NaN, 2 ** 60, 2n ** 64n, -1n];
        if (!process.env.MEGATORRENT_CLUSTER || !process.env.MEGATORRENT_CREDENTIAL) {
            return;
        }
        const client = await megatorrent.Client.open();
        const { capability: text } = await client.put(Buffer.alloc(10));
        for (const value of wholes) {
            assert.strictEqual(await statusOfPromise(client.read(text, { offset: value })), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(await statusOfPromise(client.read(text, { length: value })), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(statusOf(() => client.createReadStream(text, { start: value })), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(statusOf(() => client.createReadStream(text, { end: value })), 'MT_ERROR_INVALID_ARGUMENT');
        }
        await client.close();
    },
    'misuse.short-destination'() {
        const code = new ReedSolomon(2, 2);
        const data = [pattern(1, 100), pattern(2, 100)];
        const parity = [Buffer.alloc(100, 7), Buffer.alloc(99, 7)];
        assert.strictEqual(statusOf(() => code.encode(data, parity)), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => code.encode(data, parity.slice(0, 1))), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(statusOf(() => code.update(parity, 0, data[0], data[1])), 'MT_ERROR_INVALID_ARGUMENT');
        same(parity, [Buffer.alloc(100, 7), Buffer.alloc(99, 7)]);
        const sealed = blob.seal(data[0]);
        const into = Buffer.alloc(99, 7);
        assert.strictEqual(statusOf(() => blob.open(sealed.blob, sealed.key, { into })), 'MT_ERROR_BUFFER_TOO_SMALL');
        assert.strictEqual(statusOf(() => blob.seal(data[0], { into })), 'MT_ERROR_BUFFER_TOO_SMALL');
        same(into, Buffer.alloc(99, 7));
    },
    async 'misuse.invalid-utf8'() {
        const texts = [Buffer.from([0xff, 0xfe]), Buffer.alloc(65536, 'a'), 'a'.repeat(65536), '\ud800', 'a\udfffb', 'a\0b'];
        const calls = [capability.parse, capability.toVerify, cid.parse, (text) => peer.payload(text, secret),
            (text) => new Manifest({ name: text })];
        for (const text of texts) {
            for (const call of calls) {
                assert.strictEqual(statusOf(() => call(text)), 'MT_ERROR_INVALID_ARGUMENT', `${call} of ${text.length}`);
            }
            for (const options of [{ cluster: text }, { credential: text }, { credentialFile: text }]) {
                assert.strictEqual(await statusOfPromise(megatorrent.Client.open(options)), 'MT_ERROR_INVALID_ARGUMENT');
            }
        }
        if (!process.env.MEGATORRENT_CLUSTER || !process.env.MEGATORRENT_CREDENTIAL) {
            return;
        }
        const client = await megatorrent.Client.open();
        for (const text of texts) {
            assert.strictEqual(await statusOfPromise(client.putFile(text)), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(await statusOfPromise(client.put(Buffer.alloc(1), { name: text })), 'MT_ERROR_INVALID_ARGUMENT');
            assert.strictEqual(await statusOfPromise(client.getFile(text, 'nowhere')), 'MT_ERROR_INVALID_ARGUMENT');
        }
        await client.close();
    },
    async 'misuse.many-threads'() {
        const workers = Array.from({ length: 8 }, () => start(2000));
        const rounds = workers.map((worker) => once(worker, 'message'));
        const ended = workers.map((worker) => once(worker, 'exit'));
        const short = start(60000);
        await once(short, 'online');
        await short.terminate();
        assert.ok((await Promise.all(rounds)).every(([count]) => count > 0));
        same((await Promise.all(ended)).map(([code]) => code), Array(8).fill(0));
    },
};
