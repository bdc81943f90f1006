#!/bin/sh
# Checks that nothing divides by or of a secret, which would take a time that depends on it.
#
# memcheck does not see that, so this looks for the instructions: in the core of the Go builds, in libolm.so.3
# and in olm.wasm, where capi/build.sh and wasm/build.sh have put them. What is listed in reviewed.txt may be there.
set -eu
cd "$(dirname "$0")/../../.."
fail() { echo "FAIL: $*" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed '/^#/d' proof/constant_time/division/reviewed.txt | cut -f 1 >"$work/names"
: >"$work/seen"

# verdict NAME CONTROL: reads the functions that divide, one line for each instruction. CONTROL is how many
# divisions the same search finds in code that may divide, so that it is known to find any.
verdict() {
	sed 's|github.com/karst-im/karst/||' >"$work/dividing"
	cat "$work/dividing" >>"$work/seen"
	grep -vxF -f "$work/names" "$work/dividing" >"$work/found" || true
	[ "$2" -gt 0 ] || fail "$1: the search finds no division anywhere"
	if [ -s "$work/found" ]; then
		sort "$work/found" | uniq -c
		fail "$1: these functions divide and were not reviewed"
	fi
	echo "division $1: 0 instructions in the core, $2 found outside of it"
}

# listing FILE ARCH: the instructions, with "TEXT NAME" before each function. Go's disassembler does not know all
# instructions of amd64 and reads divisions where there are none; Debian's knows amd64 and 386 only.
listing() {
	case $2 in
	amd64 | 386) objdump -d --no-show-raw-insn "$1" | sed 's/^[0-9a-f]* <\(.*\)>:$/TEXT \1/' ;;
	*) go tool objdump "$1" | sed 's/^\(TEXT .*\)(SB).*/\1/' | cut -f 1,4- ;;
	esac
}

go_build() { # NAME ARCH TAGS
	CGO_ENABLED=0 GOARCH=$2 go test -c -tags "$3" -o "$work/test" ./proof/hostile
	listing "$work/test" "$2" | awk '
		/^TEXT/ { f = substr($0, 6); sub(/\.abi0$/, "", f); core = f ~ /karst-im\/karst\/(internal\/(aes|aessha2|curve|envelope|kdf|protocol|ratchet|secret|sha2|wire)|keys|megolm|olm|pickle|pk|ratchet|sas)[.]/ || f ~ /^filippo.io\/edwards25519/; next }
		tolower($0) ~ /[ \t](i?div[bwlq]?|[su]divw?|v?div[sp][sd])[ \t]/ || /runtime\.(u?int64(div|mod)|udiv)/ { print (core ? "core" : "else"), f }' >"$work/all"
	sed -n 's/^core //p' "$work/all" | verdict "$1" "$(grep -c '^else' "$work/all")"
}
go_build amd64 amd64 ''
go_build purego amd64 purego
go_build 386 386 ''
go_build 386-purego 386 purego
go_build arm64 arm64 ''

# The shipped artefacts have no names, so what is searched is built from the same sources with them, and has to
# have as many divisions.
tinygo=${TINYGO:-$(tools/tinygo.sh)}

library=capi/dist/lib/libolm.so.3
[ -f "$library" ] || fail "there is no $library: run capi/build.sh"
(cd capi && "$tinygo" build -target "target/$(uname -m).json" -no-debug -panic=trap -gc=none -opt=s -o "$work/go.o" .)
divisions='/[ \t](i?div[bwlq]?|v?div[sp][sd]|[su]div)[ \t]/'
objdump -d --no-show-raw-insn "$work/go.o" | awk '/^[0-9a-f]+ <.*>:/ { f = $0; gsub(/^[^<]*<|>:$/, "", f) } '"$divisions"' { print f }' >"$work/all"
n=$(objdump -d --no-show-raw-insn "$library" | awk "$divisions" | wc -l)
[ "$n" = "$(wc -l <"$work/all")" ] || fail "$library has $n divisions, and the build with names $(wc -l <"$work/all")"
verdict libolm.so.3 "$n" <"$work/all"

module=wasm/dist/olm.wasm
[ -f "$module" ] || fail "there is no $module: run wasm/build.sh"
(cd wasm && "$tinygo" build -target target.json -panic=trap -gc=none -opt=s -o "$work/raw.wasm" . && node exports.mjs "$work/raw.wasm" "$work/abi.wasm")
# In two steps: with DWARF in the module, wasm-opt optimizes in another way.
features='--enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals'
wasm-opt -g --strip-dwarf $features "$work/abi.wasm" -o "$work/plain.wasm"
wasm-opt -O3 -g $features "$work/plain.wasm" -o "$work/named.wasm"
wasm-objdump -d "$work/named.wasm" | awk '/func\[/ { f = $0; gsub(/^[^<]*<|>:$/, "", f) } /i(32|64)\.(div|rem)/ { print f }' >"$work/all"
n=$(wasm-objdump -d "$module" | grep -cE 'i(32|64)\.(div|rem)' || true)
[ "$n" = "$(wc -l <"$work/all")" ] || fail "$module has $n divisions, and the build with names $(wc -l <"$work/all")"
verdict olm.wasm "$n" <"$work/all"

unused=$(grep -vxF -f "$work/seen" "$work/names" || true)
[ -z "$unused" ] || fail "these were reviewed, and divide no longer: $unused"
