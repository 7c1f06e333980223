#!/usr/bin/env python3
"""One transfer of one file from a seed to a leech, both libtorrent, over loopback TCP without encryption.

transfer.py FOLDER MEBIBYTES

Makes the file and its torrent (v1, pieces of 1 MiB) in FOLDER if they are not there, then has two processes transfer it into FOLDER/leech,
and prints one line of JSON: seconds from the connection to the last piece verified, processor seconds of both during that time, bytes and
the version of libtorrent. FOLDER is best a tmpfs, which is as near to memory as libtorrent comes.
"""
import json
import os
import shutil
import sys
import time

import libtorrent as lt

SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "in_enc_policy": 2,  # disabled
    "out_enc_policy": 2,
    "allow_multiple_connections_per_ip": True,
    "aio_threads": 2,
    "hashing_threads": 2,
    "max_out_request_queue": 1500,
    "max_allowed_in_request_queue": 2000,
    "send_buffer_watermark": 3 * 1024 * 1024,
    "send_buffer_low_watermark": 512 * 1024,
    "send_buffer_watermark_factor": 150,
    "max_queued_disk_bytes": 64 * 1024 * 1024,
    "alert_mask": 0,
}


def prepare(folder, mebibytes):
    data = os.path.join(folder, "data")
    torrent = os.path.join(folder, "data.torrent")
    if not os.path.exists(torrent):
        with open(data, "wb") as file:
            for _ in range(mebibytes):
                file.write(os.urandom(1 << 20))
        storage = lt.file_storage()
        lt.add_files(storage, data)
        made = lt.create_torrent(storage, 1 << 20, lt.create_torrent.v1_only)
        lt.set_piece_hashes(made, folder)
        with open(torrent, "wb") as file:
            file.write(lt.bencode(made.generate()))
    return torrent


def session(port):
    return lt.session({**SETTINGS, "listen_interfaces": f"127.0.0.1:{port}"})


def processor():
    times = os.times()
    return times.user + times.system


def seed(folder, torrent, to_parent, from_parent):
    ses = session(0)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = folder
    parameters.flags |= lt.torrent_flags.seed_mode
    handle = ses.add_torrent(parameters)
    while not handle.status().is_seeding or ses.listen_port() == 0:
        time.sleep(0.01)
    os.write(to_parent, b"%d\n" % ses.listen_port())
    os.read(from_parent, 1)
    before = processor()
    os.read(from_parent, 1)
    os.write(to_parent, b"%f\n" % (processor() - before))


def main():
    folder, mebibytes = sys.argv[1], int(sys.argv[2])
    torrent = prepare(folder, mebibytes)
    leech = os.path.join(folder, "leech")
    shutil.rmtree(leech, ignore_errors=True)
    os.mkdir(leech)
    from_seed, to_parent = os.pipe()
    from_parent, to_seed = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            seed(folder, torrent, to_parent, from_parent)
        finally:
            os._exit(0)
    lines = os.fdopen(from_seed)
    port = int(lines.readline())
    ses = session(0)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = leech
    handle = ses.add_torrent(parameters)
    while handle.status().state != lt.torrent_status.downloading:
        time.sleep(0.01)
    os.write(to_seed, b"s")
    before, begin = processor(), time.monotonic()
    handle.connect_peer(("127.0.0.1", port))
    while not handle.status().is_seeding:
        time.sleep(0.005)
        if time.monotonic() - begin > 600:
            os.kill(child, 9)
            sys.exit("libtorrent did not finish within ten minutes")
    seconds, own = time.monotonic() - begin, processor() - before
    os.write(to_seed, b"e")
    theirs = float(lines.readline())
    os.waitpid(child, 0)
    total = os.path.getsize(os.path.join(leech, "data"))
    shutil.rmtree(leech)
    print(json.dumps({"seconds": seconds, "processor": own + theirs, "bytes": total, "version": lt.__version__}))


main()
