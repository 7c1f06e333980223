'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { blob, sha256 } = require('megatorrent');
const { bytesOfEveryKind, codeOf, data } = require('./support.js');

test('what is sealed opens, with every suite and compression', async () => {
    for (const suite of [undefined, 'aes-256-gcm', 'chacha20-poly1305']) {
        for (const compression of [undefined, 'none', 'zstd', 'lz4', 'gzip', 'brotli']) {
            for (const plaintext of [Buffer.alloc(0), data(1000), Buffer.alloc(50000, 'abc')]) {
                const sealed = blob.seal(plaintext, { suite, compression });
                assert.deepStrictEqual(sealed.id, sha256(sealed.blob));
                assert.deepStrictEqual(blob.open(sealed.blob, sealed.key), plaintext);
                const other = await blob.sealAsync(plaintext, { suite, compression });
                assert.notDeepStrictEqual(other.key, sealed.key);
                assert.deepStrictEqual(await blob.openAsync(other.blob, other.key), plaintext);
                const { plaintextLength, suite: used } = blob.inspect(other.blob);
                assert.strictEqual(plaintextLength, plaintext.length);
                assert.strictEqual(used, suite ?? 'aes-256-gcm');
            }
        }
    }
});

test('bytes of every kind are sealed', async () => {
    for (const [kind, bytes] of bytesOfEveryKind(64)) {
        const { blob: sealed, key } = await blob.sealAsync(bytes);
        assert.deepStrictEqual(blob.open(sealed, key), data(64), kind);
    }
});

test('one tenant secret gives one blob', async () => {
    const tenantSecret = data(32, 5);
    const first = blob.seal(data(1000), { tenantSecret });
    assert.deepStrictEqual(await blob.sealAsync(data(1000), { tenantSecret }), first);
    assert.notDeepStrictEqual(blob.seal(data(1000), { tenantSecret: data(32, 6) }).key, first.key);
    assert.strictEqual(codeOf(() => blob.seal(data(10), { tenantSecret: data(31) })), 'MT_ERROR_INVALID_ARGUMENT');
});

test('what was changed does not open', async () => {
    const { blob: sealed, key } = blob.seal(data(1000));
    sealed[500] ^= 1;
    assert.strictEqual(codeOf(() => blob.open(sealed, key)), 'MT_ERROR_INTEGRITY');
    await assert.rejects(blob.openAsync(sealed, key), { code: 'MT_ERROR_INTEGRITY', status: -21, name: 'MegatorrentError' });
    assert.strictEqual(codeOf(() => blob.open(data(100), key)), 'MT_ERROR_MALFORMED');
    assert.strictEqual(codeOf(() => blob.open(Buffer.alloc(0), key)), 'MT_ERROR_MALFORMED');
    assert.strictEqual(codeOf(() => blob.open(sealed, data(33))), 'MT_ERROR_INVALID_ARGUMENT');
});

test('into memory of the caller', async () => {
    const plaintext = data(1000);
    const memory = Buffer.alloc(1100, 7);
    const { blob: sealed, key } = blob.seal(plaintext, { into: memory.subarray(20, 1052) });
    assert.strictEqual(sealed.buffer, memory.buffer);
    assert.ok(memory.subarray(0, 20).every((byte) => byte === 7) && memory.subarray(1052).every((byte) => byte === 7));
    const opened = new Uint16Array(600);
    assert.ok(blob.open(sealed, key, { into: opened }).equals(plaintext));
    assert.ok(Buffer.from(opened.buffer, 0, 1000).equals(plaintext));
    assert.strictEqual(codeOf(() => blob.seal(plaintext, { into: memory.subarray(0, 1031) })), 'MT_ERROR_BUFFER_TOO_SMALL');
    assert.strictEqual(codeOf(() => blob.open(sealed, key, { into: memory.subarray(0, 999) })), 'MT_ERROR_BUFFER_TOO_SMALL');
    assert.strictEqual(codeOf(() => blob.seal(memory.subarray(0, 100), { into: memory })), 'MT_ERROR_OVERLAP');
    const shared = new Uint8Array(new SharedArrayBuffer(2000));
    assert.strictEqual(codeOf(() => blob.seal(plaintext, { into: shared })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => blob.seal(plaintext, { into: 'text' }), TypeError);
    const other = await blob.sealAsync(plaintext, { into: new Uint8Array(2000) });
    assert.ok((await blob.openAsync(other.blob, other.key, { into: memory })).equals(plaintext));
});

test('the longest chunk', () => {
    const longest = Buffer.alloc(blob.PLAINTEXT_LENGTH_MAX, 1);
    const { blob: sealed, key } = blob.seal(longest, { compression: 'lz4' });
    assert.ok(blob.open(sealed, key).equals(longest));
    assert.strictEqual(codeOf(() => blob.seal(Buffer.alloc(blob.PLAINTEXT_LENGTH_MAX + 1))), 'MT_ERROR_LIMIT_EXCEEDED');
});

test('options', () => {
    assert.strictEqual(codeOf(() => blob.seal(data(1), { suite: 'rot13' })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => blob.seal(data(1), { compression: 'zip' })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => blob.seal(data(1), { suite: 1 }), TypeError);
    assert.throws(() => blob.seal(data(1), 'zstd'), TypeError);
});
