'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { wire } = require('megatorrent');
const { codeOf, data } = require('./support.js');

test('messages become frames and messages again', () => {
    const messages = [
        { type: 'PING', requestNumber: 1 },
        { type: 'GET', requestNumber: 2, id: data(32), offset: 1048576, length: 4096 },
        { type: 'DATA', requestNumber: 3, flags: wire.FLAG_LAST, bytes: data(1000) },
        { type: 'WANT', requestNumber: 4, count: 2, items: data(64) },
        { type: 'ERROR', requestNumber: 0, code: 7, bytes: Buffer.from('why') },
    ];
    const frames = messages.map((message) => wire.encode(message));
    let rest = Buffer.concat(frames);
    for (const message of messages) {
        const decoded = wire.decode(rest);
        assert.deepStrictEqual(decoded.message, message);
        rest = rest.subarray(decoded.frameLength);
    }
    assert.strictEqual(rest.length, 0);
});

test('a frame that is cut says how long it is', () => {
    const frame = wire.encode({ type: 'GET', requestNumber: 2, id: data(32), offset: 0, length: 1 });
    assert.throws(() => wire.decode(frame.subarray(0, 20)), { code: 'MT_ERROR_INCOMPLETE', frameLength: frame.length });
    assert.throws(() => wire.decode(Buffer.alloc(0)), { code: 'MT_ERROR_INCOMPLETE', frameLength: wire.HEADER_LENGTH });
});

test('what no message can be', () => {
    assert.strictEqual(codeOf(() => wire.encode({ type: 'NONSENSE' })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => wire.encode({ type: 99, requestNumber: 1 })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => wire.encode({ type: 'PING', requestNumber: 0 })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => wire.encode({ type: 'PING', requestNumber: -1 })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => wire.encode({ type: 'GET', requestNumber: 1, id: data(5) })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => wire.encode({ type: 'PING', requestNumber: '1' }), TypeError);
    assert.throws(() => wire.encode({}), TypeError);
    assert.throws(() => wire.encode(null), TypeError);
    const frame = wire.encode({ type: 'PING', requestNumber: 1 });
    frame[4] = 99;
    assert.strictEqual(codeOf(() => wire.decode(frame)), 'MT_ERROR_PROTOCOL_VIOLATION');
});
