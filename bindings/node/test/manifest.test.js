'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { capability, Manifest, sha256 } = require('megatorrent');
const { codeOf, data } = require('./support.js');

test('a capability is read and written', () => {
    const fields = { canRead: true, rootId: data(32, 1), key: data(32, 2), rootLength: 1000, parityShards: 2 };
    const text = capability.format(fields);
    assert.match(text, /^mt1:/);
    assert.deepStrictEqual(capability.parse(text), fields);
    const verify = capability.toVerify(text);
    assert.match(verify, /^mtv1:/);
    assert.deepStrictEqual(capability.parse(verify), { ...fields, canRead: false, key: null });
    assert.strictEqual(capability.format(capability.parse(verify)), verify);
    assert.strictEqual(codeOf(() => capability.parse(text.slice(0, -1))), 'MT_ERROR_MALFORMED');
    assert.strictEqual(codeOf(() => capability.format({ ...fields, rootLength: 0 })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => capability.format({ ...fields, rootId: data(31) })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => capability.format(undefined), TypeError);
    assert.throws(() => capability.format({ ...fields, key: null }), TypeError);
});

const stripe = {
    dataShards: 2,
    parityShards: 1,
    ids: [data(32, 1), data(32, 2), data(32, 3)],
    lengths: [1032, 532],
    keys: [data(32, 4), data(32, 5)],
    plaintextLengths: [1000, 500n],
};

test('a manifest is made, sealed and opened', () => {
    const manifest = new Manifest({ kind: 'file', mode: 0o600, modifiedNs: 1700000000123456789n, name: 'photo.jpg' });
    const sealed = manifest.addStream().addStripe(stripe).seal({ tenantSecret: data(32, 9) });
    assert.deepStrictEqual(sealed.id, sha256(sealed.blob));
    manifest.close();
    assert.strictEqual(codeOf(() => manifest.info), 'MT_ERROR_INVALID_HANDLE');

    const opened = Manifest.open(sealed.blob, sealed.key);
    assert.ok(opened instanceof Manifest);
    assert.deepStrictEqual(opened.info, {
        kind: 'file', mode: 0o600, modifiedNs: 1700000000123456789n, modified: new Date(1700000000123), name: 'photo.jpg', streamCount: 1,
        hasKeys: true,
    });
    assert.deepStrictEqual(opened.stream(0), { depth: 0, length: 1500, stripeCount: 1 });
    const { id, ...rest } = opened.stripe(0, 0);
    assert.deepStrictEqual(rest, { dataShards: 2, parityShards: 1, shardLength: 1032, idCount: 3 });
    assert.strictEqual(id.length, 32);
    assert.deepStrictEqual(opened.blob(0, 0, 1), { length: 532, plaintextLength: 500, id: data(32, 2), key: data(32, 5) });
    assert.strictEqual(opened.blob(0, 0, 2).key, null);
    assert.strictEqual(codeOf(() => opened.addStream()), 'MT_ERROR_STATE');
    assert.strictEqual(codeOf(() => opened.blob(0, 0, 3)), 'MT_ERROR_INVALID_ARGUMENT');

    const open = Manifest.open(sealed.blob);
    assert.strictEqual(open.info.hasKeys, false);
    assert.deepStrictEqual(open.blob(0, 0, 0).id, data(32, 1));
    assert.strictEqual(codeOf(() => Manifest.open(sealed.blob, data(32))), 'MT_ERROR_INTEGRITY');
});

test('what no manifest can be', () => {
    assert.strictEqual(codeOf(() => new Manifest({ kind: 'socket' })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => new Manifest({ name: 'a/b' })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.strictEqual(codeOf(() => new Manifest({ modified: new Date(NaN) })), 'MT_ERROR_INVALID_ARGUMENT');
    assert.throws(() => new Manifest({ modified: 5 }), TypeError);
    const manifest = new Manifest({ name: 'a' });
    assert.strictEqual(codeOf(() => manifest.addStripe(stripe)), 'MT_ERROR_STATE');
    manifest.addStream();
    // Lists that are shorter than k and m say would make the library read what is not there.
    for (const change of [{ ids: stripe.ids.slice(1) }, { lengths: [1] }, { keys: [] }, { plaintextLengths: [1, 2, 3] },
        { ids: [data(32), data(32), data(31)] }, { dataShards: 2 ** 32 - 1 }, { parityShards: 1e6 }]) {
        assert.strictEqual(codeOf(() => manifest.addStripe({ ...stripe, ...change })), 'MT_ERROR_INVALID_ARGUMENT', JSON.stringify(change));
    }
    for (const change of [{ ids: 5 }, { lengths: ['1', 2] }, { keys: null }]) {
        assert.throws(() => manifest.addStripe({ ...stripe, ...change }), TypeError);
    }
});
