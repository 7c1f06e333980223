'use strict';

// The package megatorrent. index.d.ts says what everything does; README.md is for people.

const native = require('./native.js');

exports.version = native.facts.version;
exports.abiVersion = native.abiVersion;
exports.processor = Object.freeze({ level: native.facts.level, kernels: native.facts.kernels });
exports.statusName = native.statusName;
({ MegatorrentError: exports.MegatorrentError, AbortError: exports.AbortError } = require('./errors.js'));
({
    sha256: exports.sha256, sha256Async: exports.sha256Async, sha256Many: exports.sha256Many, sha256ManyAsync: exports.sha256ManyAsync,
    merkleRoot: exports.merkleRoot, merkleRootAsync: exports.merkleRootAsync, cid: exports.cid,
} = require('./hashes.js'));
({ ReedSolomon: exports.ReedSolomon } = require('./reed-solomon.js'));
({ blob: exports.blob } = require('./blob.js'));
({ ed25519: exports.ed25519, x25519: exports.x25519 } = require('./keys.js'));
({ bencode: exports.bencode, BencodeReader: exports.BencodeReader, BencodeWriter: exports.BencodeWriter } = require('./bencode.js'));
({ capability: exports.capability, Manifest: exports.Manifest } = require('./manifest.js'));
({ NoiseSession: exports.NoiseSession, peer: exports.peer } = require('./noise.js'));
({ wire: exports.wire } = require('./wire.js'));
({ Client: exports.Client, ObjectHandle: exports.ObjectHandle } = require('./client.js'));
({ setLog: exports.setLog } = require('./log.js'));
