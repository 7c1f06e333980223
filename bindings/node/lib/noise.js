'use strict';

const native = require('./native.js');
const { wrongType } = require('./errors.js');
const { allocate, bufferOn, disposable, filled, numberOf, suites } = require('./support.js');

const states = [undefined, 'write', 'read', 'established', 'dead'];
const nothing = Buffer.alloc(0);

class NoiseSession {
    #handle;

    constructor(options) {
        if (typeof options !== 'object' || options === null) {
            throw wrongType('options', 'an object', options);
        }
        const { initiator = false, suite, staticSecret, prologue, ephemeralSecret } = options;
        this.#handle = native.noiseCreate(Boolean(initiator), numberOf(suites, suite, 'suite'), staticSecret, prologue, ephemeralSecret);
    }

    get state() {
        return states[native.noiseState(this.#handle)];
    }

    get remoteKey() {
        return native.noiseRemoteKey(this.#handle);
    }

    get handshakeHash() {
        return native.noiseHandshakeHash(this.#handle);
    }

    write(payload = nothing) {
        return native.noiseWrite(this.#handle, payload);
    }

    read(message) {
        const payload = allocate(bufferOn(message, 'message').length);
        return filled(payload, native.noiseRead(this.#handle, payload, message));
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
disposable(NoiseSession, 'close');

const peer = Object.freeze({
    payload: (credential, staticKey) => native.peerPayload(credential, staticKey),
    check: (payload, remoteStaticKey, clusterKey) => native.peerCheck(payload, remoteStaticKey, clusterKey),
});

module.exports = { NoiseSession, peer };
