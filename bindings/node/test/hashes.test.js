'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { sha256, sha256Async, sha256Many, sha256ManyAsync, merkleRoot, merkleRootAsync, cid } = require('megatorrent');
const { bytesOfEveryKind, codeOf, data } = require('./support.js');

const expected = (bytes) => crypto.createHash('sha256').update(bytes).digest();

test('sha256 is that of Node, at once and later', async () => {
    for (const length of [0, 1, 63, 64, 65, 100000]) {
        assert.deepStrictEqual(sha256(data(length)), expected(data(length)));
        assert.deepStrictEqual(await sha256Async(data(length)), expected(data(length)));
    }
});

test('bytes of every kind are taken', async () => {
    const hash = expected(data(64));
    for (const [kind, bytes] of bytesOfEveryKind(64)) {
        assert.deepStrictEqual(sha256(bytes), hash, kind);
        assert.deepStrictEqual(await sha256Async(bytes), hash, kind);
        assert.deepStrictEqual(sha256Many([bytes, bytes]), [hash, hash], kind);
    }
});

test('many messages at once', async () => {
    const list = Array.from({ length: 20 }, (_, index) => data(index * 100));
    assert.deepStrictEqual(sha256Many(list), list.map(expected));
    assert.deepStrictEqual(await sha256ManyAsync(list), list.map(expected));
    assert.deepStrictEqual(sha256Many([]), []);
});

test('a list that is changed meanwhile does not matter', async () => {
    const list = [data(1000000), data(1000000)];
    const promise = sha256ManyAsync(list);
    list.length = 0;
    assert.deepStrictEqual(await promise, [expected(data(1000000)), expected(data(1000000))]);
});

test('a view whose ArrayBuffer was transferred is refused', async () => {
    const bytes = new Uint8Array(100);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    assert.strictEqual(codeOf(() => sha256(bytes)), 'MT_ERROR_INVALID_ARGUMENT');
    await assert.rejects(sha256Async(bytes), { code: 'MT_ERROR_INVALID_ARGUMENT' });
});

test('the Merkle root of one block is its hash', async () => {
    assert.deepStrictEqual(merkleRoot(data(1000)), expected(data(1000)));
    assert.deepStrictEqual(merkleRoot(data(0)), Buffer.alloc(32));
    const two = expected(Buffer.concat([expected(data(16384)), expected(data(20000).subarray(16384))]));
    assert.deepStrictEqual(merkleRoot(data(20000)), two);
    assert.deepStrictEqual(await merkleRootAsync(data(20000)), two);
});

test('CID texts', () => {
    const id = expected(Buffer.alloc(0));
    assert.strictEqual(cid.format(id), 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku');
    assert.deepStrictEqual(cid.parse(cid.format(id)), id);
    assert.strictEqual(codeOf(() => cid.parse('bafy')), 'MT_ERROR_MALFORMED');
    assert.strictEqual(codeOf(() => cid.format(Buffer.alloc(31))), 'MT_ERROR_INVALID_ARGUMENT');
});
