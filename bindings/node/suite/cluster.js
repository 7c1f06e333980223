'use strict';

// Behaviours of the client, streams, operations and the log, on the cluster of MEGATORRENT_CLUSTER.

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { pipeline } = require('node:stream/promises');
const { Client, capability, setLog, sha256 } = require('megatorrent');
const { Skip, compressions, numbers, pattern, same, statusOfPromise, suites, vectors } = require('./support.js');

const MIB = 1048576;

/** One client for all behaviours that need no other. */
async function clientOf(context) {
    context.client ??= await Client.open();
    return context.client;
}

/** Puts bytes and gives the capability. */
async function stored(context, bytes, options) {
    return (await (await clientOf(context)).put(bytes, options)).capability;
}

async function stillWorks(context) {
    same(await (await clientOf(context)).read(await stored(context, pattern(1, 1000))), pattern(1, 1000));
}

/** An onProgress that records its calls. */
function recorder() {
    const calls = [];
    return { calls, onProgress: (done, total) => calls.push({ done, total }), most: () => Math.max(...calls.map(({ done }) => done)) };
}

/** How promises end that are all under way: none may reject before somebody listens. */
function statusesOf(promises) {
    return Promise.all(promises.map(statusOfPromise));
}

async function collect(stream) {
    const chunks = [];
    for await (const chunk of stream) {
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

const gone = ['MT_ERROR_UNREACHABLE', 'MT_ERROR_NOT_ENOUGH_SHARDS', 'MT_ERROR_TIMEOUT'];

module.exports = {
    async 'client.open'() {
        for (const options of [undefined, { cluster: process.env.MEGATORRENT_CLUSTER, ...explicitCredential() }]) {
            const client = await Client.open(options);
            const { members, livingMembers, failureDomains } = await client.status();
            assert.ok(members >= 6 && livingMembers === members && failureDomains >= 6,
                `${livingMembers} of ${members} nodes in ${failureDomains}`);
            await client.close();
        }
    },
    async 'client.put-get'(context) {
        const client = await clientOf(context);
        for (const length of [1, 1000, 65536, MIB, 5000001]) {
            const result = await client.put(pattern(1, length));
            same([result.bytes, result.incompleteStripes], [length, 0]);
            same(await client.read(result.capability), pattern(1, length));
        }
    },
    async 'client.put-file-get-file'(context) {
        const client = await clientOf(context);
        fs.writeFileSync(context.file('photo.jpg'), pattern(2, 3000000));
        const result = await client.putFile(context.file('photo.jpg'));
        await client.getFile(result.capability, context.file('copy'));
        same(fs.readFileSync(context.file('copy')), pattern(2, 3000000));
        assert.strictEqual(fs.existsSync(context.file('copy.mtpart')), false);
        const object = await client.open(result.capability);
        assert.strictEqual(object.info.name, 'photo.jpg');
        object.close();
    },
    async 'client.empty'(context) {
        const client = await clientOf(context);
        fs.writeFileSync(context.file('empty'), '');
        for (const result of [await client.putFile(context.file('empty')), await client.put(Buffer.alloc(0))]) {
            assert.strictEqual(result.bytes, 0);
            assert.strictEqual((await client.read(result.capability)).length, 0);
            await client.getFile(result.capability, context.file('empty-copy'), { overwrite: true });
            assert.strictEqual(fs.statSync(context.file('empty-copy')).size, 0);
        }
    },
    async 'client.directory'(context) {
        const client = await clientOf(context);
        const folder = context.file('a');
        fs.mkdirSync(path.join(folder, 'sub', 'none'), { recursive: true });
        fs.writeFileSync(path.join(folder, 'one'), 'x');
        fs.writeFileSync(path.join(folder, 'sub', 'two'), pattern(3, 100000));
        fs.writeFileSync(path.join(folder, 'sub', 'empty'), '');
        fs.symlinkSync('one', path.join(folder, 'link'));
        const { capability: text } = await client.putFile(folder);
        await client.getFile(text, context.file('b'));
        same(fs.readdirSync(context.file('b'), { recursive: true }).sort(), ['link', 'one', 'sub', 'sub/empty', 'sub/none', 'sub/two']);
        assert.strictEqual(fs.readlinkSync(context.file('b/link')), 'one');
        same(fs.readFileSync(context.file('b/sub/two')), pattern(3, 100000));
        same([fs.readFileSync(context.file('b/one'), 'utf8'), fs.statSync(context.file('b/sub/empty')).size], ['x', 0]);

        const object = await client.open(text);
        const entries = object.entries();
        same([object.info.kind, object.info.name], ['directory', 'a']);
        same(entries.map(({ path: name, kind, length }) => [name, kind, length]), [
            ['link', 'link', 0], ['one', 'file', 1], ['sub', 'directory', 0], ['sub/empty', 'file', 0], ['sub/none', 'directory', 0],
            ['sub/two', 'file', 100000],
        ]);
        const { offset, length } = entries[5];
        same(await object.read({ offset, length }), pattern(3, 100000));
        object.close();
    },
    async 'client.object'(context) {
        const client = await clientOf(context);
        const object = await client.open(await stored(context, pattern(1, 3000000), { name: 'photo.jpg' }));
        same([object.info.kind, object.info.length, object.length, object.info.name, object.entries()],
            ['file', 3000000, 3000000, 'photo.jpg', []]);
        object.close();
    },
    async 'client.range-read'(context) {
        const client = await clientOf(context);
        const bytes = pattern(4, 3000000);
        const text = await stored(context, bytes);
        const object = await client.open(text);
        const random = numbers(5);
        const ranges = [[0, 1], [1048575, 2], [999999, 1000003], [2999999, 1], [0, 3000000]];
        for (let count = 0; count < 20; count++) {
            const offset = random(bytes.length);
            ranges.push([offset, 1 + random(bytes.length - offset)]);
        }
        for (const [offset, length] of ranges) {
            same(await client.read(text, { offset, length }), bytes.subarray(offset, offset + length), `${offset} ${length}`);
            same(await object.read({ offset, length }), bytes.subarray(offset, offset + length), `${offset} ${length}`);
        }
        object.close();
    },
    async 'client.read-past-end'(context) {
        const client = await clientOf(context);
        const bytes = pattern(4, 3000000);
        const text = await stored(context, bytes);
        const object = await client.open(text);
        for (const read of [(range) => client.read(text, range), (range) => object.read(range)]) {
            same(await read({ offset: 2999000, length: 5000 }), bytes.subarray(2999000));
            assert.strictEqual((await read({ offset: 3000000, length: 5 })).length, 0);
            assert.strictEqual(await statusOfPromise(read({ offset: 3000001, length: 5 })), 'MT_ERROR_INVALID_ARGUMENT');
        }
        object.close();
        fs.mkdirSync(context.file('folder'));
        const { capability: folder } = await client.putFile(context.file('folder'));
        assert.strictEqual(await statusOfPromise(client.read(folder)), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(await statusOfPromise(client.read(folder, { length: 1 })), 'MT_ERROR_INVALID_ARGUMENT');
    },
    async 'client.deduplicate'(context) {
        const client = await clientOf(context);
        const bytes = pattern(6, 3000000);
        const first = await client.put(bytes, { deduplicate: true });
        const second = await client.put(bytes, { deduplicate: true });
        same(await client.read(first.capability), bytes);
        same(await client.read(second.capability), bytes);
        assert.ok(second.blobsReused > second.blobsStored, `${second.blobsReused} reused, ${second.blobsStored} stored`);
        assert.notStrictEqual(await stored(context, bytes), await stored(context, bytes));
    },
    async 'client.schemes'(context) {
        const client = await clientOf(context);
        const bytes = pattern(7, 300000);
        for (const [dataShards, parityShards] of [[2, 1], [4, 2], [1, 2]]) {
            const text = await stored(context, bytes, { dataShards, parityShards });
            same(await client.read(text), bytes);
            const report = await client.verify(text);
            same([report.healthy, report.lowestMargin], [true, parityShards]);
        }
        for (const [dataShards, parityShards] of [[0, 2], [200, 100]]) {
            assert.strictEqual(await statusOfPromise(client.put(bytes, { dataShards, parityShards })), 'MT_ERROR_INVALID_ARGUMENT');
        }
    },
    async 'client.suites'(context) {
        const client = await clientOf(context);
        const bytes = Buffer.from(Array.from({ length: 300000 }, (_, index) => index % 251));
        for (const suite of suites.slice(1)) {
            for (const compression of compressions.slice(1)) {
                same(await client.read(await stored(context, bytes, { suite, compression })), bytes, `${suite} ${compression}`);
            }
        }
    },
    async 'client.progress'(context) {
        const client = await clientOf(context);
        const [put, get, verify] = [recorder(), recorder(), recorder()];
        const { capability: text } = await client.put(pattern(1, 8 * MIB), put);
        await client.getFile(text, context.file('progress'), get);
        await client.verify(text, verify);
        const counts = [put, get, verify].map(({ calls }) => calls.length);
        assert.ok(counts.every((count) => count > 0), `${counts} calls`);
        same([put.most(), get.most()], [8 * MIB, 8 * MIB]);
        assert.ok([...put.calls, ...get.calls].every(({ total }) => total === 8 * MIB));
        assert.ok(verify.most() >= 8 * MIB, `${verify.most()} verified`);
        await client.status();
        same([put, get, verify].map(({ calls }) => calls.length), counts, 'it is not called after the end');
    },
    async 'client.progress-cancels'(context) {
        const client = await clientOf(context);
        const bytes = pattern(1, 32 * MIB);
        const text = await stored(context, bytes, { compression: 'none' });
        const aborting = () => {
            const controller = new AbortController();
            return { signal: controller.signal, onProgress: () => controller.abort(), compression: 'none' };
        };
        assert.strictEqual(await statusOfPromise(client.put(bytes, aborting())), 'AbortError');
        assert.strictEqual(await statusOfPromise(client.getFile(text, context.file('canceled'), aborting())), 'AbortError');
        assert.strictEqual(fs.existsSync(context.file('canceled')), false);
        await stillWorks(context);
    },
    async 'client.callback-throws'(context) {
        const client = await clientOf(context);
        const error = new RangeError('thrown by the callback');
        const options = {
            compression: 'none',
            onProgress() {
                throw error;
            },
        };
        const isIt = (thrown) => thrown === error;
        const bytes = pattern(1, 8 * MIB);
        await assert.rejects(client.put(bytes, options), isIt);
        const text = await stored(context, bytes, { compression: 'none' });
        await assert.rejects(client.getFile(text, context.file('thrown'), options), isIt);
        await assert.rejects(client.verify(text, options), isIt);
        await stillWorks(context);
    },
    async 'client.callback-calls-back'(context) {
        const client = await clientOf(context);
        let status;
        await client.put(pattern(1, 8 * MIB), {
            onProgress() {
                assert.strictEqual(sha256(Buffer.alloc(0)).toString('hex').slice(0, 8), 'e3b0c442');
                status ??= client.status();
            },
        });
        assert.ok((await status).livingMembers >= 6);
    },
    async 'client.get-refuses-to-replace'(context) {
        const client = await clientOf(context);
        const text = await stored(context, pattern(1, 1000));
        fs.writeFileSync(context.file('there'), 'something');
        assert.strictEqual(await statusOfPromise(client.getFile(text, context.file('there'))), 'MT_ERROR_INVALID_ARGUMENT');
        assert.strictEqual(fs.readFileSync(context.file('there'), 'utf8'), 'something');
        await client.getFile(text, context.file('there'), { overwrite: true });
        same(fs.readFileSync(context.file('there')), pattern(1, 1000));
    },
    async 'client.missing-file'(context) {
        const client = await clientOf(context);
        assert.strictEqual(await statusOfPromise(client.putFile(context.file('nothing'))), 'MT_ERROR_NOT_FOUND');
        const status = await statusOfPromise(client.getFile(await stored(context, pattern(1, 10)), context.file('no/such/folder')));
        assert.ok(['MT_ERROR_INPUT_OUTPUT', 'MT_ERROR_NOT_FOUND'].includes(status), status);
    },
    async 'client.malformed-capability'(context) {
        const client = await clientOf(context);
        for (const { name, text } of vectors(context.folder, 'capabilities').bad.filter((one) => !one.text.includes('\0'))) {
            same(await statusesOf([client.getFile(text, context.file('malformed')), client.read(text), client.verify(text)]),
                Array(3).fill('MT_ERROR_MALFORMED'), name);
        }
    },
    async 'client.wrong-capability'(context) {
        const client = await clientOf(context);
        const { text } = vectors(context.folder, 'capabilities').good.find(({ name }) => name === 'read');
        for (const status of await statusesOf([client.getFile(text, context.file('wrong')), client.read(text)])) {
            assert.ok(['MT_ERROR_NOT_ENOUGH_SHARDS', 'MT_ERROR_NOT_FOUND'].includes(status), status);
        }
        const fields = capability.parse(await stored(context, pattern(1, 1000)));
        const forged = capability.format({ ...fields, key: pattern(1, 32) });
        assert.strictEqual(await statusOfPromise(client.read(forged)), 'MT_ERROR_INTEGRITY');
        assert.strictEqual(await statusOfPromise(client.getFile(forged, context.file('wrong'))), 'MT_ERROR_INTEGRITY');
    },
    async 'client.verify'(context) {
        const client = await clientOf(context);
        const text = await stored(context, pattern(1, 3000000), { dataShards: 4, parityShards: 2 });
        for (const each of [text, capability.toVerify(text)]) {
            const report = await client.verify(each);
            same([report.healthy, report.recoverable, report.lowestMargin, report.missingBlobs, report.badBlobs], [true, true, 2, 0, 0]);
            assert.ok(report.blobs > 0 && report.goodBlobs === report.blobs && report.healthyStripes === report.stripes);
        }
    },
    async 'client.verify-only-cannot-read'(context) {
        const client = await clientOf(context);
        const text = capability.toVerify(await stored(context, pattern(1, 1000)));
        assert.strictEqual(await statusOfPromise(client.getFile(text, context.file('verify-only'))), 'MT_ERROR_UNAUTHORIZED');
        assert.strictEqual(await statusOfPromise(client.read(text)), 'MT_ERROR_UNAUTHORIZED');
    },
    async 'client.repair'(context) {
        const client = await clientOf(context);
        const report = await client.repair(await stored(context, pattern(1, 3000000)));
        same([report.blobsRestored, report.stillMissing, report.unrecoverable], [0, 0, 0]);
    },
    async 'client.unreachable'() {
        assert.strictEqual(await statusOfPromise(Client.open({ cluster: '127.0.0.1:9' })), 'MT_ERROR_UNREACHABLE');
    },
    async 'client.bad-address'() {
        for (const cluster of ['', 'no port', '127.0.0.1:99999']) {
            assert.strictEqual(await statusOfPromise(Client.open({ cluster })), 'MT_ERROR_INVALID_ARGUMENT', cluster);
        }
    },
    async 'client.bad-credential'(context) {
        const { credential } = vectors(context.folder, 'peers').payloads.find((one) => one.credential !== '');
        assert.strictEqual(await statusOfPromise(Client.open({ credential: 'mtcred1:x' })), 'MT_ERROR_MALFORMED');
        assert.strictEqual(await statusOfPromise(Client.open({ credentialFile: context.file('none') })), 'MT_ERROR_NOT_FOUND');
        assert.strictEqual(await statusOfPromise(Client.open({ credential })), 'MT_ERROR_UNAUTHORIZED');
    },
    async 'client.many-at-once'(context) {
        const client = await clientOf(context);
        const all = Array.from({ length: 8 }, (_, index) => pattern(index + 1, MIB));
        const results = await Promise.all(all.map((bytes) => client.put(bytes)));
        (await Promise.all(results.map((result) => client.read(result.capability)))).forEach((bytes, index) => same(bytes, all[index]));
    },
    async 'client.close-while-busy'() {
        const client = await Client.open();
        const pending = statusOfPromise(client.put(pattern(1, 64 * MIB), { compression: 'none' }));
        await client.close();
        assert.ok(['MT_ERROR_CANCELED', 'MT_OK'].includes(await pending));
        assert.strictEqual(await statusOfPromise(client.put(Buffer.alloc(1))), 'MT_ERROR_INVALID_HANDLE');
    },
    async 'stream.upload-download'(context) {
        const client = await clientOf(context);
        const bytes = pattern(8, 6000000);
        const upload = client.createWriteStream();
        await pipeline(function* () {
            for (let offset = 0, index = 0; offset < bytes.length; index++) {
                const length = [1, 65537, 1000000][index % 3];
                yield bytes.subarray(offset, offset + length);
                offset += length;
            }
        }, upload);
        const download = client.createReadStream(await upload.capability, { highWaterMark: 100000 });
        const chunks = [];
        for await (const chunk of download) {
            assert.ok(chunk.length <= 100000);
            chunks.push(chunk);
        }
        same(Buffer.concat(chunks), bytes);
    },
    async 'stream.range'(context) {
        const client = await clientOf(context);
        const bytes = pattern(8, 6000000);
        const text = await stored(context, bytes);
        same(await collect(client.createReadStream(text, { start: 1500000, end: 2199999 })), bytes.subarray(1500000, 2200000));
        same(await collect(client.createReadStream(text, { start: 5999000, end: 7000000 })), bytes.subarray(5999000));
        const object = await client.open(text);
        same(await collect(object.createReadStream({ start: 1500000, end: 2199999 })), bytes.subarray(1500000, 2200000));
        object.close();
    },
    async 'stream.empty'(context) {
        const client = await clientOf(context);
        const upload = client.createWriteStream();
        upload.end();
        const text = await upload.capability;
        const object = await client.open(text);
        assert.strictEqual(object.length, 0);
        object.close();
        assert.strictEqual((await collect(client.createReadStream(text))).length, 0);
    },
    async 'stream.abandoned-upload'(context) {
        const client = await clientOf(context);
        const upload = client.createWriteStream();
        await new Promise((resolve, reject) => upload.write(pattern(1, 2 * MIB), (error) => (error ? reject(error) : resolve())));
        upload.destroy();
        await once(upload, 'close');
        assert.strictEqual(await statusOfPromise(upload.capability), 'MT_ERROR_CANCELED');
        await stillWorks(context);
    },
    async 'stream.abandoned-download'(context) {
        const client = await clientOf(context);
        const bytes = pattern(8, 6000000);
        const object = await client.open(await stored(context, bytes));
        const [abandoned, other] = [object.createReadStream(), object.createReadStream()];
        await once(abandoned, 'readable');
        assert.ok(abandoned.read(1000).length > 0);
        abandoned.destroy();
        await once(abandoned, 'close');
        same(await collect(other), bytes);
        object.close();
        await stillWorks(context);
    },
    async 'operation.cancel'(context) {
        const client = await clientOf(context);
        const bytes = pattern(1, 64 * MIB);
        const controller = new AbortController();
        const pending = statusOfPromise(client.put(bytes, { signal: controller.signal, compression: 'none' }));
        controller.abort();
        controller.abort();
        assert.ok(['AbortError', 'MT_OK'].includes(await pending));
        controller.abort();
        assert.strictEqual(await statusOfPromise(client.put(bytes, { signal: AbortSignal.abort() })), 'AbortError');
        await stillWorks(context);
    },
    async 'operation.off-the-loop'(context) {
        const client = await clientOf(context);
        const bytes = pattern(1, 16 * MIB);
        let ticks = 0;
        const timer = setInterval(() => ticks++, 10);
        await client.put(bytes, { compression: 'none' });
        clearInterval(timer);
        assert.ok(ticks > 0, 'the timer ran meanwhile');
    },
    async 'log.lines'() {
        const lines = [];
        setLog((level, text) => lines.push([level, text]), 'debug');
        const client = await Client.open();
        await client.put(pattern(1, 1000));
        await client.close();
        await new Promise((resolve) => setImmediate(resolve));
        setLog(null);
        const count = lines.length;
        const other = await Client.open();
        await other.close();
        assert.ok(count > 0, 'there are lines');
        assert.strictEqual(lines.length, count, 'none arrives after the callback was removed');
        for (const [level, text] of lines) {
            assert.ok(['error', 'warning', 'info', 'debug'].includes(level) && text.length > 0 && !/[\r\n]/.test(text), `${level} ${text}`);
        }
        for (const level of [0, 5]) {
            assert.throws(() => setLog(() => {}, level), { code: 'MT_ERROR_INVALID_ARGUMENT' });
        }
    },
    async 'misuse.exit-under-way'() {
        for (const how of ['return', 'exit']) {
            const child = spawn(process.execPath, [path.join(__dirname, 'suite.js'), 'exit-under-way', how],
                { stdio: ['ignore', 'inherit', 'inherit'], timeout: 60000, killSignal: 'SIGKILL' });
            same(await once(child, 'exit'), [0, null], how);
        }
    },
    async 'client.cluster-gone'(context) {
        const { MT_CLUSTER_DATA: data, MEGATORRENT_BIN: program } = process.env;
        if (!data || !program) {
            throw new Skip('MT_CLUSTER_DATA or MEGATORRENT_BIN is not set');
        }
        const client = await clientOf(context);
        const bytes = pattern(1, 8 * MIB);
        const object = await client.open(await stored(context, bytes));
        execFileSync(program, ['cluster', 'down', '--data', data], { stdio: 'ignore' });
        const started = Date.now();
        for (const status of await statusesOf([client.put(bytes), object.read({ offset: 5000000, length: 1000000 })])) {
            assert.ok(gone.includes(status), status);
        }
        assert.ok(Date.now() - started < 120000);
        assert.strictEqual(await statusOfPromise(Client.open()), 'MT_ERROR_UNREACHABLE');
        object.close();
        await client.close();
    },
};

/** MEGATORRENT_CREDENTIAL is a file, or the credential itself. */
function explicitCredential() {
    const value = process.env.MEGATORRENT_CREDENTIAL;
    return value.startsWith('mtcred1:') ? { credential: value } : { credentialFile: value };
}
