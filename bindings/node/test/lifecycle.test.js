'use strict';

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');
const { ReedSolomon, sha256 } = require('megatorrent');
const { data } = require('./support.js');

const run = promisify(execFile);
const noGc = globalThis.gc === undefined && 'needs --expose-gc';

/** Runs a program in a process of its own, which finds the package as this one does. */
function runProgram(program, { args = [], env = {} } = {}) {
    return run(process.execPath, [...args, '-e', program], { env: { ...process.env, ...env }, timeout: 120000 });
}

test('handles that nobody closed are collected', { skip: noGc }, async () => {
    // More than the library lets live at once, so it only works when they go.
    const { stdout } = await runProgram(`
        const { ReedSolomon, BencodeWriter, Manifest, NoiseSession } = require('megatorrent');
        (async () => {
            for (let round = 0; round < 40; round++) {
                for (let count = 0; count < 10000; count++) {
                    new ReedSolomon(4, 2);
                    new BencodeWriter();
                }
                globalThis.gc();
                await new Promise((resolve) => setImmediate(resolve));
            }
            console.log('done', Math.round(process.memoryUsage().rss / 2 ** 20) < 512);
        })();`, { args: ['--expose-gc'] });
    assert.strictEqual(stdout, 'done true\n');
});

test('buffers of work under way are kept alive', { skip: noGc }, async () => {
    const code = new ReedSolomon(4, 2);
    const shards = (value) => Array.from({ length: 4 }, () => Buffer.alloc(1000000, value));
    const pending = Array.from({ length: 20 }, (_, index) => code.encodeAsync(shards(index)));
    globalThis.gc();
    const expected = code.encode(shards(19));
    globalThis.gc();
    assert.deepStrictEqual((await Promise.all(pending))[19], expected);
});

const worker = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { ReedSolomon, blob, sha256, sha256Async } = require('megatorrent');
    const code = new ReedSolomon(4, 2);
    (async () => {
        for (let round = 0; round < workerData.rounds; round++) {
            const shards = [1, 2, 3, 4].map((each) => Buffer.alloc(10000, each + round));
            const parity = code.encode(shards);
            const rebuilt = code.reconstruct([null, shards[1], null, shards[3], ...parity]);
            const sealed = await blob.sealAsync(shards[0]);
            if (!rebuilt[2].equals(shards[2]) || !blob.open(sealed.blob, sealed.key).equals(shards[0]) ||
                !sha256(shards[0]).equals(await sha256Async(shards[0]))) {
                throw new Error('wrong result in round ' + round);
            }
        }
        parentPort.postMessage('done');
    })();`;

function start(rounds) {
    const thread = new Worker(worker, { eval: true, workerData: { rounds } });
    return { thread, ended: new Promise((resolve, reject) => thread.on('error', reject).on('exit', resolve)) };
}

test('worker threads use the addon at once, and one that is terminated leaves the others working', async () => {
    const threads = Array.from({ length: 4 }, () => start(100));
    const endless = start(Infinity);
    await new Promise((resolve) => setImmediate(resolve));
    await endless.thread.terminate();
    assert.deepStrictEqual(await Promise.all(threads.map(({ ended }) => ended)), [0, 0, 0, 0]);
    assert.strictEqual(sha256(data(10)).length, 32);
});

test('threads come and go where the main thread never loaded the addon', async () => {
    const { stdout } = await runProgram(`
        const { Worker } = require('node:worker_threads');
        (async () => {
            for (let round = 0; round < 10; round++) {
                const thread = new Worker(${JSON.stringify(worker)}, { eval: true, workerData: { rounds: 3 } });
                await new Promise((resolve, reject) => thread.on('error', reject).on('exit', resolve));
            }
            console.log('done');
        })();`);
    assert.strictEqual(stdout, 'done\n');
});

test('the process ends by itself with work under way', async () => {
    const begin = `const { ReedSolomon, sha256ManyAsync } = require('megatorrent');
        for (let count = 0; count < 8; count++) sha256ManyAsync([Buffer.alloc(50e6), Buffer.alloc(50e6)]);`;
    await runProgram(`${begin} process.exit(0);`);
    await runProgram(`${begin} new Promise((resolve) => setImmediate(resolve)).then(() => process.exit(0));`);
    await runProgram(begin);
});

test('calls near the end of the stack', async () => {
    const program = `
        const { blob, ReedSolomon, sha256, merkleRoot } = require('megatorrent');
        const code = new ReedSolomon(4, 2);
        const bytes = Buffer.alloc(100000, 1);
        const shards = [bytes, bytes, bytes, bytes];
        let calls = 0;
        function deeper() {
            sha256(bytes);
            merkleRoot(bytes);
            code.encode(shards);
            blob.open(blob.seal(bytes).blob, bytes.subarray(0, 32));
            calls++;
            deeper();
        }
        function overflow() {
            try { overflow(); } catch { try { deeper(); } catch (error) { calls += error ? 1 : 0; } }
        }
        overflow();
        function plain(depth) { try { plain(depth + 1); } catch { sha256(bytes); calls++; } }
        try { plain(0); } catch (error) { if (!(error instanceof RangeError)) throw error; }
        if (calls === 0) throw new Error('nothing was called');`;
    await runProgram(program);
    await runProgram(`const { Worker } = require('node:worker_threads');
        const thread = new Worker(${JSON.stringify(program)}, { eval: true });
        thread.on('error', (error) => { throw error; });`);
});

test('the package is found by import too, and is the same', async () => {
    // The folder in which the package is installed: import looks only in node_modules of the folders above.
    const folder = path.resolve(path.dirname(require.resolve('megatorrent/package.json')), '..', '..');
    const program = `
        import * as names from 'megatorrent';
        import { createRequire } from 'node:module';
        const required = createRequire(import.meta.url)('megatorrent');
        console.log(Object.keys(required).every((name) => required[name] === names[name]) &&
            Object.keys(names).length === Object.keys(required).length);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    assert.strictEqual(stdout, 'true\n');
});

