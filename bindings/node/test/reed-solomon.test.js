'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { ReedSolomon } = require('megatorrent');
const { codeOf, data } = require('./support.js');

const shardsOf = (count, length) => Array.from({ length: count }, (_, index) => data(length, index + 1));

test('any m shards that are lost come back', async () => {
    const code = new ReedSolomon(4, 2);
    const shards = shardsOf(4, 1000);
    const all = [...shards, ...code.encode(shards)];
    assert.strictEqual(code.verify(all), true);
    for (let first = 0; first < 6; first++) {
        for (let second = first + 1; second < 6; second++) {
            const damaged = all.map((shard, index) => (index === first || index === second ? null : shard));
            assert.deepStrictEqual(code.reconstruct(damaged), all);
            assert.deepStrictEqual(await code.reconstructAsync(damaged), all);
            assert.strictEqual(damaged[first], null, 'the list that was passed is not changed');
        }
    }
});

test('the asynchronous methods give the same', async () => {
    const code = new ReedSolomon(10, 4);
    const shards = shardsOf(10, 100000);
    const parity = code.encode(shards);
    assert.deepStrictEqual(await code.encodeAsync(shards), parity);
    assert.strictEqual(await code.verifyAsync([...shards, ...parity]), true);
    const changed = data(100000, 99);
    const expected = code.encode([changed, ...shards.slice(1)]);
    assert.deepStrictEqual(await code.updateAsync(parity.map((shard) => Buffer.from(shard)), 0, shards[0], changed), expected);
    assert.deepStrictEqual(code.update(parity, 0, shards[0], changed), expected);
    parity[3][5] ^= 1;
    assert.strictEqual(await code.verifyAsync([changed, ...shards.slice(1), ...parity]), false);
});

test('parity is written where one says', () => {
    const code = new ReedSolomon(2, 1);
    const memory = Buffer.alloc(30, 7);
    const shards = shardsOf(2, 10);
    const parity = code.encode(shards, [memory.subarray(10, 20)]);
    assert.strictEqual(parity[0].buffer, memory.buffer);
    assert.deepStrictEqual(parity, code.encode(shards));
    assert.ok(memory.subarray(0, 10).every((byte) => byte === 7) && memory.subarray(20).every((byte) => byte === 7));
    assert.strictEqual(codeOf(() => code.encode(shards, [shards[0]])), 'MT_ERROR_OVERLAP');
    assert.strictEqual(codeOf(() => code.encode(shards, [Buffer.alloc(9)])), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => code.encode(shards, [new Uint8Array(new SharedArrayBuffer(10))])), 'MT_ERROR_INVALID_ARGUMENT');
});

test('only the shards that are asked for are rebuilt', () => {
    const code = new ReedSolomon(4, 2);
    const shards = shardsOf(4, 100);
    const [p0, p1] = code.encode(shards);
    const rebuilt = code.reconstruct([undefined, shards[1], shards[2], shards[3], p0, undefined], { only: [0] });
    assert.deepStrictEqual(rebuilt, [...shards, p0, undefined]);
    assert.ok(p1.length === 100);
    assert.strictEqual(codeOf(() => code.reconstruct([null, ...shards.slice(1), p0, p1], { only: [6] })), 'MT_ERROR_INVALID_ARGUMENT');
});

test('too few shards', () => {
    const code = new ReedSolomon(4, 2);
    const shards = shardsOf(4, 100);
    const [p0] = code.encode(shards);
    assert.strictEqual(codeOf(() => code.reconstruct([null, null, shards[2], shards[3], p0, null])), 'MT_ERROR_NOT_ENOUGH_SHARDS');
    assert.strictEqual(codeOf(() => code.reconstruct(new Array(6))), 'MT_ERROR_NOT_ENOUGH_SHARDS');
});

test('counts and lengths', () => {
    for (const [k, m] of [[0, 1], [200, 100], [-1, 2], [1.5, 1], [NaN, 1], [2 ** 32, 1]]) {
        assert.strictEqual(codeOf(() => new ReedSolomon(k, m)), 'MT_ERROR_INVALID_ARGUMENT', `${k}+${m}`);
    }
    for (const [k, m] of [['4', 2], [4], [null, 2], [{}, 2]]) {
        assert.throws(() => new ReedSolomon(k, m), TypeError);
    }
    const code = new ReedSolomon(255, 0);
    assert.deepStrictEqual(code.encode(shardsOf(255, 3)), []);
    const other = new ReedSolomon(2, 2);
    assert.deepStrictEqual(other.encode([Buffer.alloc(0), Buffer.alloc(0)]), [Buffer.alloc(0), Buffer.alloc(0)]);
    assert.strictEqual(codeOf(() => other.encode([Buffer.alloc(3), Buffer.alloc(4)])), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => other.encode([Buffer.alloc(3)])), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => other.update(other.encode(shardsOf(2, 3)), 2, Buffer.alloc(3), Buffer.alloc(3))),
        'MT_ERROR_INVALID_ARGUMENT');
});

test('a closed code', async () => {
    const code = new ReedSolomon(2, 1);
    const pending = code.encodeAsync(shardsOf(2, 1000000));
    code.close();
    code.close();
    // The work under way finishes, or finds the handle closed.
    await pending.catch((error) => assert.strictEqual(error.code, 'MT_ERROR_INVALID_HANDLE'));
    assert.strictEqual(codeOf(() => code.encode(shardsOf(2, 10))), 'MT_ERROR_INVALID_HANDLE');
    await assert.rejects(code.verifyAsync(shardsOf(3, 10)), { code: 'MT_ERROR_INVALID_HANDLE' });
});
