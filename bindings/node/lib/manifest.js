'use strict';

const native = require('./native.js');
const { wrongType } = require('./errors.js');
const { allocate, dateFrom, disposable, filled, nanosecondsFrom, numberOf, optionsFrom, suites } = require('./support.js');

const capability = Object.freeze({
    parse: (text) => native.capabilityParse(text),
    format(fields) {
        if (typeof fields !== 'object' || fields === null) {
            throw wrongType('fields', 'an object', fields);
        }
        const { canRead, rootId, key, rootLength, parityShards } = fields;
        return native.capabilityFormat(canRead, rootId, key, rootLength, parityShards);
    },
    toVerify: (text) => native.capabilityToVerify(text),
});

const token = Symbol('a manifest that was opened');
const kinds = ['node', 'file', 'directory'];

class Manifest {
    #handle;

    // `opened` is a handle that Manifest.open has, which nobody else can.
    constructor(options, opened) {
        if (opened?.token === token) {
            this.#handle = opened.handle;
            return;
        }
        const { kind = 'file', mode = 0o644, name = '', ...time } = optionsFrom(options);
        // A node is kind 0, which is what no kind at all would be for numberOf.
        const number = kind === 'node' ? 0 : numberOf(kinds, kind, 'kind');
        this.#handle = native.manifestCreate(number, mode, nanosecondsFrom(time), name);
    }

    static open(blob, key) {
        return new Manifest(undefined, { token, handle: native.manifestOpen(blob, key) });
    }

    get info() {
        const info = native.manifestInfo(this.#handle);
        return { ...info, kind: kinds[info.kind], modified: dateFrom(info.modifiedNs) };
    }

    stream(streamIndex) {
        return native.manifestStream(this.#handle, streamIndex);
    }

    stripe(streamIndex, stripeIndex) {
        return native.manifestStripe(this.#handle, streamIndex, stripeIndex);
    }

    blob(streamIndex, stripeIndex, blobIndex) {
        return native.manifestBlob(this.#handle, streamIndex, stripeIndex, blobIndex);
    }

    addStream(depth = 0) {
        native.manifestAddStream(this.#handle, depth);
        return this;
    }

    addStripe(stripe) {
        if (typeof stripe !== 'object' || stripe === null) {
            throw wrongType('stripe', 'an object', stripe);
        }
        const { dataShards, parityShards, ids, lengths, keys, plaintextLengths } = stripe;
        native.manifestAddStripe(this.#handle, dataShards, parityShards, ids, lengths, keys, plaintextLengths);
        return this;
    }

    seal(options) {
        const { suite, tenantSecret } = optionsFrom(options);
        const blob = allocate(native.manifestLengthMax);
        const id = Buffer.alloc(32);
        const key = allocate(32);
        const length = native.manifestSeal(this.#handle, blob, id, key, numberOf(suites, suite, 'suite'), tenantSecret);
        return { blob: Buffer.from(filled(blob, length)), id, key };
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
disposable(Manifest, 'close');

module.exports = { capability, Manifest };
