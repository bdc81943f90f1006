#!/usr/bin/env bash
# The whole suite on other machines: under qemu (Debian's qemu-user-static), natively (386), under Node (js) and
# in Node's WASI (wasip1). Usage: proof/machines.sh [MACHINE]...; MACHINE is a GOARCH, js or wasip1, and may
# end in -purego. Without arguments, all of them.
#
# With purego, what is above the primitives is the same code as without, and wasip1 the same as js: there, the
# packages of internal, the ratchets and the vectors run alone.
#
# The tests run with -short, which leaves out repetition and not subjects; every test of the vectors must pass
# that passes on the machine that we are on, under the same names, so that the bytes are equal everywhere.
# Skipped tests are printed with their reasons.
set -euo pipefail
cd "$(dirname "$0")/.."

machines=("$@")
[ $# -gt 0 ] || machines=(arm64 s390x ppc64le riscv64 arm 386 js wasip1 arm64-purego s390x-purego)

export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
module=$(go list -m)
here=$(go env GOARCH)
wasm=$(go env GOROOT)/lib/wasm
total=0

fail() { echo "FAIL: $*" >&2; exit 1; }

# events ACTION FILE: the package and name of every test with that outcome, sorted.
events() {
	sed -n "s|.*\"Action\":\"$1\",\"Package\":\"$module/\{0,1\}\([^\"]*\)\",\"Test\":\"\([^\"]*\)\".*|\1 \2|p" "$2" | sort
}

# reasons FILE: what each skipped test said last.
reasons() {
	awk -v module="$module/" '
		/"Test":/ {
			test = $0
			sub(/.*"Package":"/, "", test); sub(module, "", test); sub(/","Test":"/, " ", test); sub(/".*/, "", test)
		}
		/"Action":"output".*"Test":/ && /_test\.go:[0-9]+: / {
			text = $0
			sub(/.*_test\.go:[0-9]+: /, "", text); sub(/\\n"}$/, "", text); gsub(/\\"/, "\"", text)
			said[test] = text
		}
		/"Action":"skip".*"Test":/ { print "    skipped " test ": " (test in said ? said[test] : "no reason given") }
	' "$1"
}

# complaints FILE: what the packages that failed wrote.
complaints() {
	awk '
		{ package = $0; sub(/.*"(Package|ImportPath)":"/, "", package); sub(/".*/, "", package) }
		/"Output":"/ {
			text = $0
			sub(/.*"Output":"/, "", text); sub(/\\n"}$/, "", text); gsub(/\\t/, "\t", text); gsub(/\\"/, "\"", text)
			if (text !~ /^(=== | *--- (PASS|SKIP)|PASS)/) wrote[package] = wrote[package] text "\n"
		}
		/"Action":"(fail|build-fail)"/ && !/"Test":/ { printf "%s", wrote[package] }
	' "$1"
}

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
	local name=$1 os=linux arch=${1%-purego} log=$scratch/$1.json arguments=(-short -json) tags=() packages patterns=(./...) exec start=$SECONDS status=0
	[ "$arch" = "$1" ] || tags=(-tags purego)
	case $1 in wasip1 | *-purego) patterns=(./internal/... ./ratchet ./vectors/...) ;; esac
	case $arch in
	js) os=js arch=wasm exec=$wasm/go_js_wasm_exec ;;
	wasip1) os=wasip1 arch=wasm exec=$scratch/wasi ;;
	*) exec=$(emulator "$arch") ;;
	esac
	if [ -n "$exec" ]; then
		command -v "$exec" >/dev/null || fail "$name needs $exec"
		arguments+=(-exec "$exec")
	fi
	# These look at the memory and the instructions of the machine that we are on; what printing shows is the same
	# everywhere, and under an emulator takes longer than all the rest; and the last one looks at the sources.
	GOOS=$os GOARCH=$arch go list "${tags[@]}" "${patterns[@]}" | grep -v "^$module/proof/\(erasure/go\|constant_time\|leaks\|mutation\)$" >"$scratch/packages"
	mapfile -t packages <"$scratch/packages"
	[ "${#packages[@]}" -gt 10 ] || fail "$name has few packages"
	# A test that starts its own program again needs the emulator too.
	GOOS=$os GOARCH=$arch KARST_EMULATOR=$exec go test "${tags[@]}" "${arguments[@]}" "${packages[@]}" >"$log" 2>"$scratch/err" || status=$?

	events pass "$log" >"$scratch/passed"
	events fail "$log" >"$scratch/failed"
	events skip "$log" >"$scratch/skipped"
	local passed failed skipped
	passed=$(wc -l <"$scratch/passed") failed=$(wc -l <"$scratch/failed") skipped=$(wc -l <"$scratch/skipped")
	reasons "$log"
	if [ $status -ne 0 ] || [ "$failed" -gt 0 ]; then
		cat "$scratch/err"
		complaints "$log" | tail -n 200
		sed 's/^/    failed /' "$scratch/failed"
	fi
	echo "machine $name: $passed tests passed, $failed failed, $skipped skipped ($((SECONDS - start)) s)"
	[ "$passed" -gt 0 ] || fail "$name ran no test"
	[ $status -eq 0 ] && [ "$failed" -eq 0 ] || fail "$name"
	grep '^vectors ' "$scratch/passed" >"$scratch/vectors" || fail "$name ran no vector"
	diff "$scratch/native" "$scratch/vectors" || fail "$name has not passed the same vectors as this machine"
	total=$((total + passed))
}

# Go's own way to run wasip1 wants a program that is not in Debian; Node can do it too.
cat >"$scratch/wasi.mjs" <<'EOF'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
const env = { ...process.env, PWD: process.cwd() };
const wasi = new WASI({ version: "preview1", args: process.argv.slice(2), env, preopens: { "/": "/" } });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), wasi.getImportObject());
process.exitCode = wasi.start(instance);
EOF
printf '#!/bin/sh\nexec node --no-warnings --stack-size=8192 "%s" "$@"\n' "$scratch/wasi.mjs" >"$scratch/wasi"
chmod +x "$scratch/wasi"

# The vectors that the others are compared with.
go test -short -json ./vectors >"$scratch/native.json" || fail 'the vectors on this machine'
events pass "$scratch/native.json" >"$scratch/native"
vectors=$(wc -l <"$scratch/native")
[ "$vectors" -gt 0 ] || fail 'no vectors on this machine'

for machine in "${machines[@]}"; do run "$machine"; done
echo "machines: $total tests passed on ${#machines[@]} machines, 0 failed, each with the same $vectors of the vectors"
