#!/bin/sh
# Builds olm.wasm and the JavaScript package into dist/: build.sh [--help]
#
# TINYGO names the compiler; otherwise tools/tinygo.sh installs it. Needs node, npm and Debian's binaryen.
set -eu
case ${1:-} in
'') ;;
-h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "build.sh: what is $1?" >&2; exit 1 ;;
esac
cd "$(dirname "$0")"
tinygo=${TINYGO:-$(../tools/tinygo.sh)}
fail() { echo "FAIL: $*" >&2; exit 1; }
for tool in node npm wasm-opt wasm2js; do command -v $tool >/dev/null || fail "$tool is missing"; done

features='--enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals'
rm -rf build
mkdir build

# -gc=none: a module that needs a heap does not link.
"$tinygo" build -target target.json -no-debug -panic=trap -gc=none -opt=s -o build/raw.wasm .
node exports.mjs build/raw.wasm build/abi.wasm
# Again when the list of packages has changed.
[ js/node_modules/.package-lock.json -nt js/package-lock.json ] || (cd js && npm ci --silent)
# What was built before goes now, when the compiler has run.
rm -rf dist
mkdir dist
wasm-opt -O3 $features --strip-debug --strip-producers --strip-target-features build/abi.wasm -o dist/olm.wasm
wasm2js -Oz $features dist/olm.wasm -o build/legacy.js

node js/build.mjs
node size.mjs
