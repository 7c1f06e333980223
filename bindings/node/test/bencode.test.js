'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { bencode, BencodeReader, BencodeWriter } = require('megatorrent');
const { codeOf, data } = require('./support.js');

test('a document and back', () => {
    const value = new Map([
        ['big', 2n ** 63n - 1n],
        ['bytes', data(100)],
        ['empty', new Map()],
        ['list', [1, -2, Buffer.from('three'), []]],
        ['ä', 0],
    ]);
    const document = bencode.encode(value);
    assert.deepStrictEqual(bencode.decode(document), value);
    assert.deepStrictEqual(bencode.encode(bencode.decode(document)), document);
});

test('what encode takes', () => {
    assert.strictEqual(bencode.encode({ b: 'ö', a: [1n] }).toString(), 'd1:ali1ee1:b2:öe');
    assert.strictEqual(bencode.encode(new Uint8Array([65, 66]).buffer).toString(), '2:AB');
    assert.strictEqual(bencode.encode(new Map([[Buffer.from('z'), 1], ['a', 2]])).toString(), 'd1:ai2e1:zi1ee');
    assert.strictEqual(codeOf(() => bencode.encode(new Map([[Buffer.from('a'), 1], ['a', 2]]))), 'MT_ERROR_STATE');
    for (const value of [undefined, null, true, Symbol('s'), () => {}, [undefined], { a: null }]) {
        assert.throws(() => bencode.encode(value), TypeError);
    }
    for (const value of [1.5, NaN, Infinity, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n, '\ud800']) {
        assert.strictEqual(codeOf(() => bencode.encode(value)), 'MT_ERROR_INVALID_ARGUMENT', String(value));
    }
});

test('what goes in circles ends at the limit of depth', () => {
    const list = [];
    list.push(list);
    assert.strictEqual(codeOf(() => bencode.encode(list)), 'MT_ERROR_LIMIT_EXCEEDED');
});

test('keys that are no texts are Buffers', () => {
    const document = Buffer.from('d1:ai1e2:\xff\xfei2ee', 'latin1');
    assert.deepStrictEqual(bencode.decode(document), new Map([['a', 1], [Buffer.from([255, 254]), 2]]));
    assert.deepStrictEqual([...bencode.decode(document, { keys: 'buffer' }).keys()], [Buffer.from('a'), Buffer.from([255, 254])]);
    assert.deepStrictEqual(bencode.encode(bencode.decode(document)), document);
    assert.strictEqual(codeOf(() => bencode.decode(document, { keys: 'latin1' })), 'MT_ERROR_INVALID_ARGUMENT');
});

test('byte strings lie in the document', () => {
    const document = Buffer.from('5:hello');
    const value = bencode.decode(document);
    document[2] = 'H'.charCodeAt(0);
    assert.strictEqual(value.toString(), 'Hello');
});

test('more tokens than cross the boundary at once', () => {
    const value = Array.from({ length: 3000 }, (_, index) => [index, Buffer.from(String(index))]);
    assert.deepStrictEqual(bencode.decode(bencode.encode(value)), value);
});

test('bad documents', () => {
    for (const text of ['', 'i', 'i01e', 'i-0e', 'd1:bi1e1:ai2ee', 'li1e', '5:abc', 'i1ei2e', 'x', '-1:', 'l'.repeat(40)]) {
        assert.strictEqual(codeOf(() => bencode.decode(Buffer.from(text))), 'MT_ERROR_MALFORMED', text);
    }
    assert.strictEqual(codeOf(() => bencode.decode(Buffer.alloc(16777217))), 'MT_ERROR_LIMIT_EXCEEDED');
});

test('the reader, token by token', () => {
    const reader = new BencodeReader(Buffer.from('d1:ali7ee1:b2:hie'));
    assert.deepStrictEqual([...reader].map(({ type, depth }) => `${depth} ${type}`),
        ['0 dictionary', '1 key', '1 list', '2 integer', '1 end', '1 key', '1 bytes', '0 end']);
    assert.strictEqual(reader.next().type, 'documentEnd');
    assert.strictEqual(reader.next().type, 'documentEnd');
    assert.strictEqual(codeOf(() => reader.skip()), 'MT_ERROR_STATE');
    reader.close();
    reader.close();
    assert.strictEqual(codeOf(() => reader.next()), 'MT_ERROR_INVALID_HANDLE');
});

test('the reader skips', () => {
    const reader = new BencodeReader(Buffer.from('d1:ali7ee1:b2:hie'));
    reader.next();
    assert.strictEqual(codeOf(() => reader.skip()), 'MT_ERROR_STATE');
    assert.strictEqual(reader.next().bytes.toString(), 'a');
    reader.skip();
    assert.strictEqual(reader.next().bytes.toString(), 'b');
    assert.strictEqual(reader.next().bytes.toString(), 'hi');
});

test('the writer', () => {
    const writer = new BencodeWriter();
    assert.strictEqual(codeOf(() => writer.finish()), 'MT_ERROR_STATE');
    writer.beginDictionary().key('a').beginList().integer(7).end();
    assert.strictEqual(codeOf(() => writer.integer(1)), 'MT_ERROR_STATE');
    assert.strictEqual(codeOf(() => writer.key('a')), 'MT_ERROR_STATE');
    writer.key(Buffer.from('b')).bytes('hi').end();
    assert.strictEqual(writer.finish().toString(), 'd1:ali7ee1:b2:hie');
    assert.strictEqual(writer.finish().toString(), 'd1:ali7ee1:b2:hie');
    writer.close();
    assert.strictEqual(codeOf(() => writer.finish()), 'MT_ERROR_INVALID_HANDLE');
});
