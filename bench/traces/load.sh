#!/bin/sh
# The load of the recorded trace: a cluster of six nodes on this machine into which files of 8 MiB are put in a cycle of five minutes
# (a day in small): from none to six in half a minute and back.
#   usage: load.sh MEGATORRENT DIRECTORY CYCLES
megatorrent=$1 directory=$2 cycles=$3
mkdir -p "$directory"
export XDG_CONFIG_HOME="$directory/config"
"$megatorrent" cluster up --data "$directory/cluster" --nodes 6 --capacity 2GB || exit 1
n=0
while [ "$n" -lt "$cycles" ]; do
    for puts in 0 0 1 2 4 6 6 4 2 1; do
        end=$(($(date +%s) + 30))
        i=0
        while [ "$i" -lt "$puts" ]; do
            head -c 8388608 /dev/urandom > "$directory/file"
            "$megatorrent" put "$directory/file" > "$directory/capability"
            i=$((i + 1))
        done
        left=$((end - $(date +%s)))
        [ "$left" -gt 0 ] && sleep "$left"
    done
    n=$((n + 1))
done
"$megatorrent" cluster down --data "$directory/cluster"
