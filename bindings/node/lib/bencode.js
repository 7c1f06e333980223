'use strict';

const { isUtf8 } = require('node:buffer');
const native = require('./native.js');
const { failure, wrongType } = require('./errors.js');
const { bufferOn, disposable, optionsFrom } = require('./support.js');

const types = [undefined, 'integer', 'bytes', 'list', 'dictionary', 'key', 'end', 'documentEnd'];
const [, INTEGER, BYTES, LIST, DICTIONARY, KEY, END, DOCUMENT_END] = types.keys();

// Tokens as the addon writes them: type, depth, offset, length as doubles, then a 64-bit integer.
const RECORD_WORDS = 5;
const RECORDS = 256;

class Records {
    constructor(count) {
        const memory = new ArrayBuffer(count * RECORD_WORDS * 8);
        this.bytes = new Uint8Array(memory);
        this.numbers = new Float64Array(memory);
        this.integers = new BigInt64Array(memory);
    }

    integer(index) {
        const value = this.integers[index * RECORD_WORDS + 4];
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
    }
}

class BencodeReader {
    #handle;
    #data;
    #records = new Records(1);

    constructor(data) {
        this.#data = bufferOn(data, 'data');
        this.#handle = native.bencodeReaderCreate(data);
    }

    next() {
        native.bencodeReaderNext(this.#handle, this.#records.bytes);
        const [type, depth, offset, length] = this.#records.numbers;
        const token = { type: types[type], depth, offset, length };
        if (type === INTEGER) {
            token.integer = this.#records.integer(0);
        } else if (type === BYTES || type === KEY) {
            token.bytes = this.#data.subarray(offset, offset + length);
        }
        return token;
    }

    skip() {
        native.bencodeReaderSkip(this.#handle);
    }

    *[Symbol.iterator]() {
        for (let token = this.next(); token.type !== 'documentEnd'; token = this.next()) {
            yield token;
        }
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
disposable(BencodeReader, 'close');

class BencodeWriter {
    #handle = native.bencodeWriterCreate();

    integer(value) {
        native.bencodeWriterInteger(this.#handle, value);
        return this;
    }

    bytes(value) {
        native.bencodeWriterBytes(this.#handle, bytesOf(value, 'value'));
        return this;
    }

    key(value) {
        native.bencodeWriterKey(this.#handle, bytesOf(value, 'key'));
        return this;
    }

    beginList() {
        native.bencodeWriterBeginList(this.#handle);
        return this;
    }

    beginDictionary() {
        native.bencodeWriterBeginDictionary(this.#handle);
        return this;
    }

    end() {
        native.bencodeWriterEnd(this.#handle);
        return this;
    }

    finish() {
        return native.bencodeWriterFinish(this.#handle);
    }

    close() {
        native.closeHandle(this.#handle);
    }
}
disposable(BencodeWriter, 'close');

/** The bytes of a text in UTF-8, or of what is bytes already. */
function bytesOf(value, name) {
    if (typeof value !== 'string') {
        return bufferOn(value, name);
    }
    const bytes = Buffer.from(value, 'utf8');
    // A lone surrogate has no encoding: Node puts U+FFFD in its place, and another text would be stored.
    if (bytes.toString('utf8') !== value) {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `${name} has half of a surrogate pair in it`);
    }
    return bytes;
}

function keyOf(bytes, keys) {
    return keys === 'buffer' || !isUtf8Text(bytes) ? bytes : bytes.toString('utf8');
}

/** Whether bytes are UTF-8 that comes back as the same bytes. */
function isUtf8Text(bytes) {
    return isUtf8 === undefined ? Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes) : isUtf8(bytes);
}

function decode(data, options) {
    const { keys = 'string' } = optionsFrom(options);
    if (keys !== 'string' && keys !== 'buffer') {
        throw failure('MT_ERROR_INVALID_ARGUMENT', `keys must be 'string' or 'buffer', not ${String(keys)}`);
    }

    const document = bufferOn(data, 'data');
    const reader = native.bencodeReaderCreate(data);
    try {
        return build(reader, document, keys);
    } finally {
        native.closeHandle(reader);
    }
}

// The reader has checked the document, so a value is where one must be.
function build(reader, document, keys) {
    const records = new Records(RECORDS);
    const open = []; // {container, key} of each list and dictionary around the place
    let current = { container: [], key: undefined };
    const root = current.container;
    const add = (value) => (Array.isArray(current.container) ? current.container.push(value) : current.container.set(current.key, value));
    const begin = (container) => {
        add(container);
        open.push(current);
        current = { container, key: undefined };
    };

    for (;;) {
        const count = native.bencodeReaderNext(reader, records.bytes);
        for (let index = 0; index < count; index++) {
            const at = index * RECORD_WORDS;
            const bytes = () => document.subarray(records.numbers[at + 2], records.numbers[at + 2] + records.numbers[at + 3]);
            switch (records.numbers[at]) {
                case INTEGER:
                    add(records.integer(index));
                    break;
                case BYTES:
                    add(bytes());
                    break;
                case KEY:
                    current.key = keyOf(bytes(), keys);
                    break;
                case LIST:
                    begin([]);
                    break;
                case DICTIONARY:
                    begin(new Map());
                    break;
                case END:
                    current = open.pop();
                    break;
                case DOCUMENT_END:
                    return root[0];
            }
        }
    }
}

function encode(value) {
    const writer = new BencodeWriter();
    try {
        write(writer, value);
        return writer.finish();
    } finally {
        writer.close();
    }
}

// No deeper than the library allows: it refuses the beginning of what would be too deep.
function write(writer, value) {
    if (typeof value === 'number' || typeof value === 'bigint') {
        writer.integer(value);
    } else if (typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
        writer.bytes(value);
    } else if (Array.isArray(value)) {
        writer.beginList();
        for (const item of value) {
            write(writer, item);
        }
        writer.end();
    } else if (value instanceof Map) {
        writeDictionary(writer, [...value]);
    } else if (typeof value === 'object' && value !== null) {
        writeDictionary(writer, Object.entries(value));
    } else {
        throw wrongType('a value', 'a number, BigInt, string, bytes, array, Map or plain object', value);
    }
}

function writeDictionary(writer, entries) {
    writer.beginDictionary();
    const sorted = entries.map(([key, value]) => ({ key: bytesOf(key, 'a key'), value }))
        .sort((left, right) => Buffer.compare(left.key, right.key));
    for (const { key, value } of sorted) {
        writer.key(key);
        write(writer, value);
    }
    writer.end();
}

module.exports = { bencode: Object.freeze({ decode, encode }), BencodeReader, BencodeWriter };
