/// <reference types="node" />

import { Readable, Writable } from 'node:stream';

/**
 * Bytes that a function reads. They are used in place, so nobody may change them before the function has returned or its promise has
 * settled, nor transfer their ArrayBuffer to another thread. What lies in a SharedArrayBuffer is copied at the call, and where a promise is
 * returned what lies in a resizable ArrayBuffer too; a view whose ArrayBuffer was transferred away is refused.
 */
export type Bytes = NodeJS.ArrayBufferView | ArrayBuffer;

/** The version of the library, such as '0.1.0'. */
export const version: string;

/** The version of the C interface: the major part in the upper 16 bits, the minor part in the lower. */
export function abiVersion(): number;

/** What the library runs on. */
export const processor: {
    /** The processor that this build of the library is for: 'x86-64-v3', 'x86-64-v4' or 'portable'. */
    readonly level: string;
    /** The kernels in use, for people: 'erasure=avx2 cipher=ipsec-mb sha256=sha-ni'. */
    readonly kernels: string;
};

/** The name of a status, such as 'MT_ERROR_INTEGRITY' for -21; 'MT_ERROR_UNKNOWN' for a number that is none. */
export function statusName(status: number): string;

/**
 * What every failure of the library is. A wrong type of argument is a TypeError instead; everything else, such as a length that is out of
 * its range (MT_ERROR_INVALID_ARGUMENT) or an object that was closed (MT_ERROR_INVALID_HANDLE), is this.
 */
export class MegatorrentError extends Error {
    constructor(status: number, code: string, message: string);
    readonly name: 'MegatorrentError';
    /** The name of the status, 'MT_ERROR_...'. */
    readonly code: string;
    /** Its number, negative. */
    readonly status: number;
    /** Of MT_ERROR_INCOMPLETE from wire.decode: the length of the whole frame, as far as it is known. */
    readonly frameLength?: number;
}

/** What an operation rejects with when its signal aborted it; `cause` is the reason of the signal. */
export class AbortError extends Error {
    constructor(cause?: unknown);
    readonly name: 'AbortError';
    readonly code: 'ABORT_ERR';
}

// ---- Hashes ----

/** The SHA-256 of data: 32 bytes. */
export function sha256(data: Bytes): Buffer;
/** The same on another thread, for much data. */
export function sha256Async(data: Bytes): Promise<Buffer>;
/** The SHA-256 of each element; several at a time where the processor allows it, so much faster than a loop from eight messages on. */
export function sha256Many(list: readonly Bytes[]): Buffer[];
export function sha256ManyAsync(list: readonly Bytes[]): Promise<Buffer[]>;
/** The root of the Merkle tree over data, as BEP 52 has it for a file; 32 zeros for no data. At most 2^31 - 1 bytes. */
export function merkleRoot(data: Bytes): Buffer;
export function merkleRootAsync(data: Bytes): Promise<Buffer>;

/** The text of a blob id: CIDv1, raw, sha2-256, base32, which is also its name in IPFS. */
export const cid: {
    /** From 32 bytes. */
    format(id: Bytes): string;
    /** MT_ERROR_MALFORMED: not a CIDv1 of this kind in its one spelling. */
    parse(text: string): Buffer;
};

// ---- Reed-Solomon ----

/**
 * A Reed-Solomon code: k data shards give m parity shards, all of the same length, and of the k + m any m may be lost. Shards are numbered
 * 0 to k - 1 (data), then k to k + m - 1 (parity); lists have them in this order. The parity is that of ISA-L's gf_gen_cauchy1_matrix.
 *
 * The methods that end in Async work on another thread; up to some hundred KiB the plain ones are quicker.
 */
export class ReedSolomon {
    /** The most that k + m may be. */
    static readonly SHARDS_MAX: number;

    /** k, at least 1, and m, 0 or more. MT_ERROR_INVALID_ARGUMENT when they are out of range. */
    constructor(dataShards: number, parityShards: number);
    readonly dataShards: number;
    readonly parityShards: number;

