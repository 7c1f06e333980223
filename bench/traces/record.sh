#!/bin/sh
# Records a trace of one machine: every INTERVAL seconds one line of counters as they stand, from /proc/stat, /proc/diskstats and `du`.
#   usage: record.sh DEVICE DIRECTORY INTERVAL SAMPLES > trace.csv
# Columns: time in ms since the start, processor ticks busy and in all, sectors of 512 bytes read and written, ms that the device was
# busy, KiB that DIRECTORY takes. Nothing names the machine.
device=$1 directory=$2 interval=$3 samples=$4
echo "ms,busy,ticks,read,written,io_ms,used_kib"
start=$(date +%s%3N)
n=0
while [ "$n" -lt "$samples" ]; do
    now=$(date +%s%3N)
    cpu=$(awk '/^cpu /{print $2+$3+$4+$7+$8+$9 "," $2+$3+$4+$5+$6+$7+$8+$9; exit}' /proc/stat)
    disk=$(awk -v d="$device" '$3==d{print $6 "," $10 "," $13; exit}' /proc/diskstats)
    used=$(du -sk "$directory" 2>/dev/null | cut -f1)
    echo "$((now - start)),$cpu,$disk,${used:-0}"
    n=$((n + 1))
    due=$((start + n * interval * 1000))
    now=$(date +%s%3N)
    [ "$due" -gt "$now" ] && sleep "$(awk -v ms=$((due - now)) 'BEGIN{printf "%.3f", ms/1000}')"
done
