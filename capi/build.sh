#!/bin/sh
# Builds the C library: [OUT=dist] [TINYGO=...] build.sh [ARCH], where ARCH is x86_64 or aarch64, and this machine's if
# not given.
#
# Everything lands in the folder dist beside this script (in dist/ARCH for another machine) as lib/, include/olm/,
# lib/pkgconfig/ and lib/cmake/Olm/, and may be moved as a whole; OUT names another place. install.sh copies it into a
# system.
#
# Needs Go, gcc and binutils (for another machine those of Debian's gcc-ARCH-linux-gnu) and TinyGo 0.41.1 with LLVM 19.
# TINYGO names its binary. Without it ../tools/tinygo.sh builds TinyGo below ~/.cache, once, for which it needs g++, LLVM
# 19 with libclang, lld and binaryen. It asks before it installs packages, and downloads Go's modules.
#
# With TINYGO, and the modules of ../go.mod in Go's cache (go mod download), nothing is downloaded.
set -eu
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
case ${1:-} in
-h | --help) usage; exit 0 ;;
-*) usage >&2; echo "build.sh: what is $1?" >&2; exit 1 ;;
esac
[ -z "${OUT:-}" ] || OUT=$(realpath -m "$OUT")
cd "$(dirname "$0")"
version=3.2.16
machine=$(uname -m)
arch=${1:-$machine}
out=${OUT:-dist}
tools=
if [ "$arch" != "$machine" ]; then
	tools=$arch-linux-gnu-
	out=${OUT:-dist/$arch}
fi
fail() { echo "FAIL: $*" >&2; exit 1; }
[ -f "target/$arch.json" ] || fail "no target $arch: there are $(cd target && echo *.json)"
command -v "${tools}gcc" >/dev/null || fail "${tools}gcc is missing"
tinygo=${TINYGO:-$(../tools/tinygo.sh)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One object of everything. -gc=none leaves the allocator of Go's runtime undefined: what needs a heap
# does not link.
"$tinygo" build -target "target/$arch.json" -no-debug -panic=trap -gc=none -opt=s -o "$work/go.o" .
# Nothing may run when the library is loaded: TinyGo's main would run what it could not compute at compile time, and is
# not called. Apart from that it only asks the system for random bytes.
code=$("${tools}nm" -S "$work/go.o" | awk '$4 == "runtime.runMain" {print $1, $2}')
[ -n "$code" ] || fail 'runtime.runMain is not there: what does TinyGo do when a program starts?'
start=$((0x${code% *})) end=$((0x${code% *} + 0x${code#* }))
"${tools}objdump" -r -j .text "$work/go.o" | while read -r offset kind symbol; do
	case $kind in R_*) ;; *) continue ;; esac
	offset=$((0x$offset))
	[ $offset -lt $start ] || [ $offset -ge $end ] || echo "${symbol%[-+]0x*}"
done | sort -u >"$work/initialisers"
[ "$(cat "$work/initialisers")" = getrandom ] || fail "not computed at compile time: $(cat "$work/initialisers")"

cc() { "${tools}gcc" -O2 -g0 -std=c11 -Wall -Wextra -Werror -fPIC -fno-ident -ffunction-sections -c "$1" -o "$2"; }
cc host/host.c "$work/host.o"
cc "../internal/aes/helper/aes_$arch.c" "$work/aes.o"
cc ../internal/wire/helper/base64.c "$work/base64.o"
"${tools}ld" -r -o "$work/all.o" "$work/go.o" "$work/host.o" "$work/aes.o" "$work/base64.o"

# Only the interface stays visible, in the static library too, whose user has a main of his own.
"${tools}nm" -g --defined-only "$work/all.o" | awk '{print $3}' | grep -E '^(olm_|_olm_error_to_string$)' >"$work/interface"
"${tools}objcopy" --keep-global-symbols="$work/interface" "$work/all.o" "$work/olm.o"
if "${tools}nm" -u "$work/olm.o" | grep 'runtime\.alloc'; then fail 'something needs a heap'; fi
"${tools}strip" --strip-unneeded "$work/olm.o"

# What was built before goes now, when this can't fail any more.
rm -rf "$out/lib" "$out/include"
mkdir -p "$out/lib/pkgconfig" "$out/lib/cmake/Olm" "$out/include"
"${tools}ar" rcsD "$out/lib/libolm.a" "$work/olm.o"

# -z defs: otherwise an undefined symbol is noticed when a program loads the library. -nostartfiles: there is nothing to
# initialise and nothing to finalise.
"${tools}gcc" -shared -s -nostartfiles -Wl,-soname,libolm.so.3 -Wl,--version-script=olm.map -Wl,--gc-sections \
	-Wl,-z,defs,-z,relro,-z,now -Wl,--build-id=none -Wl,--hash-style=gnu -o "$out/lib/libolm.so.$version" "$work/olm.o"
ln -sf "libolm.so.$version" "$out/lib/libolm.so.3"
ln -sf libolm.so.3 "$out/lib/libolm.so"

cp -r include/olm "$out/include/"
sed "s|@PREFIX@|\${pcfiledir}/../..|; s|@VERSION@|$version|" olm.pc.in >"$out/lib/pkgconfig/olm.pc"
cp cmake/OlmConfig.cmake "$out/lib/cmake/Olm/"
sed "s|@VERSION@|$version|" cmake/OlmConfigVersion.cmake.in >"$out/lib/cmake/Olm/OlmConfigVersion.cmake"

size=$(wc -c <"$out/lib/libolm.so.$version")
echo "libolm.so.$version for $arch: $size bytes"
limit=$(cat size.txt)
[ "$arch" != x86_64 ] || [ "$size" -le "$limit" ] || fail "that is more than the $limit of size.txt"