    /** Computes the parity of k data shards, into new Buffers or into those of `parity`, which must be as long. Gives the parity shards. */
    encode(data: readonly Bytes[], parity?: readonly Uint8Array[]): Buffer[];
    encodeAsync(data: readonly Bytes[], parity?: readonly Uint8Array[]): Promise<Buffer[]>;

    /** Whether the parity belongs to the data; not which shard is wrong when it does not. */
    verify(shards: readonly Bytes[]): boolean;
    verifyAsync(shards: readonly Bytes[]): Promise<boolean>;

    /**
     * Rebuilds the shards that are null or undefined, and gives the whole list with new Buffers in their places. With `only`, missing
     * shards that it does not name stay undefined. Shards that are there are believed: their hashes say whether they are right.
     * MT_ERROR_NOT_ENOUGH_SHARDS when fewer than k are there.
     */
    reconstruct<T extends Bytes>(shards: readonly (T | null | undefined)[], options?: { only?: undefined }): (T | Buffer)[];
    reconstruct<T extends Bytes>(
        shards: readonly (T | null | undefined)[], options: { only: readonly number[] }): (T | Buffer | undefined)[];
    reconstructAsync<T extends Bytes>(shards: readonly (T | null | undefined)[], options?: { only?: undefined }): Promise<(T | Buffer)[]>;
    reconstructAsync<T extends Bytes>(
        shards: readonly (T | null | undefined)[], options: { only: readonly number[] }): Promise<(T | Buffer | undefined)[]>;

    /** Brings parity up to date, in place, after data shard `dataIndex` changed from oldData to newData. Gives the same parity shards. */
    update<T extends Uint8Array>(parity: readonly T[], dataIndex: number, oldData: Bytes, newData: Bytes): T[];
    updateAsync<T extends Uint8Array>(parity: readonly T[], dataIndex: number, oldData: Bytes, newData: Bytes): Promise<T[]>;

    /** Frees what the library holds. The garbage collector does so too, later. Closing twice does nothing. */
    close(): void;
    [Symbol.dispose](): void;
}

// ---- Blobs ----

export type Suite = 'aes-256-gcm' | 'chacha20-poly1305';
export type Compression = 'none' | 'zstd' | 'lz4' | 'gzip' | 'brotli';

export interface SealOptions {
    /** The cipher; AES-256-GCM by default. */
    suite?: Suite;
    /** Zstd by default; tried where a chunk looks as if it would shrink. */
    compression?: Compression;
    /** 32 secret bytes from which the key is derived, so that equal chunks give equal blobs. Without them every key is a new random one. */
    tenantSecret?: Bytes;
    /** Where the blob goes, instead of into new memory: at least the length of data and 32 bytes. MT_ERROR_BUFFER_TOO_SMALL */
    into?: NodeJS.ArrayBufferView;
}

export interface SealedBlob {
    blob: Buffer;
    /** The SHA-256 of the blob. */
    id: Buffer;
    /** What opens it; used for nothing else. */
    key: Buffer;
}

/** Chunks that are compressed and sealed. */
export const blob: {
    /** The longest chunk, in bytes. */
    readonly PLAINTEXT_LENGTH_MAX: number;
    /** MT_ERROR_LIMIT_EXCEEDED: data is longer than PLAINTEXT_LENGTH_MAX. */
    seal(data: Bytes, options?: SealOptions): SealedBlob;
    sealAsync(data: Bytes, options?: SealOptions): Promise<SealedBlob>;
    /** MT_ERROR_MALFORMED: no blob; MT_ERROR_INTEGRITY: another key, or changed; MT_ERROR_UNSUPPORTED: of a later version. */
    open(blob: Bytes, key: Bytes, options?: { into?: NodeJS.ArrayBufferView }): Buffer;
    openAsync(blob: Bytes, key: Bytes, options?: { into?: NodeJS.ArrayBufferView }): Promise<Buffer>;
    /** What the header says, which is not proved before the blob has been opened. */
    inspect(blob: Bytes): { suite: Suite; compression: Compression; plaintextLength: number };
};

