'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { NoiseSession, x25519 } = require('megatorrent');
const { codeOf, data } = require('./support.js');

function pair(options) {
    const ours = x25519.generate();
    const theirs = x25519.generate();
    return {
        ours, theirs,
        initiator: new NoiseSession({ initiator: true, staticSecret: ours.secret, ...options }),
        responder: new NoiseSession({ staticSecret: theirs.secret, ...options }),
    };
}

test('two sessions understand each other', () => {
    for (const suite of [undefined, 'chacha20-poly1305']) {
        const { initiator, responder, ours, theirs } = pair({ suite, prologue: Buffer.from('hello') });
        assert.strictEqual(initiator.state, 'write');
        assert.strictEqual(responder.state, 'read');
        assert.strictEqual(codeOf(() => responder.write()), 'MT_ERROR_STATE');
        assert.strictEqual(codeOf(() => initiator.handshakeHash), 'MT_ERROR_STATE');
        responder.read(initiator.write());
        assert.strictEqual(initiator.read(responder.write(Buffer.from('theirs'))).toString(), 'theirs');
        assert.strictEqual(responder.read(initiator.write(Buffer.from('ours'))).toString(), 'ours');
        assert.strictEqual(initiator.state, 'established');
        assert.deepStrictEqual(initiator.handshakeHash, responder.handshakeHash);
        assert.deepStrictEqual(initiator.remoteKey, theirs.publicKey);
        assert.deepStrictEqual(responder.remoteKey, ours.publicKey);
        for (const length of [0, 1, 60000]) {
            assert.deepStrictEqual(responder.read(initiator.write(data(length))), data(length));
            assert.deepStrictEqual(initiator.read(responder.write(data(length))), data(length));
        }

        assert.strictEqual(codeOf(() => initiator.write(data(65536))), 'MT_ERROR_LIMIT_EXCEEDED');
        const message = initiator.write(data(10));
        message[3] ^= 1;
        assert.strictEqual(codeOf(() => responder.read(message)), 'MT_ERROR_INTEGRITY');
        assert.strictEqual(responder.state, 'dead');
        assert.strictEqual(codeOf(() => responder.write()), 'MT_ERROR_STATE');
        responder.close();
        assert.strictEqual(codeOf(() => responder.state), 'MT_ERROR_INVALID_HANDLE');
    }
});

test('options', () => {
    assert.throws(() => new NoiseSession(), TypeError);
    assert.throws(() => new NoiseSession({}), TypeError);
    assert.strictEqual(codeOf(() => new NoiseSession({ staticSecret: data(31) })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => new NoiseSession({ staticSecret: data(32), ephemeralSecret: data(1) })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => new NoiseSession({ staticSecret: data(32), prologue: 'text' }), TypeError);
});
