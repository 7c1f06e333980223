'use strict';

const native = require('./native.js');
const { failure } = require('./errors.js');
const { allocate, bufferOn, compressions, filled, numberOf, optionsFrom, promise, suites } = require('./support.js');

const KEY_LENGTH = 32;
const PLAINTEXT_LENGTH_MAX = native.blobPlaintextLengthMax;

// A blob that was compressed is much shorter than the memory it was made in; then a copy is worth its while.
function trimmed(buffer, length) {
    return length < buffer.length / 2 ? Buffer.from(buffer.subarray(0, length)) : filled(buffer, length);
}

function sealing(data, options) {
    const { suite, compression, tenantSecret } = optionsFrom(options);
    const { byteLength } = bufferOn(data, 'data');
    if (byteLength > PLAINTEXT_LENGTH_MAX) {
        throw failure('MT_ERROR_LIMIT_EXCEEDED', `a chunk has at most ${PLAINTEXT_LENGTH_MAX} bytes, not ${byteLength}`);
    }
    return {
        blob: allocate(native.blobBound(byteLength)),
        id: Buffer.alloc(KEY_LENGTH),
        key: allocate(KEY_LENGTH), // not from the pool: a secret lies alone
        rest: [data, numberOf(suites, suite, 'suite'), numberOf(compressions, compression, 'compression'), tenantSecret],
    };
}

function seal(data, options) {
    const { blob, id, key, rest } = sealing(data, options);
    const length = native.blobSeal(blob, id, key, ...rest);
    return { blob: trimmed(blob, length), id, key };
}

async function sealAsync(data, options) {
    const { blob, id, key, rest } = sealing(data, options);
    const length = await promise((callback) => native.blobSeal(blob, id, key, ...rest, callback));
    return { blob: trimmed(blob, length), id, key };
}

function open(blob, key) {
    const data = allocate(native.blobInspect(blob).plaintextLength);
    return filled(data, native.blobOpen(data, key, blob));
}

async function openAsync(blob, key) {
    const data = allocate(native.blobInspect(blob).plaintextLength);
    return filled(data, await promise((callback) => native.blobOpen(data, key, blob, callback)));
}

function inspect(blob) {
    const { suite, compression, plaintextLength } = native.blobInspect(blob);
    return { suite: suites[suite], compression: compressions[compression], plaintextLength };
}

module.exports = { blob: Object.freeze({ PLAINTEXT_LENGTH_MAX, seal, sealAsync, open, openAsync, inspect }) };
