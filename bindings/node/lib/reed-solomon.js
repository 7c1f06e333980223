'use strict';

const native = require('./native.js');
const { failure, wrongType } = require('./errors.js');
const { allocate, disposable, optionsFrom, promise, whole } = require('./support.js');

/** The length of the first shard that is there. */
function lengthOf(shards) {
    const first = shards.find((shard) => shard !== null && shard !== undefined);
    return first?.byteLength ?? 0;
}

function arrayFrom(value, name) {
    if (!Array.isArray(value)) {
        throw wrongType(name, 'an array', value);
    }
    return value;
}

/** A copy of a list of shards, which must have so many. */
function listFrom(value, name, count) {
    if (arrayFrom(value, name).length !== count) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `${name} must have ${count} elements, not ${value.length}`);
    }
    return value.slice();
}

class ReedSolomon {
    #handle;
    #dataShards;
    #parityShards;

    constructor(dataShards, parityShards) {
        this.#handle = native.rsCreate(dataShards, parityShards);
        this.#dataShards = Number(dataShards);
        this.#parityShards = Number(parityShards);
    }

    get #count() {
        return this.#dataShards + this.#parityShards;
    }

    get dataShards() {
        return this.#dataShards;
    }

    get parityShards() {
        return this.#parityShards;
    }

    // Data shards and then parity shards, as the addon takes them. The lists are copied, so that nobody changes them meanwhile.
    #encoding(data, parity) {
        const from = listFrom(data, 'data', this.#dataShards);
        if (parity !== undefined) {
            return from.concat(listFrom(parity, 'parity', this.#parityShards));
        }
        const length = lengthOf(from);
        return from.concat(Array.from({ length: this.#parityShards }, () => allocate(length)));
    }

    encode(data, parity) {
        const all = this.#encoding(data, parity);
        native.rsEncode(this.#handle, undefined, ...all);
        return all.slice(this.#dataShards);
    }

    async encodeAsync(data, parity) {
        const all = this.#encoding(data, parity);
        await promise((callback) => native.rsEncode(this.#handle, callback, ...all));
        return all.slice(this.#dataShards);
    }

    verify(shards) {
        return native.rsVerify(this.#handle, undefined, ...listFrom(shards, 'shards', this.#count));
    }

    async verifyAsync(shards) {
        const list = listFrom(shards, 'shards', this.#count);
        return promise((callback) => native.rsVerify(this.#handle, callback, ...list));
    }

    // Missing shards are null or undefined; those of them that are wanted get memory, the others are left out.
    #rebuilding(shards, options) {
        const { only } = optionsFrom(options);
        const list = listFrom(shards, 'shards', this.#count);
        const wanted = only === undefined ? undefined : new Set(arrayFrom(only, 'options.only').map((index) => whole(index, 'only')));
        for (const index of wanted ?? []) {
            if (index >= list.length) {
                throw failure('MT_ERROR_INVALID_ARGUMENT', `there is no shard ${index}`);
            }
        }
        const length = lengthOf(list);
        const present = new Uint8Array(list.length);
        for (let index = 0; index < list.length; index++) {
            if (list[index] !== null && list[index] !== undefined) {
                present[index] = 1;
            } else {
                list[index] = wanted === undefined || wanted.has(index) ? allocate(length) : undefined;
            }
        }
        return { list, present };
    }

    reconstruct(shards, options) {
        const { list, present } = this.#rebuilding(shards, options);
        native.rsReconstruct(this.#handle, undefined, present, ...list);
        return list;
    }

    async reconstructAsync(shards, options) {
        const { list, present } = this.#rebuilding(shards, options);
        await promise((callback) => native.rsReconstruct(this.#handle, callback, present, ...list));
        return list;
    }

    update(parity, dataIndex, oldData, newData) {
        const list = listFrom(parity, 'parity', this.#parityShards);
        native.rsUpdate(this.#handle, undefined, dataIndex, oldData, newData, ...list);
        return list;
    }

    async updateAsync(parity, dataIndex, oldData, newData) {
        const list = listFrom(parity, 'parity', this.#parityShards);
        await promise((callback) => native.rsUpdate(this.#handle, callback, dataIndex, oldData, newData, ...list));
        return list;
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
ReedSolomon.SHARDS_MAX = native.rsShardsMax;
disposable(ReedSolomon, 'close');

module.exports = { ReedSolomon };
