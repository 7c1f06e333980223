#!/bin/sh
# Makes the native part of the jar: the JNI glue, the two builds of the library beside it, and the index that org.megatorrent.Loader reads.
#
#     native.sh LIBRARIES INCLUDE JAVA_HOME OUTPUT
#
# LIBRARIES holds libmegatorrent.so and glibc-hwcaps/, INCLUDE megatorrent.h, as artifacts/lib and artifacts/include do; OUTPUT is filled
# anew. The same sources and libraries give the same bytes.
set -eu

libraries=$1
include=$2
java=$3
output=$4
sources=$(dirname "$0")/../main/c
folder=$output/org/megatorrent/native/linux-x64
avx512=glibc-hwcaps/x86-64-v4

rm -rf "$output"
mkdir -p "$folder"

# rpath, not runpath: LD_LIBRARY_PATH must not lead to another library. nodelete: threads of the library may still be on their way out of
# the glue when its class loader is gone. Lazy binding: a library that is too old is refused for its version, and not for a symbol.
gcc -std=gnu11 -O2 -s -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror \
    -I"$java/include" -I"$java/include/linux" -I"$include" "$sources"/*.c -o "$folder/libmegatorrent_jni.so" \
    -L"$libraries" -lmegatorrent -Wl,--disable-new-dtags,-rpath,'$ORIGIN' -Wl,-z,nodelete,-z,lazy,-z,defs

cp "$libraries/libmegatorrent.so" "$folder/"
if [ -f "$libraries/$avx512/libmegatorrent.so" ]; then
    mkdir -p "$folder/$avx512"
    cp "$libraries/$avx512/libmegatorrent.so" "$folder/$avx512/"
fi

cd "$folder"
find . -type f | sed 's|^\./||' | LC_ALL=C sort | while read -r path; do
    printf '%s %s %s\n' "$(sha256sum < "$path" | cut -d ' ' -f 1)" "$(wc -c < "$path")" "$path"
done > ../index
mv ../index index