// ---- Keys ----

/** Signatures (RFC 8032). Seeds and public keys have 32 bytes, signatures 64. */
export const ed25519: {
    generate(): { seed: Buffer; publicKey: Buffer };
    publicKey(seed: Bytes): Buffer;
    sign(seed: Bytes, data: Bytes): Buffer;
    /** A wrong signature is false, not an error. */
    verify(publicKey: Bytes, signature: Bytes, data: Bytes): boolean;
};

/** Key pairs of 32 bytes each, as Noise wants them (RFC 7748). */
export const x25519: {
    generate(): { secret: Buffer; publicKey: Buffer };
    publicKey(secret: Bytes): Buffer;
};

// ---- Bencode ----

/** What decode gives: integers are numbers, or BigInts where they are not safe integers; byte strings lie in the document. */
export type BencodeValue = number | bigint | Buffer | BencodeValue[] | BencodeDictionary;
export type BencodeDictionary = Map<string | Buffer, BencodeValue>;

/** What encode takes: strings are written as UTF-8, keys in the order of their bytes. Numbers must be safe integers. */
export type BencodeInput = number | bigint | string | Bytes | readonly BencodeInput[] | ReadonlyMap<string | Bytes, BencodeInput> |
    { readonly [key: string]: BencodeInput };

/** Canonical bencode (BEP 3): one value, one encoding. At most 32 levels and 16 MiB. */
export const bencode: {
    /**
     * Reads a document. A dictionary becomes a Map in the order of its keys; a key is a string where its bytes are UTF-8, else a Buffer.
     * With `keys: 'buffer'` every key is a Buffer, for dictionaries whose keys are no texts. MT_ERROR_MALFORMED says what is wrong where.
     */
    decode(data: Bytes, options?: { keys?: 'string' | 'buffer' }): BencodeValue;
    /** Writes a document; what decode gave becomes the same bytes again. MT_ERROR_STATE: a key is there twice. */
    encode(value: BencodeInput): Buffer;
};

export type BencodeToken =
    | { type: 'integer'; depth: number; offset: number; length: number; integer: number | bigint }
    | { type: 'bytes' | 'key'; depth: number; offset: number; length: number; bytes: Buffer }
    | { type: 'list' | 'dictionary' | 'end' | 'documentEnd'; depth: number; offset: number; length: number };

/** A document, token by token. `offset` and `length` of bytes and keys are those of their content, of others of the token. */
export class BencodeReader implements Iterable<BencodeToken> {
    /** Checks the whole document. Do not change it while the reader is in use. MT_ERROR_MALFORMED, MT_ERROR_LIMIT_EXCEEDED */
    constructor(data: Bytes);
    /** The next token; 'documentEnd' at the end, however often one asks. */
    next(): BencodeToken;
    /** Skips the next value. MT_ERROR_STATE if none is next. */
    skip(): void;
    /** The tokens that are left, without the end of the document. */
    [Symbol.iterator](): Iterator<BencodeToken>;
    close(): void;
    [Symbol.dispose](): void;
}

/** A document that is written value by value. MT_ERROR_STATE: this is not due here, or the key is not greater than the one before. */
export class BencodeWriter {
    integer(value: number | bigint): this;
    bytes(value: string | Bytes): this;
    key(value: string | Bytes): this;
    beginList(): this;
    beginDictionary(): this;
    end(): this;
    /** The finished document; it stays. */
    finish(): Buffer;
    close(): void;
    [Symbol.dispose](): void;
}

// ---- Capabilities and manifests ----

export interface CapabilityFields {
    /** True: 'mt1:', it reads. False: 'mtv1:', it only verifies and repairs. */
    canRead: boolean;
    /** The id of the root manifest, 32 bytes. */
    rootId: Bytes;
    /** What opens it, 32 bytes; not needed where canRead is false. */
    key?: Bytes | null;
    /** Bytes of the root manifest. */
    rootLength: number;
    /** Copies of the root manifest beyond the first. */
    parityShards: number;
}

