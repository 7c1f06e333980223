#!/usr/bin/env python3
"""The hashes of a file's pieces, by libtorrent.

piece_hashes.py FILE v1|v2 PIECE_LENGTH OUTPUT

Writes the hashes end to end to OUTPUT (v1: `pieces`; v2: the file's `piece layers`), and prints one line of JSON: wall seconds and
processor seconds of set_piece_hashes alone, and the version of libtorrent. It decides for itself how many threads hash, half of the
processors and at least one; Python cannot tell it otherwise.
"""
import json
import os
import sys
import time

import libtorrent as lt


def main():
    path, kind, piece_length, output = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    files = lt.file_storage()
    lt.add_files(files, path)
    torrent = lt.create_torrent(files, piece_length, lt.create_torrent.v1_only if kind == "v1" else lt.create_torrent.v2_only)
    before, start = os.times(), time.perf_counter()
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    seconds, after = time.perf_counter() - start, os.times()
    made = torrent.generate()
    hashes = made[b"info"][b"pieces"] if kind == "v1" else b"".join(made[b"piece layers"].values())
    with open(output, "wb") as file:
        file.write(hashes)
    processor = after.user + after.system - before.user - before.system
    print(json.dumps({"seconds": seconds, "processorSeconds": processor, "version": lt.__version__}))


main()
