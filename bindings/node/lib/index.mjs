// The same for `import`. It is one module: the addon and the classes are loaded once, however they are asked for.
import megatorrent from './index.js';

export const {
    version, abiVersion, processor, statusName, MegatorrentError, AbortError, sha256, sha256Async, sha256Many, sha256ManyAsync, merkleRoot,
    merkleRootAsync, cid, ReedSolomon, blob, ed25519, x25519, bencode, BencodeReader, BencodeWriter, capability, Manifest, NoiseSession,
    peer, wire, Client, ObjectHandle, setLog,
} = megatorrent;