/** The text that names an object. 'mt1:...' is a secret: whoever has it can read. */
export const capability: {
    /** MT_ERROR_MALFORMED: it was cut or mistyped. */
    parse(text: string): { canRead: boolean; rootId: Buffer; key: Buffer | null; rootLength: number; parityShards: number };
    format(fields: CapabilityFields): string;
    /** The 'mtv1:' capability that belongs to one: for whoever may check and repair, but not read. */
    toVerify(capability: string): string;
};

export type ManifestKind = 'node' | 'file' | 'directory';

export interface ManifestInfo {
    kind: ManifestKind;
    /** Permission bits. */
    mode: number;
    modified: Date;
    modifiedNs: bigint;
    /** Without a path; empty for a node. */
    name: string;
    streamCount: number;
    /** Whether it was opened with its key, or made here. */
    hasKeys: boolean;
}

export interface StripeFields {
    dataShards: number;
    parityShards: number;
    /** 32 bytes a blob, k + m of them, or 1 if k is 1. */
    ids: readonly Bytes[];
    /** Of the k data blobs. */
    lengths: readonly number[];
    /** 32 bytes for each data blob. */
    keys: readonly Bytes[];
    /** The bytes behind each data blob. */
    plaintextLengths: readonly (number | bigint)[];
}

/** The blob that a capability leads to: it lists the stripes of an object. */
export class Manifest {
    /** Begins one; a file without options. Add its streams and stripes, then seal it. */
    constructor(options?: { kind?: ManifestKind; mode?: number; modified?: Date; modifiedNs?: bigint | number; name?: string });
    /** Reads a manifest blob; without the key only its public part. MT_ERROR_MALFORMED, MT_ERROR_UNSUPPORTED, MT_ERROR_INTEGRITY */
    static open(blob: Bytes, key?: Bytes): Manifest;
    readonly info: ManifestInfo;
    /** depth 0: its stripes hold the bytes; above: they hold manifests. length is 0 without keys. */
    stream(streamIndex: number): { depth: number; length: number; stripeCount: number };
    stripe(streamIndex: number, stripeIndex: number): {
        dataShards: number; parityShards: number; shardLength: number; idCount: number; id: Buffer;
    };
    /** A blob of a stripe, data before parity. key is null without keys and for parity. */
    blob(streamIndex: number, stripeIndex: number, blobIndex: number): {
        length: number; plaintextLength: number; id: Buffer; key: Buffer | null;
    };
    addStream(depth?: number): this;
    addStripe(stripe: StripeFields): this;
    seal(options?: { suite?: Suite; tenantSecret?: Bytes }): SealedBlob;
    close(): void;
    [Symbol.dispose](): void;
}

// ---- Noise ----

export interface NoiseOptions {
    /** Whether this side writes first. */
    initiator?: boolean;
    /** Both sides must have the same; AES-256-GCM by default. */
    suite?: Suite;
    /** This side's X25519 secret. */
    staticSecret: Bytes;
    /** What both sides have said before in the clear. */
    prologue?: Bytes;
    /** Only for tests against published vectors: a secret that is used twice is none. */
    ephemeralSecret?: Bytes;
}

/**
 * A Noise_XX_25519 session without a socket: it turns messages into messages. Both sides write in turn, the initiator first, until three
 * messages have passed; then both may write at any time. After a failure it is dead: MT_ERROR_STATE.
 */
export class NoiseSession {
    constructor(options: NoiseOptions);
    /** Whose turn it is: ours, theirs, anyone's, nobody's any more. */
    readonly state: 'write' | 'read' | 'established' | 'dead';
    /** The other side's X25519 public key. MT_ERROR_STATE before it is proved. */
    readonly remoteKey: Buffer;
    /** The hash that names the session. MT_ERROR_STATE before it is established. */
    readonly handshakeHash: Buffer;
    /** The next message: of the handshake while it lasts, then one that carries the payload. */
    write(payload?: Bytes): Buffer;
    /** The payload of the other side's next message. MT_ERROR_INTEGRITY: it was changed, lost or repeated. */
    read(message: Bytes): Buffer;
    close(): void;
    [Symbol.dispose](): void;
}

