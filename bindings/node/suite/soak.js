'use strict';

// Works under load with whatever Node can do to disturb the library, and shows that memory stays flat: forced collections, signals that
// abort, callbacks that throw, streams that are given up, objects that nobody closes, and worker threads that are terminated.
//
// In less than a minute the pools of both runtimes are still filling, so a soak that short shows that the work is done right, and no more.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { Client, Manifest, ReedSolomon, bencode, blob, sha256 } = require('megatorrent');
const { numbers, pattern } = require('./support.js');

const LINE_SECONDS = 10;
const LANES = 4;
const JUDGED_SECONDS_MIN = 60;
const GROWTH_MAX = 1.15;
const GROWTH_BYTES_MAX = 32 * 1048576;

const worker = `
    const { Client, ReedSolomon, blob } = require('megatorrent');
    const code = new ReedSolomon(4, 2);
    (async () => {
        const client = await Client.open();
        for (;;) {
            const shards = [1, 2, 3, 4].map((each) => Buffer.alloc(65536, each));
            await code.encodeAsync(shards);
            await blob.sealAsync(shards[0]);
            const { capability } = await client.put(shards[0]);
            await client.read(capability);
        }
    })();`;

const expected = new Set(['AbortError', 'MegatorrentError', 'Thrown']);

class Thrown extends Error {
    name = 'Thrown';
}

function equal(actual, wanted, what) {
    if (!actual.equals(wanted)) {
        throw new Error(`${what}: what came back is not what was put`);
    }
}

/** One lane of work: puts, gets and what disturbs them, until the end. */
class Lane {
    #client;
    #random;
    #file;
    operations = 0;

    constructor(client, seed, folder) {
        this.#client = client;
        this.#random = numbers(seed);
        this.#file = path.join(folder, `lane-${seed}`);
    }

    async run(end) {
        const steps = [this.memory, this.memory, this.file, this.streams, this.abort, this.throws, this.giveUp, this.object, this.compute];
        while (Date.now() < end) {
            await steps[this.#random(steps.length)].call(this);
            this.operations++;
        }
    }

    #bytes() {
        const length = [0, 1, 1000, 70000, 300000, 1500000][this.#random(6)];
        return pattern(this.#random(1000) + 1, length);
    }

    async memory() {
        const bytes = this.#bytes();
        const { capability } = await this.#client.put(bytes);
        equal(await this.#client.read(capability), bytes, 'memory');
    }

    async file() {
        const bytes = this.#bytes();
        await fs.promises.writeFile(this.#file, bytes);
        const { capability } = await this.#client.putFile(this.#file);
        await this.#client.getFile(capability, `${this.#file}-copy`, { overwrite: true });
        equal(await fs.promises.readFile(`${this.#file}-copy`), bytes, 'file');
    }

    async streams() {
        const bytes = this.#bytes();
        const upload = this.#client.createWriteStream();
        upload.end(bytes);
        const chunks = await this.#client.createReadStream(await upload.capability, { highWaterMark: 65536 }).toArray();
        equal(Buffer.concat(chunks), bytes, 'streams');
    }

    async abort() {
        const controller = new AbortController();
        const pending = this.#client.put(pattern(1, 1500000), { signal: controller.signal, compression: 'none' });
        setTimeout(() => controller.abort(), this.#random(30));
        await this.#mayFail(pending);
    }

    async throws() {
        await this.#mayFail(this.#client.put(pattern(1, 1500000), {
            onProgress() {
                throw new Thrown('by the callback');
            },
        }));
    }

    async giveUp() {
        const { capability } = await this.#client.put(pattern(2, 1500000));
        for await (const chunk of this.#client.createReadStream(capability, { highWaterMark: 10000 })) {
            equal(chunk, pattern(2, 1500000).subarray(0, chunk.length), 'the first chunk');
            break;
        }
        const upload = this.#client.createWriteStream();
        upload.write(pattern(3, 100000));
        upload.destroy();
        await this.#mayFail(upload.capability);
    }

    // Nobody closes the object: the garbage collector does.
    async object() {
        const bytes = pattern(4, 500000);
        const { capability } = await this.#client.put(bytes);
        const object = await this.#client.open(capability);
        equal(await object.read({ offset: 1000, length: 2000 }), bytes.subarray(1000, 3000), 'object');
        new Manifest({ name: 'never closed' }).addStream();
    }

    async compute() {
        const code = new ReedSolomon(4, 2);
        const shards = [1, 2, 3, 4].map((each) => pattern(each, 100000));
        const parity = await code.encodeAsync(shards);
        equal((await code.reconstructAsync([null, shards[1], null, shards[3], ...parity]))[2], shards[2], 'reconstruct');
        const sealed = await blob.sealAsync(shards[0]);
        equal(await blob.openAsync(sealed.blob, sealed.key), shards[0], 'blob');
        equal(bencode.decode(bencode.encode({ a: [shards[0]] })).get('a')[0], shards[0], 'bencode');
        await this.#mayFail(blob.openAsync(sealed.blob, sha256(sealed.key)));
        try {
            (function overflow() {
                sha256(shards[0].subarray(0, 100));
                overflow();
            })();
        } catch (error) {
            if (!(error instanceof RangeError)) {
                throw error;
            }
        }
    }

    async #mayFail(promise) {
        try {
            await promise;
        } catch (error) {
            if (!expected.has(error.name) || (error.name === 'MegatorrentError' &&
                !['MT_ERROR_CANCELED', 'MT_ERROR_INTEGRITY'].includes(error.code))) {
                throw error;
            }
        }
    }
}

/** Worker threads that use the library and are terminated in the middle of it. */
async function terminateWorkers(end, random) {
    while (Date.now() < end) {
        const thread = new Worker(worker, { eval: true });
        const failed = new Promise((resolve, reject) => thread.on('error', reject));
        await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 500 + random(2000)))]);
        await thread.terminate();
    }
}

