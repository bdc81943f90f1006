#!/bin/sh
# Searches the memory of libolm.so.3 and of olm.wasm for secrets that should be gone: artefacts.sh
#
# Node makes the random bytes, computes every key that the protocol derives of them, and after each call looks for
# all of them in all the memory that can be written: of a process that has loaded the library, and of the module.
set -eu
cd "$(dirname "$0")/artefacts"
root=../../..
for file in capi/dist/lib/libolm.so.3 wasm/dist/olm.wasm; do
	[ -f "$root/$file" ] || { echo "FAIL: there is no $file: run its build.sh" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=gnu11 -O1 -Wall -Wextra -Werror -o "$work/host" host.c -ldl
node run.mjs library "$work/host" "$(realpath $root/capi/dist/lib)"
node run.mjs wasm $root/wasm/dist/olm.wasm
