'use strict';

// What the tests share.

/** Bytes that look random and are always the same: the generator of tests/vectors/erasure.json. */
function data(length, seed = 1) {
    const bytes = Buffer.allocUnsafe(length);
    let x = seed;
    for (let index = 0; index < length; index++) {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        bytes[index] = x >>> 24;
    }
    return bytes;
}

/** The same bytes in everything that holds bytes; `length` must be a multiple of 8. */
function bytesOfEveryKind(length) {
    const bytes = data(length);
    const memory = new ArrayBuffer(length + 16);
    new Uint8Array(memory).set(bytes, 8);
    const shared = new SharedArrayBuffer(length);
    new Uint8Array(shared).set(bytes);
    const kinds = [
        ['Buffer', bytes],
        ['Uint8Array', new Uint8Array(bytes)],
        ['Uint8Array inside an ArrayBuffer', new Uint8Array(memory, 8, length)],
        ['Uint16Array', new Uint16Array(memory, 8, length / 2)],
        ['BigInt64Array', new BigInt64Array(memory, 8, length / 8)],
        ['DataView', new DataView(memory, 8, length)],
        ['ArrayBuffer', memory.slice(8, 8 + length)],
        ['SharedArrayBuffer', new Uint8Array(shared)],
    ];
    if (ArrayBuffer.prototype.resize !== undefined) {
        const resizable = new ArrayBuffer(length, { maxByteLength: 2 * length });
        new Uint8Array(resizable).set(bytes);
        kinds.push(['resizable ArrayBuffer', new Uint8Array(resizable)]);
    }
    return kinds;
}

/** The code of what a call throws. */
function codeOf(call) {
    try {
        call();
    } catch (error) {
        return error.code;
    }
    return undefined;
}

const notBytes = [undefined, null, 1, 1n, 'text', true, {}, [], () => {}, Symbol('s')];

module.exports = { data, bytesOfEveryKind, codeOf, notBytes };
