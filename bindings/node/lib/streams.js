'use strict';

const { Readable, Writable } = require('node:stream');
const native = require('./native.js');
const { failure } = require('./errors.js');
const { allocate, checkOperationOptions, compressions, numberOf, optionsFrom, promise, suites, trimmed, whole } = require('./support.js');

// As long as a chunk of the library, so that one call moves one chunk.
const HIGH_WATER_MARK = 1024 * 1024;

/** One operation at a time, of which the stream can wait for the end before it lets go of what the operation uses. */
class Exclusive {
    #operation;
    #ended;

    /** Runs a function of the addon that ends with a callback, and gives its error or result to `callback`. */
    run(start, callback) {
        let end;
        this.#ended = new Promise((resolve) => {
            end = resolve;
        });
        try {
            this.#operation = start((error, result) => {
                this.#operation = undefined;
                end();
                callback(error, result);
            });
        } catch (error) {
            end();
            process.nextTick(callback, error);
        }
    }

    /** Stops the operation under way, if there is one, and waits for its end. */
    async stop() {
        if (this.#operation !== undefined) {
            native.operationCancel(this.#operation);
        }
        await this.#ended;
    }
}

/** Content of an object in order, from `start` to `end` (both inclusive, as in fs.createReadStream). */
class ReadStream extends Readable {
    #open;
    #owner; // keeps the client alive as long as this
    #object;
    #ownsObject;
    #download;
    #range;
    #operations = new Exclusive();
    #readAhead;

    /**
     * `open(callback)` is an operation that gives the handle of an object, which the stream then closes; or an object's handle itself,
     * which stays open. `owner` is the handle of the client.
     */
    constructor(open, owner, options) {
        const { start = 0, end, highWaterMark = HIGH_WATER_MARK, signal, encoding } = optionsFrom(options);
        checkOperationOptions({ signal });
        const first = whole(start, 'start');
        let length;
        if (end !== undefined && end !== Infinity) {
            length = whole(end, 'end') - first + 1;
            if (length < 0) {
                throw failure('MT_ERROR_INVALID_ARGUMENT', `end is ${end}, which is before start, ${start}`);
            }
        }

        super({ highWaterMark, signal, encoding });
        this.#open = open;
        this.#owner = owner;
        this.#ownsObject = typeof open === 'function';
        this.#range = { offset: first, length };
        this.#readAhead = Math.max(this.readableHighWaterMark, 1);
    }

    _construct(callback) {
        const begin = (error, object) => {
            if (error !== undefined) {
                callback(error);
                return;
            }
            try {
                this.#object = object;
                this.#download = native.downloadCreate(object, this.#range.offset, this.#range.length);
            } catch (failed) {
                callback(failed);
                return;
            }
            callback();
        };
        if (this.#ownsObject) {
            this.#operations.run(this.#open, begin);
        } else {
            begin(undefined, this.#open);
        }
    }

    _read(size) {
        const buffer = allocate(Math.max(size, this.#readAhead));
        this.#operations.run((callback) => native.downloadRead(this.#download, buffer, callback), (error, length) => {
            if (error !== undefined) {
                this.destroy(error);
            } else {
                this.push(length === 0 ? null : trimmed(buffer, length));
            }
        });
    }

    _destroy(error, callback) {
        this.#end().then(() => callback(error), callback);
    }

    async #end() {
        await this.#operations.stop();
        if (this.#download !== undefined) {
            await promise((callback) => native.streamDestroy(this.#download, callback));
        }
        if (this.#ownsObject && this.#object !== undefined) {
            native.closeHandle(this.#object);
        }
    }
}

/** The arguments of a put as the addon takes them. */
function putOptionsFrom(options) {
    const { dataShards = 0, parityShards = 0, suite, compression, deduplicate = false, name } = options;
    return {
        dataShards, parityShards, deduplicate, name,
        suite: numberOf(suites, suite, 'suite'),
        compression: numberOf(compressions, compression, 'compression'),
    };
}

/** A new object whose length need not be known. */
class WriteStream extends Writable {
    #client;
    #putOptions;
    #onProgress;
    #upload;
    #operations = new Exclusive();
    #settle;

    constructor(client, options) {
        const checked = optionsFrom(options);
        checkOperationOptions(checked);
        const { highWaterMark = HIGH_WATER_MARK, signal, onProgress } = checked;
        super({ highWaterMark, signal, decodeStrings: true });
        this.#client = client;
        this.#putOptions = putOptionsFrom(checked);
        this.#onProgress = onProgress;
        this.bytesWritten = 0;
        this.result = new Promise((resolve, reject) => {
            this.#settle = { resolve, reject };
        });
        this.capability = this.result.then(({ capability }) => capability);
        // The stream reports the failure too; who does not ask for the capability need not hear of it twice.
        this.result.catch(() => {});
        this.capability.catch(() => {});
    }

    _construct(callback) {
        try {
            this.#upload = native.uploadCreate(this.#client, this.#putOptions);
        } catch (error) {
            callback(error);
            return;
        }
        callback();
    }

    _write(chunk, encoding, callback) {
        this.#operations.run((done) => native.uploadWrite(this.#upload, chunk, done), (error) => {
            if (error === undefined) {
                this.bytesWritten += chunk.length;
                try {
                    this.#onProgress?.(this.bytesWritten, undefined);
                } catch (thrown) {
                    callback(thrown);
                    return;
                }
            }
            callback(error);
        });
    }

    // Many small pieces go over in one call.
    _writev(chunks, callback) {
        this._write(chunks.length === 1 ? chunks[0].chunk : Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', callback);
    }

    _final(callback) {
        this.#operations.run((done) => native.uploadFinish(this.#upload, done), (error, result) => {
            if (error === undefined) {
                this.#settle.resolve(result);
            }
            callback(error);
        });
    }

    _destroy(error, callback) {
        this.#end().then(() => callback(error), callback).finally(() => {
            this.#settle.reject(error ?? failure('MT_ERROR_CANCELED', 'the stream was destroyed before it was finished'));
        });
    }

    async #end() {
        await this.#operations.stop();
        if (this.#upload !== undefined) {
            await promise((callback) => native.streamDestroy(this.#upload, callback));
        }
    }
}

module.exports = { ReadStream, WriteStream, putOptionsFrom };
