'use strict';

const native = require('./native.js');
const { wrongType } = require('./errors.js');
const { promise } = require('./support.js');

const LENGTH = 32;

function sha256(data) {
    return native.sha256(Buffer.allocUnsafe(LENGTH), data);
}

async function sha256Async(data) {
    const out = Buffer.allocUnsafe(LENGTH);
    await promise((callback) => native.sha256(out, data, callback));
    return out;
}

function listFrom(list) {
    if (!Array.isArray(list)) {
        throw wrongType('list', 'an array', list);
    }
    return list.slice(); // so that nobody changes it meanwhile
}

function split(out) {
    const hashes = [];
    for (let offset = 0; offset < out.length; offset += LENGTH) {
        hashes.push(out.subarray(offset, offset + LENGTH));
    }
    return hashes;
}

function sha256Many(list) {
    const data = listFrom(list);
    const out = Buffer.allocUnsafe(LENGTH * data.length);
    native.sha256Many(out, data);
    return split(out);
}

async function sha256ManyAsync(list) {
    const data = listFrom(list);
    const out = Buffer.allocUnsafe(LENGTH * data.length);
    await promise((callback) => native.sha256Many(out, data, callback));
    return split(out);
}

function merkleRoot(data) {
    const out = Buffer.allocUnsafe(LENGTH);
    native.merkleRoot(out, data);
    return out;
}

async function merkleRootAsync(data) {
    const out = Buffer.allocUnsafe(LENGTH);
    await promise((callback) => native.merkleRoot(out, data, callback));
    return out;
}

const cid = Object.freeze({
    format: (id) => native.cidFormat(id),
    parse: (text) => native.cidParse(text),
});

module.exports = { sha256, sha256Async, sha256Many, sha256ManyAsync, merkleRoot, merkleRootAsync, cid };