/** Who the other side of a session is. */
export const peer: {
    /** What the owner of a credential ('mtcred1:...') proves itself with; staticKey is the X25519 public key of this side. */
    payload(credential: string, staticKey: Bytes): { payload: Buffer; clusterKey: Buffer };
    /** MT_ERROR_UNAUTHORIZED: it does not prove the identity, or its certificate is not valid for the cluster now. */
    check(payload: Bytes, remoteStaticKey: Bytes, clusterKey: Bytes): {
        hasCertificate: boolean; nodeId: Buffer; publicKey: Buffer; version: number;
    };
};

// ---- Wire messages ----

export type WireType = 'HELLO' | 'PING' | 'PONG' | 'GET' | 'DATA' | 'WANT' | 'HAVE' | 'STORE' | 'STORED' | 'FIND' | 'FOUND' | 'CANCEL' |
    'STATUS' | 'STATUS_REPLY' | 'ERROR' | 'GOSSIP' | 'GOSSIP_REPLY' | 'PROBE' | 'PROBE_REPLY' | 'JOIN' | 'JOINED' | 'NOTICE' | 'PROCEED';

/** A message between nodes; which members count depends on the type, as the table in part 10 of megatorrent.h says. */
export interface WireMessage {
    type: WireType;
    /** 0 with HELLO and with the ERROR that ends a session. */
    requestNumber: number;
    /** Of DATA: wire.FLAG_*. */
    flags?: number;
    id?: Buffer;
    offset?: number | bigint;
    length?: number;
    code?: number;
    count?: number;
    versionMin?: number;
    versionMax?: number;
    features?: number;
    requestsMax?: number;
    blobLengthMax?: number;
    idleTimeoutMs?: number;
    bytes?: Buffer;
    items?: Buffer;
}

export type WireInput = Omit<WireMessage, 'type' | 'requestNumber' | 'id' | 'bytes' | 'items'> & {
    /** Its name, or its number. */
    type: WireType | number;
    requestNumber?: number;
    id?: Bytes;
    bytes?: Bytes;
    items?: Bytes;
};

export const wire: {
    readonly FLAG_LAST: number;
    readonly FLAG_UPLOAD: number;
    readonly HEADER_LENGTH: number;
    readonly FRAME_LENGTH_MAX: number;
    /** A message as one frame. MT_ERROR_INVALID_ARGUMENT: a member that the type cannot have, or over its limit. */
    encode(message: WireInput): Buffer;
    /**
     * The frame at the start of data; the next one follows after frameLength bytes. bytes and items lie in data. MT_ERROR_INCOMPLETE: it is
     * cut, and `frameLength` of the error says how long it is. MT_ERROR_PROTOCOL_VIOLATION, MT_ERROR_MALFORMED
     */
    decode(data: Bytes): { frameLength: number; message: WireMessage };
};

// ---- Client ----

export interface OpenOptions {
    /**
     * 'HOST:PORT', several parted by commas, or an array of them: nodes of the cluster, of which any one will do. By default
     * MEGATORRENT_CLUSTER, else the cluster that `megatorrent cluster up` left running on this machine, else the nodes that the credential
     * names.
     */
    cluster?: string | readonly string[];
    /** The credential itself, 'mtcred1:...'. By default MEGATORRENT_CREDENTIAL, else the one in the user's configuration folder. */
    credential?: string;
    /** A file with the credential. */
    credentialFile?: string | URL;
    /** How long one request may make no progress before another node is asked; 15000 by default. */
    requestTimeoutMs?: number;
    /** Memory for stripes under way, in each direction; 96 MiB by default. */
    memoryBytesMax?: number;
    signal?: AbortSignal;
}

/** Called with bytes done and in all (undefined while not known). What it throws ends the operation, whose promise rejects with it. */
export type OnProgress = (bytesDone: number, bytesTotal: number | undefined) => void;

