'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { ed25519, x25519 } = require('megatorrent');
const { codeOf, data } = require('./support.js');

test('Ed25519 signs and verifies', () => {
    const pair = ed25519.generate();
    assert.deepStrictEqual(ed25519.publicKey(pair.seed), pair.publicKey);
    assert.notDeepStrictEqual(ed25519.generate().seed, pair.seed);
    const signature = ed25519.sign(pair.seed, data(100));
    assert.strictEqual(ed25519.verify(pair.publicKey, signature, data(100)), true);
    assert.strictEqual(ed25519.verify(pair.publicKey, signature, data(99)), false);
    assert.strictEqual(ed25519.verify(ed25519.generate().publicKey, signature, data(100)), false);
    assert.strictEqual(codeOf(() => ed25519.verify(pair.publicKey, signature.subarray(1), data(100))), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => ed25519.sign(data(31), data(100))), 'MT_ERROR_INVALID_ARGUMENT');
});

test('X25519', () => {
    const pair = x25519.generate();
    assert.deepStrictEqual(x25519.publicKey(pair.secret), pair.publicKey);
    assert.notDeepStrictEqual(x25519.generate().secret, pair.secret);
});
