'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { after, before, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Worker } = require('node:worker_threads');
const { Client, setLog, sha256 } = require('megatorrent');
const { data } = require('./support.js');

const skip = !process.env.MEGATORRENT_CLUSTER && 'needs a cluster: MEGATORRENT_CLUSTER is not set';
const noGc = skip || (globalThis.gc === undefined && 'needs --expose-gc');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'megatorrent-node-'));
const inFolder = (name) => path.join(folder, name);

let client;
before(async () => {
    client = skip ? undefined : await Client.open();
});
after(async () => {
    await client?.close();
    fs.rmSync(folder, { recursive: true });
});

test('put and read', { skip }, async () => {
    for (const [length, kind] of [[0, 'empty'], [1, 'one byte'], [3000000, 'three stripes']]) {
        const result = await client.put(data(length), { name: kind });
        assert.match(result.capability, /^mt1:/);
        assert.strictEqual(result.bytes, length);
        assert.strictEqual(result.incompleteStripes, 0);
        assert.deepStrictEqual(await client.read(result.capability), data(length));
    }
});

test('what is put lies in bytes of any kind', { skip }, async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100000));
    shared.set(data(100000));
    const { capability } = await client.put(shared);
    assert.deepStrictEqual(await client.read(capability), data(100000));
    if (ArrayBuffer.prototype.resize !== undefined) {
        const resizable = new ArrayBuffer(100000, { maxByteLength: 200000 });
        new Uint8Array(resizable).set(data(100000));
        const pending = client.put(resizable);
        resizable.resize(0); // it was copied, so that this is no harm
        assert.deepStrictEqual(await client.read((await pending).capability), data(100000));
    }
});