export interface OperationOptions {
    /** Aborting rejects with an AbortError, once the operation has let go of its buffers. */
    signal?: AbortSignal;
    onProgress?: OnProgress;
}

export interface PutOptions extends OperationOptions {
    /** k and m; 4 and 2 by default. */
    dataShards?: number;
    parityShards?: number;
    suite?: Suite;
    compression?: Compression;
    /** Chunks are cut by content, and equal ones under one credential are stored once. */
    deduplicate?: boolean;
    /** Of the object, where it has no path; 'data' by default. */
    name?: string;
}

export interface PutResult {
    /** What reads the object: a secret. */
    capability: string;
    /** Bytes of the object. */
    bytes: number;
    /** Bytes of blobs, parity and manifests included. */
    storedBytes: number;
    /** Stripes of the object, manifests included. */
    stripes: number;
    /** Of which this many miss a blob; the nodes add it by themselves. */
    incompleteStripes: number;
    missingBlobs: number;
    blobsStored: number;
    /** Blobs that were there already. */
    blobsReused: number;
}

export interface GetResult {
    bytes: number;
    /** Of which an earlier get that was interrupted had brought this many. */
    bytesResumed: number;
    /** Data blobs that had to be computed from parity. */
    blobsRebuilt: number;
    /** Blobs that arrived with the wrong bytes, and were refused. */
    badBlobs: number;
}

export interface VerifyReport {
    /** Every stripe has every blob, and each was read and hashed. */
    healthy: boolean;
    /** Every stripe can be read. */
    recoverable: boolean;
    /** How many more blobs the weakest stripe can lose; below 0: it is lost. */
    lowestMargin: number;
    stripes: number;
    healthyStripes: number;
    blobs: number;
    goodBlobs: number;
    missingBlobs: number;
    badBlobs: number;
}

export interface RepairReport {
    stripes: number;
    stripesRepaired: number;
    blobsRestored: number;
    /** Blobs for which there is no node now. */
    stillMissing: number;
    /** Stripes with fewer than k blobs. */
    unrecoverable: number;
}

export interface ReadOptions {
    /** Where to begin; 0 by default. Beyond the end: MT_ERROR_INVALID_ARGUMENT. */
    offset?: number | bigint;
    /** How many bytes at most; up to the end by default. */
    length?: number | bigint;
    /** Memory that takes the bytes, instead of new memory, and no more than fit: the Buffer that comes back lies on it. */
    into?: NodeJS.ArrayBufferView;
    signal?: AbortSignal;
}

export interface ReadStreamOptions {
    /** The first byte; 0 by default. */
    start?: number | bigint;
    /** The last byte, inclusive as in fs.createReadStream; the end of the content by default. */
    end?: number | bigint;
    /** Bytes that are read ahead by the stream; 1 MiB by default. */
    highWaterMark?: number;
    encoding?: BufferEncoding;
    signal?: AbortSignal;
}

export interface WriteStreamOptions extends PutOptions {
    /** Bytes that wait in the stream; 1 MiB by default. */
    highWaterMark?: number;
}

/** A new object of any length. It is stored when 'finish' is emitted; destroyed before that, nothing is acknowledged. */
export interface WriteStream extends Writable {
    /** What reads the object, once it is stored. Rejects when the stream fails or is destroyed. */
    readonly capability: Promise<string>;
    /** The same with what was stored. */
    readonly result: Promise<PutResult>;
    /** Bytes that the library has taken. */
    readonly bytesWritten: number;
}

export interface ObjectInfo {
    readonly kind: 'file' | 'directory';
    readonly name: string;
    /** Bytes of the content; of a directory, that of all its files. */
    readonly length: number;
    /** Permission bits. */
    readonly mode: number;
    readonly modified: Date;
    readonly modifiedNs: bigint;
    /** Entries of a directory. */
    readonly entryCount: number;
}

export interface ObjectEntry {
    /** Below the directory, with '/' between the parts. */
    path: string;
    kind: 'file' | 'directory' | 'link';
    /** Bytes of a file, else 0. */
    length: number;
    /** Where the bytes of a file begin in the content of the directory. */
    offset: number;
    mode: number;
    modified: Date;
    modifiedNs: bigint;
}

