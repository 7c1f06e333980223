'use strict';

const native = require('./native.js');
const { failure, wrongType } = require('./errors.js');
const { allocate, disposable, optionsFrom, promise, whole } = require('./support.js');

/** The length of the first shard that is there. */
function lengthOf(shards) {
    const first = shards.find((shard) => shard !== null && shard !== undefined);
    return first?.byteLength ?? 0;
}

function listFrom(value, name) {
    if (!Array.isArray(value)) {
        throw wrongType(name, 'an array', value);
    }
    return value.slice(); // so that nobody changes it meanwhile
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

    get dataShards() {
        return this.#dataShards;
    }

    get parityShards() {
        return this.#parityShards;
    }

    #encoding(data, parity) {
        const from = listFrom(data, 'data');
        if (parity !== undefined) {
            return { from, to: listFrom(parity, 'parity') };
        }
        const length = lengthOf(from);
        return { from, to: Array.from({ length: this.#parityShards }, () => allocate(length)) };
    }

    encode(data, parity) {
        const { from, to } = this.#encoding(data, parity);
        native.rsEncode(this.#handle, to, from);
        return to;
    }

    async encodeAsync(data, parity) {
        const { from, to } = this.#encoding(data, parity);
        await promise((callback) => native.rsEncode(this.#handle, to, from, callback));
        return to;
    }

    verify(shards) {
        return native.rsVerify(this.#handle, listFrom(shards, 'shards'));
    }

    async verifyAsync(shards) {
        const list = listFrom(shards, 'shards');
        return promise((callback) => native.rsVerify(this.#handle, list, callback));
    }

    // Missing shards are null or undefined; those of them that are wanted get memory, the others are left out.
    #rebuilding(shards, options) {
        const { only } = optionsFrom(options);
        const list = listFrom(shards, 'shards');
        const wanted = only === undefined ? undefined : new Set(listFrom(only, 'options.only').map((index) => whole(index, 'only')));
        for (const index of wanted ?? []) {
            if (index >= list.length) {
                throw failure('MT_ERROR_INVALID_ARGUMENT', `there is no shard ${index}`);
            }
        }
        const length = lengthOf(list);
        const present = Array.from(list, (shard) => shard !== null && shard !== undefined);
        for (let index = 0; index < list.length; index++) {
            if (!present[index]) {
                list[index] = wanted === undefined || wanted.has(index) ? allocate(length) : undefined;
            }
        }
        return { list, present };
    }

    reconstruct(shards, options) {
        const { list, present } = this.#rebuilding(shards, options);
        native.rsReconstruct(this.#handle, list, present);
        return list;
    }

    async reconstructAsync(shards, options) {
        const { list, present } = this.#rebuilding(shards, options);
        await promise((callback) => native.rsReconstruct(this.#handle, list, present, callback));
        return list;
    }

    update(parity, dataIndex, oldData, newData) {
        const list = listFrom(parity, 'parity');
        native.rsUpdate(this.#handle, list, dataIndex, oldData, newData);
        return list;
    }

    async updateAsync(parity, dataIndex, oldData, newData) {
        const list = listFrom(parity, 'parity');
        await promise((callback) => native.rsUpdate(this.#handle, list, dataIndex, oldData, newData, callback));
        return list;
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
ReedSolomon.SHARDS_MAX = native.rsShardsMax;
disposable(ReedSolomon, 'close');

module.exports = { ReedSolomon };
