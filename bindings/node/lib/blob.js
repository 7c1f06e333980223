'use strict';

const native = require('./native.js');
const { failure } = require('./errors.js');
const { allocate, bufferOn, compressions, filled, numberOf, optionsFrom, promise, suites, trimmed } = require('./support.js');

const KEY_LENGTH = 32;
const PLAINTEXT_LENGTH_MAX = native.blobPlaintextLengthMax;

/** Where a result goes: into memory of the caller, as long as that is at least `length` bytes, or into new memory. */
function destination(into, length) {
    if (into === undefined) {
        return { memory: allocate(length), fill: trimmed };
    }
    const memory = bufferOn(into, 'into');
    if (memory.length < length) {
        throw failure('MT_ERROR_BUFFER_TOO_SMALL', `into must have at least ${length} bytes, not ${memory.length}`);
    }
    return { memory, fill: filled };
}

/** Calls the addon for a seal with where the blob, its id and its key go; `start` gets the arguments of the addon. */
function sealing(data, { suite, compression, tenantSecret, into }, start) {
    const { byteLength } = bufferOn(data, 'data');
    if (byteLength > PLAINTEXT_LENGTH_MAX) {
        throw failure('MT_ERROR_LIMIT_EXCEEDED', `a chunk has at most ${PLAINTEXT_LENGTH_MAX} bytes, not ${byteLength}`);
    }
    const { memory, fill } = destination(into, native.blobBound(byteLength));
    const id = Buffer.allocUnsafe(KEY_LENGTH);
    const key = allocate(KEY_LENGTH); // not from the pool: a secret lies alone
    const length = start(memory, id, key, data, numberOf(suites, suite, 'suite'), numberOf(compressions, compression, 'compression'),
        tenantSecret);
    const finish = (written) => ({ blob: fill(memory, written), id, key });
    return typeof length === 'number' ? finish(length) : length.then(finish);
}

function seal(data, options) {
    return sealing(data, optionsFrom(options), native.blobSeal);
}

async function sealAsync(data, options) {
    return sealing(data, optionsFrom(options), (...args) => promise((callback) => native.blobSeal(...args, callback)));
}

function open(blob, key, options) {
    const { memory } = destination(optionsFrom(options).into, native.blobInspect(blob).plaintextLength);
    return filled(memory, native.blobOpen(memory, key, blob));
}

async function openAsync(blob, key, options) {
    const { memory } = destination(optionsFrom(options).into, native.blobInspect(blob).plaintextLength);
    return filled(memory, await promise((callback) => native.blobOpen(memory, key, blob, callback)));
}

function inspect(blob) {
    const { suite, compression, plaintextLength } = native.blobInspect(blob);
    return { suite: suites[suite], compression: compressions[compression], plaintextLength };
}

module.exports = { blob: Object.freeze({ PLAINTEXT_LENGTH_MAX, seal, sealAsync, open, openAsync, inspect }) };
