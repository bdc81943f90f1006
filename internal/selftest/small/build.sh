#!/bin/sh
# Links the whole core without a heap, for x86-64 and for WebAssembly, runs both, and compares their
# hashes with the one that the ordinary build arrives at: build.sh [OUT]
#
# TINYGO names the compiler; otherwise tools/tinygo.sh installs it. Needs gcc, node and Debian's binaryen.
set -eu
out=$(realpath -m "${1:-$(mktemp -d)}")
cd "$(dirname "$0")"
tinygo=${TINYGO:-$(../../../tools/tinygo.sh)}
mkdir -p "$out"
fail() { echo "FAIL: $*" >&2; exit 1; }

flags='-no-debug -panic=trap -gc=none'
native() { # PACKAGE NAME. gcc links an object with an undefined symbol unless told not to: -z defs is the gate.
	"$tinygo" build -target native.json $flags -opt=s -o "$out/$2.o" "$1" &&
		gcc -shared -O2 -s -fPIC -Wl,--gc-sections -Wl,-z,defs,-z,relro,-z,now -Wl,--build-id=none \
			-o "$out/$2.so" "$out/$2.o" ../../../capi/host/host.c
}
wasm() { # PACKAGE NAME
	"$tinygo" build -target wasm.json $flags -opt=2 -o "$out/$2.raw.wasm" "$1" &&
		wasm-opt -O3 --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals \
			--strip-debug --strip-producers --strip-target-features "$out/$2.raw.wasm" -o "$out/$2.wasm"
}

want=$(sed -n 's/^const want = "\([0-9a-f]*\)"$/\1/p' ../selftest_test.go)
[ ${#want} = 64 ] || fail "no hash in selftest_test.go"

native . small
gcc -O2 -Wall -Werror -o "$out/run" host/run.c -ldl
got=$("$out/run" "$out/small.so")
[ "$got" = "$want" ] || fail "x86-64: the hash is $got, not $want"

wasm . small
got=$(node host/run.mjs "$out/small.wasm")
[ "$got" = "$want" ] || fail "WebAssembly: the hash is $got, not $want"

for face in native wasm; do
	if $face ./control control >"$out/control.log" 2>&1; then fail "$face: a program that allocates was linked"; fi
	grep -q 'runtime\.alloc' "$out/control.log" || fail "$face: $(cat "$out/control.log")"
done
echo "the whole core links without a heap: x86-64 $(wc -c <"$out/small.so") bytes, WebAssembly $(wc -c <"$out/small.wasm") bytes"