test('ranges', { skip }, async () => {
    const { capability } = await client.put(data(2500000));
    const bytes = data(2500000);
    for (const range of [{ offset: 0, length: 1 }, { offset: 1048575, length: 2 }, { offset: 2499999n, length: 5 }, { offset: 999999 },
        { offset: 5, length: 1500000n }, { length: 0 }, { offset: 2500000 }, { offset: 2500000, length: 7 }, { length: Infinity }]) {
        const offset = Number(range.offset ?? 0);
        const end = range.length === undefined ? bytes.length : offset + Number(range.length);
        assert.ok((await client.read(capability, range)).equals(bytes.subarray(offset, end)), String(range.offset));
    }
    const into = Buffer.alloc(100);
    const object = await client.open(capability);
    for (const from of [client.read.bind(client, capability), object.read.bind(object)]) {
        const part = await from({ offset: 1048500, into });
        assert.strictEqual(part.buffer, into.buffer);
        assert.ok(part.equals(bytes.subarray(1048500, 1048600)));
        assert.ok((await from({ offset: 2499990, into })).equals(bytes.subarray(2499990)));
        assert.ok((await from({ offset: 3, length: 5, into: new Uint16Array(into.buffer, into.byteOffset, 4) })).equals(bytes.subarray(3, 8)));
        await assert.rejects(from({ into: new Uint8Array(new SharedArrayBuffer(8)) }), { code: 'MT_ERROR_INVALID_ARGUMENT' });
        await assert.rejects(from({ into: 5 }), TypeError);
    }
    object.close();
    for (const range of [{ offset: 2500001 }, { offset: 2500001, length: 1 }, { offset: -1 }, { offset: 0.5 }, { length: NaN },
        { offset: 2n ** 64n }, { length: -1 }]) {
        await assert.rejects(client.read(capability, range), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    }
    await assert.rejects(client.read(capability, { offset: '1' }), TypeError);
});

test('files and directories', { skip }, async () => {
    const source = inFolder('source');
    fs.mkdirSync(path.join(source, 'sub'), { recursive: true });
    fs.writeFileSync(path.join(source, 'one'), 'x');
    fs.writeFileSync(path.join(source, 'sub', 'two'), data(100000));
    const { capability } = await client.putFile(pathToFileURL(source));
    const result = await client.getFile(capability, Buffer.from(inFolder('copy')));
    assert.strictEqual(result.bytes, 100001);
    assert.deepStrictEqual(fs.readFileSync(inFolder('copy/sub/two')), data(100000));
    await assert.rejects(client.getFile(capability, inFolder('copy')), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    await assert.rejects(client.read(capability), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    await assert.rejects(client.read(capability, { length: 1 }), { code: 'MT_ERROR_INVALID_ARGUMENT' });

    const object = await client.open(capability);
    assert.strictEqual(object.info.kind, 'directory');
    assert.strictEqual(object.info.name, 'source');
    const entries = object.entries();
    assert.deepStrictEqual(entries.map(({ path: name, kind }) => `${kind} ${name}`), ['file one', 'directory sub', 'file sub/two']);
    assert.ok((await object.read(entries[2])).equals(data(100000)));
    object.close();

    const file = await client.putFile(path.join(source, 'sub', 'two'));
    await client.getFile(file.capability, inFolder('copy/sub/two'), { overwrite: true });
    await assert.rejects(client.putFile(inFolder('nothing here')), { code: 'MT_ERROR_NOT_FOUND' });
    await assert.rejects(client.putFile(Buffer.from([0xff, 0xfe])), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    await assert.rejects(client.putFile('a\0b'), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    await assert.rejects(client.putFile(5), TypeError);
});

test('an object outlives what it came from', { skip: noGc }, async () => {
    const { capability } = await client.put(data(1000000), { name: 'photo.jpg', dataShards: 2, parityShards: 1 });
    let object = await (await Client.open()).open(capability);
    globalThis.gc(); // the client that opened it is not referred to any more
    await new Promise((resolve) => setImmediate(resolve));
    assert.strictEqual(object.length, 1000000);
    assert.deepStrictEqual({ ...object.info, modified: 0, modifiedNs: 0 },
        { kind: 'file', name: 'photo.jpg', length: 1000000, mode: 0o644, modified: 0, modifiedNs: 0, entryCount: 0 });
    const stream = object.createReadStream();
    object = undefined;
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(Buffer.concat(await stream.toArray()).equals(data(1000000)));
});

test('a closed object', { skip }, async () => {
    const { capability } = await client.put(data(10));
    const object = await client.open(capability);
    object.close();
    object.close();
    await assert.rejects(object.read(), { code: 'MT_ERROR_INVALID_HANDLE' });
    assert.deepStrictEqual(object.entries(), []);
    await assert.rejects(object.createReadStream().toArray(), { code: 'MT_ERROR_INVALID_HANDLE' });
});

test('streams', { skip }, async () => {
    const bytes = data(3000000);
    const pieces = [];
    for (let offset = 0, length = 1; offset < bytes.length; offset += length, length = (length * 7) % 300007) {
        pieces.push(bytes.subarray(offset, offset + length));
    }
    const target = client.createWriteStream({ name: 'streamed', dataShards: 3, parityShards: 2 });
    await pipeline(Readable.from(pieces), target);
    const result = await target.result;
    assert.strictEqual(await target.capability, result.capability);
    assert.strictEqual(result.bytes, bytes.length);
    assert.strictEqual(target.bytesWritten, bytes.length);

    const read = async (options) => Buffer.concat(await client.createReadStream(result.capability, options).toArray());
    assert.ok((await read()).equals(bytes));
    assert.ok((await read({ start: 1500000, end: 2199999 })).equals(bytes.subarray(1500000, 2200000)));
    assert.ok((await read({ start: 2999990, end: 9999999 })).equals(bytes.subarray(2999990)));
    assert.ok((await read({ start: 5, highWaterMark: 1000 })).equals(bytes.subarray(5)));
    assert.strictEqual((await read({ start: 7, end: 6 })).length, 0);
    assert.strictEqual((await read({ start: 3000000 })).length, 0);
    await assert.rejects(read({ start: 3000001 }), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    await assert.rejects(client.createReadStream('mt1:x').toArray(), { code: 'MT_ERROR_MALFORMED' });
    assert.throws(() => client.createReadStream(result.capability, { start: 7, end: 5 }), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    assert.throws(() => client.createReadStream(result.capability, { start: '7' }), TypeError);

    await pipeline(client.createReadStream(result.capability), fs.createWriteStream(inFolder('streamed')));
    assert.ok(fs.readFileSync(inFolder('streamed')).equals(bytes));
});

test('an upload without a byte, and texts', { skip }, async () => {
    const empty = client.createWriteStream();
    empty.end();
    assert.strictEqual((await client.read(await empty.capability)).length, 0);
    const text = client.createWriteStream();
    text.write('grüße');
    text.end();
    assert.strictEqual((await client.read(await text.capability)).toString(), 'grüße');
});

test('streams that are given up', { skip }, async () => {
    const { capability } = await client.put(data(6000000));
    for await (const chunk of client.createReadStream(capability)) {
        assert.ok(chunk.length > 0);
        break;
    }
    const immediately = client.createReadStream(capability);
    immediately.destroy();
    await new Promise((resolve) => immediately.on('close', resolve));

    const upload = client.createWriteStream();
    upload.write(data(2000000));
    upload.destroy();
    await new Promise((resolve) => upload.on('close', resolve));
    await assert.rejects(upload.capability, { code: 'MT_ERROR_CANCELED' });
    const failing = client.createWriteStream();
    await assert.rejects(pipeline(async function* () {
        yield data(2000000);
        throw new RangeError('of the source');
    }, failing), { message: 'of the source' });
    await assert.rejects(failing.capability, { message: 'of the source' });
    assert.strictEqual((await client.read(capability)).length, 6000000);
});

test('streams and signals', { skip }, async () => {
    const { capability } = await client.put(data(6000000));
    const controller = new AbortController();
    const download = client.createReadStream(capability, { signal: controller.signal, highWaterMark: 65536 });
    await assert.rejects(async () => {
        for await (const chunk of download) {
            assert.ok(chunk.length > 0);
            controller.abort();
        }
    }, { name: 'AbortError' });

    const other = new AbortController();
    const upload = client.createWriteStream({ signal: other.signal });
    upload.on('error', () => {});
    upload.write(data(1000000));
    other.abort();
    await assert.rejects(upload.capability, { name: 'AbortError' });
});

test('progress', { skip }, async () => {
    const bytes = data(8 * 1048576);
    const recorded = () => {
        const calls = [];
        return { calls, onProgress: (done, total) => calls.push([done, total]) };
    };
    const check = ({ calls }, what) => {
        assert.ok(calls.length > 0, what);
        assert.ok(calls.every(([done], index) => index === 0 || done >= calls[index - 1][0]), what);
        assert.ok(calls.every(([done, total]) => total === undefined || done <= total), what);
    };
    const reachesEnd = ({ calls }, what) => assert.deepStrictEqual(calls.at(-1), [bytes.length, bytes.length], what);
    const put = recorded();
    const { capability } = await client.put(bytes, put);
    check(put, 'put');
    reachesEnd(put, 'put');
    const get = recorded();
    await client.getFile(capability, inFolder('progress'), get);
    check(get, 'get');
    reachesEnd(get, 'get');
    const verify = recorded();
    assert.strictEqual((await client.verify(capability, verify)).healthy, true);
    check(verify, 'verify');
    const repair = await client.repair(capability);
    assert.deepStrictEqual([repair.blobsRestored, repair.stillMissing, repair.unrecoverable], [0, 0, 0]);
    const count = put.calls.length;
    await client.status();
    assert.strictEqual(put.calls.length, count);
});

test('an onProgress that throws ends the operation with its error', { skip }, async () => {
    const error = new RangeError('mine');
    const onProgress = () => {
        throw error;
    };
    const bytes = data(32 * 1048576);
    await assert.rejects(client.put(bytes, { onProgress, compression: 'none' }), (thrown) => thrown === error);
    const { capability } = await client.put(bytes, { compression: 'none' });
    await assert.rejects(client.getFile(capability, inFolder('thrown'), { onProgress }), (thrown) => thrown === error);
    assert.strictEqual(fs.existsSync(inFolder('thrown')), false);
    const upload = client.createWriteStream({ onProgress });
    upload.on('error', (thrown) => assert.strictEqual(thrown, error));
    upload.end(data(100));
    await assert.rejects(upload.capability, (thrown) => thrown === error);
    await assert.rejects(client.put(bytes, { onProgress: 5 }), TypeError);
    assert.strictEqual((await client.status()).livingMembers >= 6, true);
});

test('signals', { skip }, async () => {
    const reason = new Error('enough');
    const aborted = { name: 'AbortError', code: 'ABORT_ERR', cause: reason };
    await assert.rejects(client.put(data(10), { signal: AbortSignal.abort(reason) }), aborted);
    await assert.rejects(Client.open({ signal: AbortSignal.abort(reason) }), aborted);
    const bytes = data(64 * 1048576);
    const controller = new AbortController();
    const pending = client.put(bytes, { signal: controller.signal, compression: 'none' });
    controller.abort(reason);
    controller.abort(reason);
    await assert.rejects(pending, aborted);

    const late = new AbortController();
    const { capability } = await client.put(data(1000), { signal: late.signal });
    late.abort();
    assert.ok((await client.read(capability)).equals(data(1000)));
    await assert.rejects(client.put(data(10), { signal: 'now' }), TypeError);
    await assert.rejects(client.read(capability, { signal: AbortSignal.abort(reason) }), aborted);
    const getting = new AbortController();
    await assert.rejects(client.getFile((await client.put(bytes, { compression: 'none' })).capability, inFolder('aborted'), {
        signal: getting.signal, onProgress: () => getting.abort(reason),
    }), aborted);
    assert.strictEqual(fs.existsSync(inFolder('aborted')), false);
});

test('the event loop and the thread pool go on meanwhile', { skip }, async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    // More operations than the pool has threads; files can be read all the same.
    const bytes = data(8 * 1048576);
    const pending = Promise.all(Array.from({ length: 8 }, () => client.put(bytes, { compression: 'none' })));
    const file = await fs.promises.readFile(__filename);
    assert.ok(file.length > 0);
    await pending;
    clearInterval(timer);
    assert.ok(ticks > 0, `${ticks} ticks`);
});

test('what is wrong with the cluster or the credential', { skip }, async () => {
    await assert.rejects(Client.open({ cluster: '127.0.0.1:9' }), { code: 'MT_ERROR_UNREACHABLE' });
    for (const cluster of ['', 'no port', '127.0.0.1:99999', []]) {
        await assert.rejects(Client.open({ cluster }), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    }
    await assert.rejects(Client.open({ credential: 'mtcred1:x' }), { code: 'MT_ERROR_MALFORMED' });
    await assert.rejects(Client.open({ credentialFile: inFolder('none') }), { code: 'MT_ERROR_NOT_FOUND' });
    for (const options of [5, null, { cluster: 5 }, { credential: {} }, { credentialFile: 5 }, { requestTimeoutMs: 'x' }]) {
        await assert.rejects(Client.open(options), TypeError);
    }
    for (const options of [{ requestTimeoutMs: -1 }, { memoryBytesMax: 0.5 }, { requestTimeoutMs: 2 ** 32 }]) {
        await assert.rejects(Client.open(options), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    }
});

test('what cannot be put', { skip }, async () => {
    for (const options of [{ dataShards: 0, parityShards: 2 }, { dataShards: 200, parityShards: 100 }, { dataShards: -1 }, { suite: 'x' },
        { compression: 'x' }, { name: 'a\0b' }]) {
        await assert.rejects(client.put(data(10), options), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    }
    for (const value of [undefined, null, 5, 'text', {}, []]) {
        await assert.rejects(client.put(value), TypeError);
    }
    for (const options of [{ name: 5 }, { dataShards: '4' }, { suite: 1 }, 5]) {
        await assert.rejects(client.put(data(10), options), TypeError);
    }
});

test('what cannot be read', { skip }, async () => {
    const { capability } = await client.put(data(10));
    const { capability: texts } = require('megatorrent');
    const verify = texts.toVerify(capability);
    assert.strictEqual((await client.verify(verify)).healthy, true);
    await assert.rejects(client.read(verify), { code: 'MT_ERROR_UNAUTHORIZED' });
    await assert.rejects(client.getFile(verify, inFolder('verify')), { code: 'MT_ERROR_UNAUTHORIZED' });
    const wrong = texts.format({ ...texts.parse(capability), key: data(32) });
    await assert.rejects(client.read(wrong), { code: 'MT_ERROR_INTEGRITY' });
    for (const value of [undefined, null, 5, {}]) {
        await assert.rejects(client.read(value), TypeError);
        await assert.rejects(client.open(value), TypeError);
        await assert.rejects(client.verify(value), TypeError);
        await assert.rejects(client.getFile(value, inFolder('none')), TypeError);
    }
});

test('closing while busy', { skip }, async () => {
    const other = await Client.open();
    const pending = other.put(data(64 * 1048576), { compression: 'none' });
    const stream = other.createWriteStream();
    stream.on('error', () => {});
    stream.write(data(100));
    const closed = other.close();
    assert.strictEqual(other.close(), closed);
    await assert.rejects(other.put(data(10)), { code: 'MT_ERROR_INVALID_HANDLE' });
    await assert.rejects(pending, { code: 'MT_ERROR_CANCELED' });
    await closed;
    stream.end();
    await assert.rejects(stream.capability, { name: 'MegatorrentError' });
    await assert.rejects(other.status(), { code: 'MT_ERROR_INVALID_HANDLE' });
    if (Symbol.asyncDispose !== undefined) {
        await (await Client.open())[Symbol.asyncDispose]();
    }
});

test('buffers stay where they are while the library uses them', { skip: noGc }, async () => {
    const hashes = [];
    const pending = Array.from({ length: 6 }, (_, index) => {
        const bytes = data(2000000, index + 1);
        hashes.push(sha256(bytes));
        return client.put(bytes);
    });
    const timer = setInterval(globalThis.gc, 1);
    const results = await Promise.all(pending);
    const read = await Promise.all(results.map(({ capability }) => client.read(capability)));
    clearInterval(timer);
    assert.deepStrictEqual(read.map((bytes) => sha256(bytes)), hashes);
});

test('the log', { skip }, async () => {
    const lines = [];
    setLog((level, message) => lines.push([level, message]), 'debug');
    const other = await Client.open();
    await other.put(data(100));
    await other.close();
    await new Promise((resolve) => setImmediate(resolve));
    setLog(null);
    const count = lines.length;
    await client.put(data(100));
    assert.ok(count > 0);
    assert.strictEqual(lines.length, count);
    assert.ok(lines.every(([level]) => /^(error|warning|info|debug)$/.test(level)));
    assert.ok(lines.every(([, message]) => message.length > 0 && !/[\r\n]/.test(message)));
    assert.throws(() => setLog(5), TypeError);
    assert.throws(() => setLog(() => {}, 'loud'), { code: 'MT_ERROR_INVALID_ARGUMENT' });
    assert.throws(() => setLog(() => {}, 0), { code: 'MT_ERROR_INVALID_ARGUMENT' });
});

const program = `
    const { Client } = require('megatorrent');
    (async () => {
        const client = await Client.open();
        const options = { compression: 'none', onProgress: () => {} };
        for (let count = 0; count < 4; count++) client.put(Buffer.alloc(64 * 1048576, count), options).catch(() => {});
        const stream = client.createWriteStream();
        stream.on('error', () => {});
        stream.write(Buffer.alloc(4 * 1048576));
        client.status().catch(() => {});
        END
    })();`;

/** Runs a program of its own; how it ends: its exit code, or the name of the signal that ended it. */
function ending(text) {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, ['-e', text], { stdio: 'inherit', timeout: 60000, killSignal: 'SIGALRM' });
        child.on('error', reject).on('exit', (code, signal) => resolve(code ?? signal));
    });
}

test('the process ends with operations under way', { skip }, async () => {
    assert.strictEqual(await ending(program.replace('END', 'process.exit(0);')), 0);
    assert.strictEqual(await ending(program.replace('END', 'setImmediate(() => process.exit(0));')), 0);
    assert.strictEqual(await ending(program.replace('END', "throw new Error('uncaught, as it should be');")), 1);
    assert.strictEqual(await ending(program.replace('END', 'await client.close();')), 0);
    // Nothing keeps the process: the client is open, and nobody closes it.
    assert.strictEqual(await ending("require('megatorrent').Client.open()"), 0);
});

test('a worker thread ends with operations under way', { skip }, async () => {
    for (const end of ['process.exit(0);', 'require("node:worker_threads").parentPort.postMessage(1);', 'await client.close();']) {
        const worker = new Worker(program.replace('END', end), { eval: true });
        const ended = new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve));
        worker.on('message', () => worker.terminate());
        await ended;
    }
    assert.ok((await client.status()).livingMembers >= 6);
});
