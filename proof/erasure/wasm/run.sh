#!/bin/sh
# Searches the memory of olm.wasm for secrets that should be gone: after each call of the module itself, as the search
# of the C library does, and after each method of the package for JavaScript, which writes there too.
set -eu
cd "$(dirname "$0")"
module=../../../wasm/dist/olm.wasm
[ -f $module ] || { echo 'FAIL: there is no olm.wasm: run wasm/build.sh' >&2; exit 1; }
node ../artefacts/run.mjs wasm $module
node package.mjs
