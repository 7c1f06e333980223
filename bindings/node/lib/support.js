'use strict';

// What the classes of this package share.

const { AsyncResource } = require('node:async_hooks');
const { constants } = require('node:buffer');
const { fileURLToPath } = require('node:url');
const native = require('./native.js');
const { AbortError, failure, wrongType } = require('./errors.js');

/** An options object, or an empty one for undefined. */
function optionsFrom(value) {
    if (value === undefined) {
        return {};
    }
    if (typeof value !== 'object' || value === null) {
        throw wrongType('options', 'an object', value);
    }
    return value;
}

/** A whole number from 0 to 2^53 - 1; a BigInt is taken too. */
function whole(value, name) {
    if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw wrongType(name, 'a number', value);
    }
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 0) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `${name} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, not ${value}`);
    }
    return number;
}

/** The number behind one of a fixed set of names; `undefined` is 0, the default of the library. */
function numberOf(names, value, name) {
    if (value === undefined) {
        return 0;
    }
    if (typeof value !== 'string') {
        throw wrongType(name, 'a string', value);
    }
    const index = names.indexOf(value);
    if (index <= 0) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `${name} must be one of ${names.slice(1).join(', ')}, not ${value}`);
    }
    return index;
}

/** The bytes of a view or ArrayBuffer as a Buffer on the same memory. */
function bufferOn(value, name) {
    if (Buffer.isBuffer(value)) {
        return value;
    }
    if (ArrayBuffer.isView(value)) {
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
        return Buffer.from(value);
    }
    throw wrongType(name, 'a Buffer, a Uint8Array or another view, or an ArrayBuffer', value);
}

/** Memory that is filled before anyone sees it. */
function allocate(length) {
    if (length > constants.MAX_LENGTH) {
        throw failure('MT_ERROR_LIMIT_EXCEEDED', `${length} bytes do not fit in a Buffer, which holds at most ${constants.MAX_LENGTH}`);
    }
    try {
        return Buffer.allocUnsafeSlow(length);
    } catch (error) {
        throw Object.assign(failure('MT_ERROR_OUT_OF_MEMORY', `no memory for ${length} bytes`), { cause: error });
    }
}

/** The first bytes of a buffer that was filled in part. */
function filled(buffer, length) {
    return length === buffer.length ? buffer : buffer.subarray(0, length);
}

/** The same; where that is much less than the memory, a copy is worth its while, since otherwise all of the memory would stay. */
function trimmed(buffer, length) {
    return length < buffer.length / 2 ? Buffer.from(buffer.subarray(0, length)) : filled(buffer, length);
}

/** A path for the library: a string, bytes in UTF-8, or a file: URL. */
function pathFrom(value) {
    return value instanceof URL ? fileURLToPath(value) : value;
}

/** Runs a function of the addon that ends with a callback; its result, or its error, becomes the promise's. */
function promise(start) {
    return new Promise((resolve, reject) => {
        start((error, result) => (error === undefined ? resolve(result) : reject(error)));
    });
}

function checkOperationOptions({ signal, onProgress }) {
    if (signal !== undefined && (typeof signal !== 'object' || signal === null || typeof signal.aborted !== 'boolean')) {
        throw wrongType('options.signal', 'an AbortSignal', signal);
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
        throw wrongType('options.onProgress', 'a function', onProgress);
    }
}

/**
 * Runs an operation of the library: `start(callback, progress)` begins it. It stops when the signal aborts or onProgress throws. The
 * promise settles when the operation has let go of its buffers, not before.
 */
function operate(start, options = {}) {
    return new Promise((resolve, reject) => {
        checkOperationOptions(options);
        const { signal, onProgress } = options;
        if (signal?.aborted) {
            throw new AbortError(signal.reason);
        }

        let operation;
        let thrown;
        const cancel = () => native.operationCancel(operation);
        const report = onProgress && AsyncResource.bind((done, total) => {
            if (thrown !== undefined) {
                return;
            }
            try {
                onProgress(done, total);
            } catch (error) {
                thrown = { error };
                cancel();
            }
        });
        operation = start((error, result) => {
            signal?.removeEventListener('abort', cancel);
            if (thrown !== undefined) {
                reject(thrown.error);
            } else if (error === undefined) {
                resolve(result);
            } else {
                reject(signal?.aborted && error.code === 'MT_ERROR_CANCELED' ? new AbortError(signal.reason) : error);
            }
        }, report);
        signal?.addEventListener('abort', cancel, { once: true });
    });
}

/** Gives a class the method that `using` or `await using` calls, where the platform has the symbol. */
function disposable(type, method, symbol = Symbol.dispose) {
    if (symbol !== undefined) {
        Object.defineProperty(type.prototype, symbol, {
            value() {
                return this[method]();
            },
            configurable: true,
            writable: true,
        });
    }
}

const suites = [undefined, 'aes-256-gcm', 'chacha20-poly1305'];
const compressions = [undefined, 'none', 'zstd', 'lz4', 'gzip', 'brotli'];

/** Nanoseconds since 1970, from `modifiedNs` (a BigInt) or `modified` (a Date); 0 without both. */
function nanosecondsFrom({ modifiedNs, modified }) {
    if (modifiedNs !== undefined) {
        return modifiedNs;
    }
    if (modified === undefined) {
        return 0n;
    }
    if (!(modified instanceof Date)) {
        throw wrongType('modified', 'a Date', modified);
    }
    if (Number.isNaN(modified.getTime())) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', 'modified is an invalid Date');
    }
    return BigInt(modified.getTime()) * 1_000_000n;
}

/** A Date from nanoseconds since 1970, cut to whole milliseconds. */
function dateFrom(nanoseconds) {
    return new Date(Number(nanoseconds / 1_000_000n));
}

module.exports = {
    optionsFrom, whole, numberOf, bufferOn, allocate, filled, trimmed, pathFrom, promise, operate, checkOperationOptions, disposable, suites,
    compressions, nanosecondsFrom, dateFrom,
};
