#!/bin/sh
# Searches the memory of libolm.so.3 for secrets that should be gone.
#
# Node makes the random bytes, computes every key that the protocol derives of them, and after each call looks for
# all of them in all the memory that can be written of a process that has loaded the library.
set -eu
cd "$(dirname "$0")"
dist=../../../capi/dist/lib
[ -f $dist/libolm.so.3 ] || { echo 'FAIL: there is no libolm.so.3: run capi/build.sh' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=gnu11 -O1 -Wall -Wextra -Werror -o "$work/host" host.c -ldl
node ../artefacts/run.mjs library "$work/host" "$(realpath $dist)"
