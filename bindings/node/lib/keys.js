'use strict';

const native = require('./native.js');
const { allocate } = require('./support.js');

// Secrets get memory of their own, not a piece of Node's pool.
const ed25519 = Object.freeze({
    generate() {
        const pair = { seed: allocate(32), publicKey: Buffer.alloc(32) };
        native.ed25519Generate(pair.seed, pair.publicKey);
        return pair;
    },
    publicKey: (seed) => native.ed25519PublicKey(Buffer.alloc(32), seed),
    sign: (seed, data) => native.ed25519Sign(Buffer.alloc(64), seed, data),
    verify: (publicKey, signature, data) => native.ed25519Verify(publicKey, signature, data),
});

const x25519 = Object.freeze({
    generate() {
        const pair = { secret: allocate(32), publicKey: Buffer.alloc(32) };
        native.x25519Generate(pair.secret, pair.publicKey);
        return pair;
    },
    publicKey: (secret) => native.x25519PublicKey(Buffer.alloc(32), secret),
});

module.exports = { ed25519, x25519 };