test('without a binary for the platform the error says what to do', async () => {
    const load = (before) => runProgram(`${before}
        try { require('megatorrent'); } catch (error) { console.log(error.code + ' ' + error.message); }`,
    { env: { MEGATORRENT_NODE_BINARY: '' } });
    const { stdout: other } = await load("Object.defineProperty(process, 'arch', { value: 'mips' });");
    assert.match(other, /^ERR_MEGATORRENT_BINARY megatorrent .* brings no binary for linux-mips.*MEGATORRENT_NODE_BINARY/);
    const { stdout: missing } = await load("process.env.MEGATORRENT_NODE_BINARY = '/nowhere/megatorrent.node';");
    assert.match(missing, /^ERR_MEGATORRENT_BINARY MEGATORRENT_NODE_BINARY is \/nowhere/);

    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'megatorrent-node-'));
    try {
        const file = path.join(folder, 'megatorrent.node');
        fs.writeFileSync(file, 'no addon');
        const { stdout: broken } = await load(`process.env.MEGATORRENT_NODE_BINARY = ${JSON.stringify(file)};`);
        assert.match(broken, /^ERR_MEGATORRENT_BINARY .* cannot be loaded: .*GNU C library/);
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
});

test('the OpenSSL of the system does not run on that of Node', { skip: process.platform !== 'linux' }, async () => {
    // Node exports the symbols of its own OpenSSL; LD_DEBUG says which library finds its functions where.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'megatorrent-node-'));
    try {
        await runProgram("const { sha256, ed25519, blob } = require('megatorrent'); sha256(Buffer.alloc(9)); ed25519.generate(); " +
            'blob.seal(Buffer.alloc(1000));', { env: { LD_DEBUG: 'bindings', LD_DEBUG_OUTPUT: path.join(folder, 'bindings') } });
        const lines = fs.readdirSync(folder).flatMap((file) => fs.readFileSync(path.join(folder, file), 'utf8').split('\n'));
        assert.ok(lines.length > 1000);
        const mixed = lines.filter((line) => /binding file \S*lib(ssl|crypto)\S* .* to (node|\S*\/node) .*\[OPENSSL/.test(line));
        assert.deepStrictEqual(mixed.slice(0, 5), []);
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
});
