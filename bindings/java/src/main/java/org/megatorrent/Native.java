package org.megatorrent;

/**
 * The native methods, in the order of {@code megatorrent.h}. A result below zero is a status of the library. Bytes are passed as
 * {@link Memory} has them; arguments were checked before.
 */
final class Native {
    static {
        Loader.load();
    }

    private Native() {
    }

    static native int abiVersion();

    static native String versionString();

    static native String statusName(int status);

    /** The text of the last failure on this thread, in UTF-8. */
    static native byte[] lastError();

    static native String processorLevel();

    static native String processorKernels();

    static native int logSet(LogSink sink, int levelMax);

    static native int sha256(byte[] out32, Object data, int where, int length);

    /** Hashes count messages, at most 64, from index first on. */
    static native int sha256Many(byte[] out, int first, Object[] objects, int[] wheres, int[] lengths, int count);

    static native int merkleRoot(byte[] out32, Object data, int where, int length);

    static native int cidFormat(byte[] text, byte[] id32);

    static native int cidParse(byte[] id32, byte[] text);

    static native int rsCreate(long[] handle, int dataShards, int parityShards);

    static native int rsEncode(long rs, Object[] shards, int[] wheres, int dataShards, int length);

    static native int rsVerify(long rs, Object[] shards, int[] wheres, int length);

    static native int rsReconstruct(long rs, Object[] shards, int[] wheres, byte[] present, int length);

    /** shards: the parity, then old and new data. */
    static native int rsUpdate(long rs, Object[] shards, int[] wheres, int dataIndex, int length);

    static native void rsDestroy(long rs);

    static native int blobSeal(
        Object dst, int dstWhere, int dstLength, byte[] id32, byte[] key32, Object src, int srcWhere, int srcLength, int suite,
        int compression, byte[] tenantSecret32);

    static native int blobOpen(Object dst, int dstWhere, int dstLength, byte[] key32, Object src, int srcWhere, int srcLength);

    /** numbers: suite, compression, length of the plaintext. */
    static native int blobInspect(long[] numbers, Object src, int where, int length);

    static native int ed25519Generate(byte[] seed32, byte[] public32);

    static native int ed25519PublicKey(byte[] public32, byte[] seed32);

    static native int ed25519Sign(byte[] signature64, byte[] seed32, Object data, int where, int length);

    static native int ed25519Verify(byte[] public32, byte[] signature64, Object data, int where, int length);

    static native int x25519Generate(byte[] secret32, byte[] public32);

    static native int x25519PublicKey(byte[] public32, byte[] secret32);

    static native int bencodeReaderCreate(long[] handle, Object data, int where, int length);

    /** token: type, depth, integer, offset, length. */
    static native int bencodeReaderNext(long reader, long[] token);

    static native int bencodeReaderSkip(long reader);

    static native void bencodeReaderDestroy(long reader);

    static native int bencodeWriterCreate(long[] handle);

    static native int bencodeWriterInteger(long writer, long value);

    static native int bencodeWriterBytes(long writer, Object data, int where, int length);

    static native int bencodeWriterKey(long writer, Object data, int where, int length);

    static native int bencodeWriterBeginList(long writer);

    static native int bencodeWriterBeginDictionary(long writer);

    static native int bencodeWriterEnd(long writer);

    static native byte[] bencodeWriterFinish(long writer, int[] status);

    static native void bencodeWriterDestroy(long writer);

    /** numbers: can read, length of the root, parity shards. */
    static native int capabilityParse(long[] numbers, byte[] rootId32, byte[] key32, byte[] text);

    static native int capabilityFormat(byte[] text, int canRead, byte[] rootId32, byte[] key32, int rootLength, int parityShards);

    static native int capabilityToVerify(byte[] text, byte[] capability);

    static native int manifestOpen(long[] handle, Object blob, int where, int length, byte[] key32);

    /** numbers: kind, mode, streams, time in nanoseconds, has keys. */
    static native int manifestGetInfo(long manifest, long[] numbers);

    static native byte[] manifestGetName(long manifest, int[] status);

    /** numbers: depth, length, stripes. */
    static native int manifestGetStream(long manifest, long[] numbers, int streamIndex);

    /** numbers: data shards, parity shards, length of a shard, ids. */
    static native int manifestGetStripe(long manifest, long[] numbers, byte[] id32, int streamIndex, int stripeIndex);

    /** numbers: length, length of the plaintext, has a key. */
    static native int manifestGetBlob(
        long manifest, long[] numbers, byte[] id32, byte[] key32, int streamIndex, int stripeIndex, int blobIndex);

