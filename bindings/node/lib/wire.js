'use strict';

const native = require('./native.js');
const { failure, wrongType } = require('./errors.js');
const { bufferOn } = require('./support.js');

// Every type by its number, with the members that count for it beside type and requestNumber.
const types = [
    undefined,
    ['HELLO', 'versionMin', 'versionMax', 'features', 'requestsMax', 'blobLengthMax', 'idleTimeoutMs'],
    ['PING'],
    ['PONG'],
    ['GET', 'id', 'offset', 'length'],
    ['DATA', 'flags', 'bytes'],
    ['WANT', 'count', 'items'],
    ['HAVE', 'count', 'items'],
    ['STORE', 'id', 'length', 'bytes'],
    ['STORED', 'code'],
    ['FIND', 'count', 'items'],
    ['FOUND', 'count', 'items'],
    ['CANCEL'],
    ['STATUS', 'bytes'],
    ['STATUS_REPLY', 'bytes'],
    ['ERROR', 'code', 'bytes'],
    ['GOSSIP', 'bytes'],
    ['GOSSIP_REPLY', 'bytes'],
    ['PROBE', 'bytes'],
    ['PROBE_REPLY', 'bytes'],
    ['JOIN', 'bytes'],
    ['JOINED', 'bytes'],
    ['NOTICE', 'id', 'code'],
    ['PROCEED'],
];
const numbers = new Map(types.flatMap((type, number) => (type === undefined ? [] : [[type[0], number]])));

function encode(message) {
    if (typeof message !== 'object' || message === null) {
        throw wrongType('message', 'an object', message);
    }
    const { type } = message;
    if (typeof type !== 'string' && typeof type !== 'number') {
        throw wrongType('message.type', 'a string', type);
    }
    const number = typeof type === 'number' ? type : numbers.get(type);
    if (number === undefined) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `there is no type of message ${type}`);
    }
    return native.wireEncode({ ...message, type: number });
}

function decode(data) {
    const frame = bufferOn(data, 'data');
    const found = native.wireDecode(data);
    const [type, ...members] = types[found.type];
    const message = { type, requestNumber: found.requestNumber };
    for (const member of members) {
        if (member === 'bytes' || member === 'items') {
            const offset = found[`${member}Offset`];
            message[member] = frame.subarray(offset, offset + found[`${member}Length`]);
        } else {
            message[member] = found[member];
        }
    }
    return { frameLength: found.frameLength, message };
}

module.exports = { wire: Object.freeze({ FLAG_LAST: 1, FLAG_UPLOAD: 2, HEADER_LENGTH: 12, FRAME_LENGTH_MAX: 1114116, encode, decode }) };
