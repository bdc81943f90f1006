#!/bin/sh
# Builds the C library: build.sh [ARCH], where ARCH is x86_64 or aarch64, and this machine's if not given.
#
# Everything lands in dist/ (in dist/ARCH/ for another machine) as lib/, include/olm/, lib/pkgconfig/ and
# lib/cmake/Olm/, and may be moved as a whole; OUT names another place. install.sh copies it into a
# system. TINYGO names the compiler; otherwise ../tools/tinygo.sh installs it. Also needs gcc (for
# another machine, its cross compiler) and binutils.
set -eu
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
rm -rf "$out/lib" "$out/include"
mkdir -p "$out/lib/pkgconfig" "$out/lib/cmake/Olm" "$out/include"

# One object of everything. -gc=none leaves the allocator of Go's runtime undefined: what needs a heap
# does not link.
"$tinygo" build -target "target/$arch.json" -no-debug -panic=trap -gc=none -opt=s -o "$work/go.o" .
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
"${tools}ar" rcsD "$out/lib/libolm.a" "$work/olm.o"

# -z defs: otherwise an undefined symbol is noticed when a program loads the library.
"${tools}gcc" -shared -s -Wl,-soname,libolm.so.3 -Wl,--version-script=olm.map -Wl,--gc-sections \
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
