'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const megatorrent = require('megatorrent');
const { codeOf, data, notBytes } = require('./support.js');

const { MegatorrentError } = megatorrent;

test('what is no bytes is a TypeError everywhere', async () => {
    const { blob, bencode, BencodeReader, ed25519, x25519, Manifest, peer, wire, cid, merkleRoot, sha256, sha256Many } = megatorrent;
    const calls = [
        sha256, (value) => sha256Many([value]), merkleRoot, cid.format, blob.seal, (value) => blob.open(value, data(32)),
        (value) => blob.open(blob.seal(data(1)).blob, value), blob.inspect, (value) => ed25519.sign(value, data(1)),
        (value) => ed25519.sign(data(32), value), (value) => ed25519.verify(data(32), value, data(1)), ed25519.publicKey, x25519.publicKey,
        bencode.decode, (value) => new BencodeReader(value), Manifest.open, (value) => peer.check(value, data(32), data(32)), wire.decode,
    ];
    for (const value of notBytes) {
        for (const call of calls) {
            assert.throws(() => call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }, `${call} of ${String(value)}`);
        }
        const { sha256Async, merkleRootAsync } = megatorrent;
        for (const call of [sha256Async, merkleRootAsync, blob.sealAsync, (each) => blob.openAsync(each, data(32))]) {
            await assert.rejects(call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
        }
    }
});

