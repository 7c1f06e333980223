'use strict';

const native = require('./native.js');
const { failure } = require('./errors.js');
const { allocate, bufferOn, dateFrom, disposable, filled, operate, optionsFrom, pathFrom, promise, trimmed, whole } = require('./support.js');
const { ReadStream, WriteStream, putOptionsFrom } = require('./streams.js');

const token = Symbol('what only this module can make');
const objectKinds = [undefined, 'file', 'directory'];
const entryKinds = [undefined, 'file', 'directory', 'link'];

// From here on a read first asks how long the object is, so that it takes no more memory than there is to read.
const DIRECT_READ_MAX = 1024 * 1024;

function readRange(options) {
    const { offset = 0, length, into, signal } = optionsFrom(options);
    const wanted = length === undefined || length === Infinity ? Infinity : whole(length, 'length');
    const memory = into === undefined ? undefined : bufferOn(into, 'into');
    return {
        offset: whole(offset, 'offset'),
        length: wanted,
        memory: memory === undefined ? undefined : filled(memory, Math.min(wanted, memory.length)),
        signal,
    };
}

/** What is behind a capability, opened once: what it is, its entries, and its content at any place. */
class ObjectHandle {
    #handle;
    #client; // keeps the client alive as long as this
    #info;

    constructor(key, handle, client) {
        if (key !== token) {
            throw new TypeError('an ObjectHandle comes from client.open()');
        }
        this.#handle = handle;
        this.#client = client;
        const { modifiedNs, kind, ...rest } = native.objectInfo(handle);
        this.#info = Object.freeze({ kind: objectKinds[kind], ...rest, modified: dateFrom(modifiedNs), modifiedNs });
    }

    get info() {
        return this.#info;
    }

    get length() {
        return this.#info.length;
    }

    entries() {
        return Array.from({ length: this.#info.entryCount }, (_, index) => {
            const { modifiedNs, kind, path, ...rest } = native.objectEntry(this.#handle, index);
            return { path, kind: entryKinds[kind], ...rest, modified: dateFrom(modifiedNs), modifiedNs };
        });
    }

    async read(options) {
        const { offset, length, memory, signal } = readRange(options);
        const buffer = memory ?? allocate(Math.min(length, Math.max(this.length - offset, 0)));
        return filled(buffer, await operate((callback) => native.objectRead(this.#handle, buffer, offset, callback), { signal }));
    }

    createReadStream(options) {
        return new ReadStream(this.#handle, this.#client, options);
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
disposable(ObjectHandle, 'close');

/** A connection to a cluster. */
class Client {
    #handle;
    #closed;

    constructor(key, handle) {
        if (key !== token) {
            throw new TypeError('a Client comes from Client.open()');
        }
        this.#handle = handle;
    }

    static async open(options) {
        const { cluster, credential, credentialFile, requestTimeoutMs = 0, memoryBytesMax = 0, signal } = optionsFrom(options);
        const nodes = Array.isArray(cluster) ? cluster.join(',') : cluster;
        const handle = await operate((callback) => native.clientOpen(
            nodes, credential, pathFrom(credentialFile), requestTimeoutMs, memoryBytesMax, callback), { signal });
        return new Client(token, handle);
    }

    async put(data, options) {
        const checked = optionsFrom(options);
        return operate((callback, progress) => native.clientPut(this.#handle, data, putOptionsFrom(checked), callback, progress), checked);
    }

    async putFile(path, options) {
        const checked = optionsFrom(options);
        return operate((callback, progress) => native.clientPutFile(
            this.#handle, pathFrom(path), putOptionsFrom(checked), callback, progress), checked);
    }

    async getFile(capability, path, options) {
        const checked = optionsFrom(options);
        return operate((callback, progress) => native.clientGetFile(
            this.#handle, pathFrom(path), capability, Boolean(checked.overwrite), callback, progress), checked);
    }

    async read(capability, options) {
        const { offset, length, memory, signal } = readRange(options);
        if (memory !== undefined || length <= DIRECT_READ_MAX) {
            const buffer = memory ?? allocate(length);
            const count = await operate((callback) => native.clientRead(this.#handle, buffer, capability, offset, callback), { signal });
            return memory === undefined ? trimmed(buffer, count) : filled(buffer, count);
        }

        const object = await this.open(capability, { signal });
        try {
            if (object.info.kind !== 'file') {
                throw failure('MT_ERROR_INVALID_ARGUMENT', 'the capability is that of a directory: get it to a path, or open it');
            }
            return await object.read({ offset, length, signal });
        } finally {
            object.close();
        }
    }

    async open(capability, options) {
        const { signal } = optionsFrom(options);
        const handle = await operate((callback) => native.objectOpen(this.#handle, capability, callback), { signal });
        return new ObjectHandle(token, handle, this.#handle);
    }

    createReadStream(capability, options) {
        return new ReadStream((callback) => native.objectOpen(this.#handle, capability, callback), this.#handle, options);
    }

    createWriteStream(options) {
        return new WriteStream(this.#handle, options);
    }

    async verify(capability, options) {
        return operate((callback, progress) => native.clientVerify(this.#handle, capability, callback, progress), optionsFrom(options));
    }

    async repair(capability, options) {
        return operate((callback, progress) => native.clientRepair(this.#handle, capability, callback, progress), optionsFrom(options));
    }

    async status() {
        return promise((callback) => native.clientStatus(this.#handle, callback));
    }

    close() {
        this.#closed ??= promise((callback) => native.clientClose(this.#handle, callback));
        return this.#closed;
    }
}
disposable(Client, 'close', Symbol.asyncDispose);

module.exports = { Client, ObjectHandle };
