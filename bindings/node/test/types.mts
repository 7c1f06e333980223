// Checked with tsc, never run: the types take what they should, give what they say, and refuse the rest.

import type { Readable, Writable } from 'node:stream';
import {
    AbortError, BencodeReader, BencodeWriter, Client, Manifest, MegatorrentError, NoiseSession, ObjectHandle, ReedSolomon, abiVersion,
    bencode, blob, capability, cid, ed25519, merkleRoot, merkleRootAsync, peer, processor, setLog, sha256, sha256Async, sha256Many,
    statusName, version, wire, x25519,
} from 'megatorrent';
import type { BencodeValue, Bytes, PutResult, SealedBlob, WireMessage, WriteStream } from 'megatorrent';

const bytes: Bytes[] = [
    Buffer.alloc(1), new Uint8Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), new Uint8Array(new SharedArrayBuffer(1)),
];
const hashes: Buffer[] = [sha256(bytes[0]!), merkleRoot(new ArrayBuffer(1)), ...sha256Many(bytes), await sha256Async(Buffer.alloc(1))];
const later: Promise<Buffer> = merkleRootAsync(Buffer.alloc(1));
const texts: string[] = [version, processor.level, processor.kernels, statusName(-1), cid.format(hashes[0]!)];
const number: number = abiVersion();
cid.parse(texts[0]!).readUInt8(number);
await later;

// @ts-expect-error a string has no bytes of its own
sha256('text');
// @ts-expect-error nor has a number
sha256(5);
// @ts-expect-error it is a list of bytes
sha256Many(Buffer.alloc(1));

const code = new ReedSolomon(4, 2);
const parity: Buffer[] = code.encode(bytes, [new Uint8Array(1)]);
const all: Buffer[] = code.reconstruct([null, undefined, ...parity]);
const some: (Buffer | undefined)[] = code.reconstruct([null, ...parity], { only: [0] });
const updated: Buffer[] = code.update(parity, 0, bytes[0]!, bytes[1]!);
const agree: boolean = code.verify([...all, ...updated]) && await code.verifyAsync(parity) && some.length > ReedSolomon.SHARDS_MAX;
// @ts-expect-error parity is written to
code.encode(bytes, [new ArrayBuffer(1)]);
// @ts-expect-error k and m
new ReedSolomon(4);
code[Symbol.dispose]();

const sealed: SealedBlob = blob.seal(Buffer.alloc(1), { suite: 'aes-256-gcm', compression: 'zstd', tenantSecret: bytes[0]! });
const opened: Buffer = blob.open(sealed.blob, sealed.key);
const { plaintextLength }: { plaintextLength: number } = blob.inspect((await blob.sealAsync(opened)).blob);
// @ts-expect-error there is no such suite
blob.seal(opened, { suite: 'rot13' });

const pair = ed25519.generate();
const right: boolean = ed25519.verify(pair.publicKey, ed25519.sign(pair.seed, opened), opened) && agree;
x25519.publicKey(x25519.generate().secret).subarray(plaintextLength);

const document: Buffer = bencode.encode({ a: [1, 2n, 'three', Buffer.alloc(1), new Map([['k', 1]])] });
const value: BencodeValue = bencode.decode(document, { keys: 'buffer' });
if (value instanceof Map) {
    const inner: BencodeValue | undefined = value.get('a');
    if (typeof inner === 'bigint' || typeof inner === 'number') {
        BigInt(inner);
    }
}
// @ts-expect-error booleans have no encoding
bencode.encode({ a: true });
for (const token of new BencodeReader(opened)) {
    if (token.type === 'integer') {
        const integer: number | bigint = token.integer;
        new BencodeWriter().beginList().integer(integer).end().finish();
    } else if (token.type === 'key') {
        token.bytes.toString();
    }
}

const fields = capability.parse('mt1:x');
const verify: string = capability.toVerify(capability.format(fields));
const manifest = new Manifest({ kind: 'file', mode: 0o644, modified: new Date(), name: 'a' }).addStream().addStripe({
    dataShards: 1, parityShards: 2, ids: [opened], lengths: [1], keys: [opened], plaintextLengths: [1n],
});
const key: Buffer | null = Manifest.open(manifest.seal().blob).blob(0, 0, 0).key;
const session = new NoiseSession({ initiator: true, staticSecret: pair.seed });
if (session.state === 'write') {
    session.read(session.write(peer.payload('mtcred1:x', session.remoteKey).payload));
}
// @ts-expect-error the secret is needed
new NoiseSession({ initiator: true });
const message: WireMessage = wire.decode(wire.encode({ type: 'GET', requestNumber: 1, id: opened, offset: 0, length: 1 })).message;
// @ts-expect-error there is no such type
wire.encode({ type: 'NONSENSE', requestNumber: 1 });

const client: Client = await Client.open({
    cluster: ['127.0.0.1:1'], credentialFile: new URL('file:///x'), signal: AbortSignal.timeout(1),
});
const result: PutResult = await client.put(opened, {
    dataShards: 4, parityShards: 2, deduplicate: true, name: 'x', onProgress: (done, total) => done / (total ?? 1),
});
await client.putFile(new URL('file:///x'), { signal: new AbortController().signal });
const { bytesResumed } = await client.getFile(result.capability, Buffer.from('path'), { overwrite: true });
const read: Buffer = await client.read(result.capability, { offset: 1n, length: bytesResumed, into: new Uint8Array(5) });
const object: ObjectHandle = await client.open(result.capability);
const kinds: ('file' | 'directory' | 'link')[] = [object.info.kind, ...object.entries().map((entry) => entry.kind)];
const readable: Readable = object.createReadStream({ start: 0, end: read.length });
const writable: WriteStream = client.createWriteStream({ name: 'x', highWaterMark: 5 });
const plain: Writable = readable.pipe(writable);
const stored: string = await writable.capability;
const healthy: boolean = (await client.verify(stored)).healthy && (await client.repair(verify)).unrecoverable === 0;
const living: number = (await client.status()).livingMembers;
// @ts-expect-error a client comes from open
new Client();
// @ts-expect-error a capability is a text
await client.read(5);
await client[Symbol.asyncDispose]();
await client.close();

setLog((level, text) => console.log(level, text), 'debug');
setLog(null);
// @ts-expect-error there is no such level
setLog(null, 'loud');

const error: unknown = undefined;
if (error instanceof MegatorrentError) {
    const { status, frameLength }: { status: number; frameLength?: number } = error;
    console.log(status, frameLength);
} else if (error instanceof AbortError) {
    const abort: 'ABORT_ERR' = error.code;
    console.log(abort);
}
console.log(right, key, message, kinds, plain, healthy, living);