async function run(text) {
    const seconds = Number(text);
    if (!Number.isInteger(seconds) || seconds <= 0) {
        throw new Error(`SECONDS must be a whole number above 0, not ${text}`);
    }
    if (globalThis.gc === undefined) {
        throw new Error('the soak forces collections: run it with --expose-gc');
    }

    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'megatorrent-soak-'));
    const start = Date.now();
    const end = start + seconds * 1000;
    const elapsed = () => Math.round((Date.now() - start) / 1000);
    const client = await Client.open();
    const lanes = Array.from({ length: LANES }, (_, index) => new Lane(client, index + 1, folder));
    const operations = () => lanes.reduce((sum, lane) => sum + lane.operations, 0);
    const resident = () => {
        globalThis.gc();
        return process.memoryUsage.rss();
    };
    let first = 0; // the most in the first fifth of the time
    const collector = setInterval(() => {
        const bytes = resident();
        if (Date.now() - start < seconds * 200) {
            first = Math.max(first, bytes);
        }
    }, 200);
    const printer = setInterval(() => console.log(`soak ${elapsed()} ${resident()} ${operations()}`), LINE_SECONDS * 1000);
    try {
        await Promise.all([...lanes.map((lane) => lane.run(end)), terminateWorkers(end, numbers(99))]);
        await client.close();
        const last = resident();
        console.log(`soak ${elapsed()} ${last} ${operations()}`);
        if (seconds >= JUDGED_SECONDS_MIN && last > first * GROWTH_MAX + GROWTH_BYTES_MAX) {
            console.log(`not ok soak: resident memory rose from ${first} to ${last} bytes`);
            process.exitCode = 1;
        } else {
            console.log('ok soak');
        }
    } catch (error) {
        console.error(error);
        console.log(`not ok soak: ${String(error.message).replace(/\s+/g, ' ')}`);
        process.exitCode = 1;
    } finally {
        clearInterval(collector);
        clearInterval(printer);
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

module.exports = { run };