/** What is behind a capability, opened once. Comes from client.open(). */
export class ObjectHandle {
    private constructor();
    readonly info: ObjectInfo;
    /** info.length */
    readonly length: number;
    /** The entries of a directory in the order of their paths; none for a file. */
    entries(): ObjectEntry[];
    /** Content from offset on; of a directory the files of it, one after the other. */
    read(options?: ReadOptions): Promise<Buffer>;
    createReadStream(options?: ReadStreamOptions): Readable;
    /** Frees it; streams that came from it go on. Closing twice does nothing. */
    close(): void;
    [Symbol.dispose](): void;
}

/**
 * A connection to a cluster, for any number of operations at once. None of them blocks the event loop, or one of the threads that Node
 * reads files with. An operation under way keeps the process alive; an open client does not.
 *
 * Errors that all of them can reject with: MT_ERROR_UNREACHABLE (no node answers), MT_ERROR_UNAUTHORIZED (the credential may not do this,
 * or the capability cannot read), MT_ERROR_MALFORMED (the capability was cut or mistyped), MT_ERROR_NOT_ENOUGH_SHARDS (too much is lost to
 * read, or too few nodes to store), MT_ERROR_INTEGRITY, MT_ERROR_TIMEOUT, MT_ERROR_CANCELED (the client was closed),
 * MT_ERROR_INVALID_HANDLE (it was closed before).
 */
export class Client {
    private constructor();

    /** Reaches a cluster. MT_ERROR_UNREACHABLE: none is known or answers; MT_ERROR_UNAUTHORIZED: no credential, or it was refused. */
    static open(options?: OpenOptions): Promise<Client>;

    /** Puts bytes as a file. Do not change them before the promise settles. */
    put(data: Bytes, options?: PutOptions): Promise<PutResult>;
    /** Puts the file or directory at path. MT_ERROR_NOT_FOUND, MT_ERROR_INPUT_OUTPUT */
    putFile(path: string | Uint8Array | URL, options?: PutOptions): Promise<PutResult>;
    /**
     * Gets the file or directory behind a capability to path. Until it is whole it stands under PATH.mtpart, where a later call goes on.
     * MT_ERROR_INVALID_ARGUMENT: something is at path, and overwrite is not true.
     */
    getFile(capability: string, path: string | Uint8Array | URL, options?: OperationOptions & { overwrite?: boolean }): Promise<GetResult>;
    /** Reads a file into memory. To read often from one, open it. */
    read(capability: string, options?: ReadOptions): Promise<Buffer>;
    /** Opens what is behind a capability. */
    open(capability: string, options?: { signal?: AbortSignal }): Promise<ObjectHandle>;
    /** The content behind a capability in order, read ahead of the reader. */
    createReadStream(capability: string, options?: ReadStreamOptions): Readable;
    /** A new object of any length. onProgress is told what was taken; the total is not known. */
    createWriteStream(options?: WriteStreamOptions): WriteStream;
    /** Reads and hashes every blob of an object, parity too. Damage is a result, not an error. An 'mtv1:' capability is enough. */
    verify(capability: string, options?: OperationOptions): Promise<VerifyReport>;
    /** Verifies, and stores anew what is missing or wrong. */
    repair(capability: string, options?: OperationOptions): Promise<RepairReport>;
    /** Asks the cluster who is in it now. */
    status(): Promise<{ members: number; livingMembers: number; failureDomains: number }>;
    /** Cancels whatever is under way, and waits for it. Closing twice gives the same promise. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// ---- Log ----

export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

/**
 * Sends what the library has to say, up to a level ('info' by default), to a callback; null ends that. There is one log a process: the last
 * thread to call this has it. No secret is ever in a line. Lines that come faster than the event loop takes them are dropped. What the
 * callback throws is an uncaught exception.
 */
export function setLog(callback: ((level: LogLevel, message: string) => void) | null, level?: LogLevel | 1 | 2 | 3 | 4): void;