test('what is no text is a TypeError, what is no UTF-8 or too long is refused', () => {
    const { capability, cid } = megatorrent;
    for (const call of [capability.parse, capability.toVerify, cid.parse, (text) => megatorrent.peer.payload(text, data(32))]) {
        for (const value of [undefined, null, 5, {}, [], () => {}, Symbol('s')]) {
            assert.throws(() => call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
        }
        for (const text of ['a\0b', '\ud800', 'a\udc00', 'x'.repeat(65536)]) {
            assert.strictEqual(codeOf(() => call(text)), 'MT_ERROR_INVALID_ARGUMENT');
        }
        assert.strictEqual(codeOf(() => call(Buffer.from([0xff, 0xfe]))), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(codeOf(() => call('')), 'MT_ERROR_MALFORMED');
        assert.strictEqual(codeOf(() => call('\u{1f600}')), 'MT_ERROR_MALFORMED');
    }
});

test('classes cannot be made or used in ways they are not meant for', () => {
    const { Client, ObjectHandle, ReedSolomon, NoiseSession, BencodeWriter, Manifest } = megatorrent;
    assert.throws(() => new Client(), TypeError);
    assert.throws(() => new ObjectHandle(), TypeError);
    assert.throws(() => ReedSolomon(4, 2), TypeError);
    for (const [type, method] of [[ReedSolomon, 'encode'], [NoiseSession, 'write'], [BencodeWriter, 'finish'], [Manifest, 'seal']]) {
        assert.throws(() => type.prototype[method].call({}), TypeError);
        assert.throws(() => type.prototype[method].call(Object.create(type.prototype)), TypeError);
    }
});

test('errors', () => {
    assert.throws(() => megatorrent.blob.open(data(10), data(32)), (error) => {
        assert.ok(error instanceof MegatorrentError && error instanceof Error);
        assert.strictEqual(error.status, -20);
        assert.strictEqual(error.code, 'MT_ERROR_MALFORMED');
        assert.strictEqual(megatorrent.statusName(error.status), error.code);
        assert.ok(error.message.length > 10);
        assert.match(error.stack, /misuse\.test\.js/);
        return true;
    });
    assert.strictEqual(megatorrent.statusName(-1000), 'MT_ERROR_UNKNOWN');
    assert.throws(() => megatorrent.statusName('x'), TypeError);
});

test('facts', () => {
    assert.strictEqual(megatorrent.version, require('megatorrent/package.json').version);
    assert.strictEqual(megatorrent.abiVersion() >>> 16, 0);
    assert.match(megatorrent.processor.level, /^(x86-64-v[34]|portable)$/);
    assert.match(megatorrent.processor.kernels, /erasure=/);
});

// Throws whatever comes to hand at every function there is. What counts is that the process lives, and that only errors of the right kinds
// come.
test('random arguments', async () => {
    const seed = Number(process.env.MEGATORRENT_FUZZ_SEED ?? 1);
    let x = seed;
    const random = (count) => {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        return Math.floor((x / 2 ** 32) * count);
    };
    const resizable = ArrayBuffer.prototype.resize === undefined ? data(64) : new Uint8Array(new ArrayBuffer(64, { maxByteLength: 128 }));
    const values = [
        ...notBytes, -1, 0.5, NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 2n ** 64n, -1n, '', 'mt1:x', '\ud800', 'a\0', data(32), data(64),
        data(31), Buffer.alloc(0), new ArrayBuffer(32), new DataView(new ArrayBuffer(40), 8), new Float64Array(8), resizable,
        new Uint8Array(new SharedArrayBuffer(32)), [data(8), data(8)], [data(8), data(9)], [null, data(8), data(8)], new Array(5), [[]],
        new Map([['a', 1]]), new Date(), /x/, { length: 2 ** 32 }, { suite: 'aes-256-gcm', compression: 'none' },
        { tenantSecret: data(32) },
        { staticSecret: data(32), initiator: true }, { type: 'DATA', requestNumber: 1, bytes: data(5) }, new Proxy({}, {}),
        { get suite() { throw new SyntaxError('of the getter'); } },
    ];
    const targets = () => {
        const { ReedSolomon, BencodeReader, BencodeWriter, Manifest, NoiseSession } = megatorrent;
        const objects = [
            new ReedSolomon(2, 1), new BencodeReader(Buffer.from('li1e2:hie')), new BencodeWriter(), new Manifest({ name: 'a' }),
            new NoiseSession({ staticSecret: data(32), initiator: true }), megatorrent.blob, megatorrent.cid, megatorrent.ed25519,
            megatorrent.x25519, megatorrent.bencode, megatorrent.capability, megatorrent.peer, megatorrent.wire,
        ];
        const methods = objects.flatMap((object) => [...Object.getOwnPropertyNames(object),
            ...Object.getOwnPropertyNames(Object.getPrototypeOf(object))]
            .filter((name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(object, name)?.get !== 'function' &&
                !['info', 'state', 'remoteKey', 'handshakeHash', 'dataShards', 'parityShards'].includes(name) &&
                typeof object[name] === 'function' && !Object.hasOwn(Object.prototype, name))
            .map((name) => (...args) => object[name](...args)));
        return [
            ...methods, megatorrent.sha256, megatorrent.sha256Async, megatorrent.sha256Many, megatorrent.sha256ManyAsync,
            megatorrent.merkleRoot, megatorrent.merkleRootAsync, (...args) => new ReedSolomon(...args),
            (...args) => new BencodeReader(...args), (...args) => new Manifest(...args), (...args) => new NoiseSession(...args),
        ];
    };
    const expected = (error) => error instanceof MegatorrentError || error instanceof TypeError || error instanceof RangeError ||
        (error instanceof SyntaxError && error.message === 'of the getter');

    for (let round = 0; round < 200; round++) {
        const pending = [];
        for (const target of targets()) {
            const args = Array.from({ length: random(5) }, () => values[random(values.length)]);
            const describe = () => `seed ${seed}, round ${round}: ${target} of ${args.map((each) => typeof each)}`;
            try {
                const result = target(...args);
                if (result instanceof Promise) {
                    pending.push(result.catch((error) => assert.ok(expected(error), `${describe()}: ${error.stack}`)));
                }
            } catch (error) {
                assert.ok(expected(error), `${describe()}: ${error.stack}`);
            }
        }
        await Promise.all(pending);
    }
});
