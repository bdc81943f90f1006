#!/usr/bin/env bash
# The whole suite on other machines: under qemu (Debian's qemu-user-static), natively (386), under Node (js) and
# in Node's WASI (wasip1). Usage: run.sh [MACHINE]...; MACHINE is a GOARCH, js or wasip1, and may end in -purego.
# Without arguments, all of them.
#
# With purego, what is above the primitives is the same code as without, and wasip1 the same as js: there, the
# packages of internal, the ratchets and the vectors run alone.
#
# The tests run with -short, which leaves out repetition and not subjects; every test of the vectors must pass
# that passes on the machine that we are on, under the same names, so that the bytes are equal everywhere.
# Skipped tests are printed with their reasons.
set -euo pipefail
cd "$(dirname "$0")/../.."

machines=("$@")
[ $# -gt 0 ] || machines=(arm64 s390x ppc64le riscv64 arm 386 js wasip1 arm64-purego s390x-purego)

export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
module=$(go list -m)
here=$(go env GOARCH)
go build -o "$scratch/gotest" ./tools/gotest

fail() { echo "FAIL: $*" >&2; exit 1; }

# emulator ARCH: what runs its programs on this machine, or nothing if they run natively.
emulator() {
	case $1 in
	"$here") ;;
	386) [ "$here" = amd64 ] || echo qemu-i386-static ;;
	amd64) echo qemu-x86_64-static ;;
	arm64) echo qemu-aarch64-static ;;
	*) echo "qemu-$1-static" ;;
	esac
}

run() { # MACHINE
	local name=$1 os=linux arch=${1%-purego} arguments=(-short -timeout 60m) tags=() packages patterns=(./...) exec start=$SECONDS
	[ "$arch" = "$1" ] || tags=(-tags purego)
	case $1 in wasip1 | *-purego) patterns=(./internal/... ./ratchet ./vectors/...) ;; esac
	case $arch in
	js) os=js arch=wasm exec=$(go env GOROOT)/lib/wasm/go_js_wasm_exec ;;
	wasip1) os=wasip1 arch=wasm exec=$scratch/wasi ;;
	*) exec=$(emulator "$arch") ;;
	esac
	if [ -n "$exec" ]; then
		command -v "$exec" >/dev/null || fail "$name needs $exec"
		arguments+=(-exec "$exec")
	fi
	# These look at the memory and the instructions of the machine that we are on; what printing shows is the same
	# everywhere, and under an emulator takes longer than all the rest; and the last ones look at sources or run Go.
	GOOS=$os GOARCH=$arch go list "${tags[@]}" "${patterns[@]}" |
		grep -v "^$module/\(proof/\(erasure/go\|constant_time/go\|leaks\|mutation\)\|tools/.*\)$" >"$scratch/packages"
	mapfile -t packages <"$scratch/packages"
	[ "${#packages[@]}" -gt 10 ] || fail "$name has few packages"
	# A test that starts its own program again needs the emulator too.
	GOOS=$os GOARCH=$arch KARST_EMULATOR=$exec "$scratch/gotest" -name "machine $name" -passed "$scratch/passed" -total "$scratch/total" -- \
		"${tags[@]}" "${arguments[@]}" "${packages[@]}" || fail "$name"
	grep "^$module/vectors " "$scratch/passed" >"$scratch/vectors" || fail "$name ran no vector"
	diff "$scratch/native" "$scratch/vectors" || fail "$name has not passed the same vectors as this machine"
	echo "    $((SECONDS - start)) s"
}

printf '#!/bin/sh\nexec node --no-warnings --stack-size=8192 "%s/proof/machines/wasi.mjs" "$@"\n' "$PWD" >"$scratch/wasi"
chmod +x "$scratch/wasi"

# The vectors that the others are compared with.
"$scratch/gotest" -name 'the vectors on this machine' -passed "$scratch/native" -- -short ./vectors

for machine in "${machines[@]}"; do run "$machine"; done
total=$(awk '{ n += $1 } END { print n }' "$scratch/total")
echo "machines: $total tests passed on ${#machines[@]} machines, each with the same $(wc -l <"$scratch/native") of the vectors"
