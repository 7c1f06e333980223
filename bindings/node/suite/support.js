'use strict';

// What the parts of the suite share: the data of the vectors, and ways to say what should be.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

/** Bytes of the generator of erasure.json. */
function pattern(seed, length) {
    const bytes = Buffer.allocUnsafe(length);
    let x = seed;
    for (let index = 0; index < length; index++) {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        bytes[index] = x >>> 24;
    }
    return bytes;
}

/** Numbers of the same generator, each below a limit. */
function numbers(seed) {
    let x = seed;
    return (limit) => {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
        return Math.floor((x / 2 ** 32) * limit);
    };
}

/** Data of a vector: hex, or {pattern, length}. */
function bytes(value) {
    return typeof value === 'string' ? Buffer.from(value, 'hex') : pattern(value.pattern, value.length);
}

/** Reads one file of the vectors. */
function vectors(folder, name) {
    return JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), 'utf8'));
}

/** The name of the status that a call ends with: 'MT_OK', that of a MegatorrentError, or 'TypeError'. */
function statusOf(call) {
    try {
        call();
    } catch (error) {
        return nameOf(error);
    }
    return 'MT_OK';
}

async function statusOfPromise(promise) {
    try {
        await promise;
    } catch (error) {
        return nameOf(error);
    }
    return 'MT_OK';
}

function nameOf(error) {
    const { MegatorrentError } = require('megatorrent');
    if (error instanceof MegatorrentError) {
        assert.ok(error.message.length > 0, 'an error has a text');
        return error.code;
    }
    if (error instanceof TypeError || error.name === 'AbortError') {
        return error.name;
    }
    throw error;
}

/** Every case of a list, each named when it fails. */
function each(cases, check) {
    assert.ok(cases.length > 0, 'there are cases');
    for (const one of cases) {
        try {
            check(one);
        } catch (error) {
            throw new Error(`${one.name}: ${error.message}`, { cause: error });
        }
    }
}

const same = (actual, expected, what) => {
    if (Buffer.isBuffer(actual) && actual.length > 1000) {
        assert.ok(actual.equals(expected), what ?? `${actual.length} bytes differ from the ${expected.length} expected`);
    } else {
        assert.deepStrictEqual(actual, expected, what);
    }
};

const suites = [undefined, 'aes-256-gcm', 'chacha20-poly1305'];
const compressions = [undefined, 'none', 'zstd', 'lz4', 'gzip', 'brotli'];

class Skip extends Error {}

module.exports = { pattern, numbers, bytes, vectors, statusOf, statusOfPromise, each, same, suites, compressions, Skip };