    static native int manifestCreate(long[] handle, int kind, int mode, long modifiedUnixNs, byte[] name);

    static native int manifestAddStream(long manifest, int depth);

    static native int manifestAddStripe(
        long manifest, int dataShards, int parityShards, byte[] ids, int[] lengths, byte[] keys, long[] plaintextLengths);

    static native byte[] manifestSeal(long manifest, int[] status, byte[] id32, byte[] key32, int suite, byte[] tenantSecret32);

    static native void manifestDestroy(long manifest);

    static native int noiseCreate(
        long[] handle, int initiator, int suite, byte[] staticSecret32, byte[] prologue, byte[] ephemeralSecret32);

    static native int noiseState(long noise);

    static native long noiseWriteBound(long noise, int payloadLength);

    static native int noiseWrite(
        long noise, Object dst, int dstWhere, int dstLength, Object payload, int payloadWhere, int payloadLength);

    static native int noiseRead(
        long noise, Object dst, int dstWhere, int dstLength, Object message, int messageWhere, int messageLength);

    static native int noiseRemoteKey(long noise, byte[] public32);

    static native int noiseHandshakeHash(long noise, byte[] hash32);

    static native void noiseDestroy(long noise);

    static native int peerPayloadCreate(byte[] dst, byte[] credential, byte[] static32, byte[] clusterKey32);

    /** numbers: has a certificate, version. */
    static native int peerPayloadCheck(
        long[] numbers, byte[] nodeId32, byte[] publicKey32, byte[] payload, byte[] remoteStatic32, byte[] clusterKey32);

    static native int wireEncode(Object dst, int dstWhere, int dstLength, long[] numbers, byte[] id32, byte[] bytes, byte[] items);

    static native int wireDecode(long[] numbers, byte[] id32, Object data, int where, int length);

    static native int clientOpenStart(
        Operation<?> operation, long[] handle, byte[] cluster, byte[] credential, byte[] credentialPath, int requestTimeoutMs,
        long memoryBytesMax);

    static native int clientPutStart(
        Operation<?> operation, long[] handle, long client, Object data, int where, int length, int dataShards, int parityShards,
        int suite, int compression, boolean deduplicate, byte[] name, boolean progress);

    static native int clientPutFileStart(
        Operation<?> operation, long[] handle, long client, byte[] path, int dataShards, int parityShards, int suite, int compression,
        boolean deduplicate, byte[] name, boolean progress);

    static native int clientGetFileStart(
        Operation<?> operation, long[] handle, long client, byte[] path, byte[] capability, boolean overwrite, boolean progress);

    static native int clientReadStart(
        Operation<?> operation, long[] handle, long client, Object dst, int where, int length, byte[] capability, long offset);

    static native int clientVerifyStart(Operation<?> operation, long[] handle, long client, byte[] capability, boolean progress);

    static native int clientRepairStart(Operation<?> operation, long[] handle, long client, byte[] capability, boolean progress);

    /** numbers: members, living members, failure domains. */
    static native int clientStatus(long client, long[] numbers);

    static native void clientClose(long client);

    static native int objectOpenStart(Operation<?> operation, long[] handle, long client, byte[] capability);

    /** numbers: kind, mode, entries, length, time in nanoseconds. */
    static native int objectGetInfo(long object, long[] numbers);

    static native byte[] objectGetName(long object, int[] status);

    /** numbers: kind, mode, length, offset, time in nanoseconds. */
    static native int objectGetEntry(long object, long[] numbers, int entryIndex);

    static native byte[] objectGetEntryPath(long object, int[] status, int entryIndex);

    static native int objectReadStart(Operation<?> operation, long[] handle, long object, Object dst, int where, int length, long offset);

    static native void objectDestroy(long object);

    static native int downloadCreate(long[] handle, long object, long offset, long length);

    static native int downloadReadStart(Operation<?> operation, long[] handle, long download, Object dst, int where, int length);

    static native void downloadDestroy(long download);

    /** handles: the upload, and the memory of its result, which goes to uploadFinishStart and uploadResultRelease. */
    static native int uploadCreate(
        long[] handles, long client, int dataShards, int parityShards, int suite, int compression, boolean deduplicate, byte[] name);

    static native int uploadWriteStart(Operation<?> operation, long[] handle, long upload, Object data, int where, int length);

    static native int uploadFinishStart(Operation<?> operation, long[] handle, long upload, long result);

    static native void uploadDestroy(long upload);

    static native void uploadResultRelease(long result);

    static native int operationCancel(long operation);
}
