#!/bin/bash
# Tests the C library for aarch64 under qemu: aarch64.sh [PREFIX] (../dist/aarch64 if not given). Each program runs twice:
# linked with libolm.a into a static program, and with libolm.so.3 and the cross compiler's libc.
#
# Needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static. What is missing is a failure if CI is "true",
# and else said, and nothing is tested.
set -euo pipefail
prefix=$(realpath -m "${1:-$(dirname "$0")/../dist/aarch64}")
cd "$(dirname "$0")"
library=$prefix/lib/libolm.so.3
cross=aarch64-linux-gnu
sysroot=/usr/$cross
fail() { echo "FAIL: $*" >&2; exit 1; }

[ -e "$library" ] || fail "$library is missing: run build.sh aarch64 first"
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
for missing in ${qemu:+found}:qemu-user-static "$(command -v $cross-gcc || true):gcc-$cross" \
	"$(ls $sysroot/lib/libc.so.6 2>/dev/null || true):libc6-dev-arm64-cross"; do
	[ -z "${missing%%:*}" ] || continue
	[ "${CI:-}" != true ] || fail "install ${missing#*:}"
	echo "SKIPPED: aarch64, because ${missing#*:} is not installed"
	exit 0
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
pass() { passed=$((passed + 1)); }

grep -q 'Machine: *AArch64' <<<"$("$cross-readelf" -h "$library")" || fail 'the library is for another machine'
pass
for names in "$($cross-nm -D --defined-only "$library" | awk '{print $NF}')" \
	"$($cross-nm -g --defined-only "$prefix/lib/libolm.a" | awk 'NF == 3 {print $3}')"; do
	diff functions.txt <(LC_ALL=C sort <<<"$names") || fail 'the library exports something else than functions.txt'
	pass
done
[ "$($cross-readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" = libc.so.6 ] || fail 'the library needs more than libc.so.6'
pass

cc=($cross-gcc -std=gnu11 -g -O1 -Wall -Wextra -Werror -pthread -DKARST -I"$prefix/include")
for p in api_general api_account api_session api_group api_pk api_sas api_utility api_pickle known_answers memory threads fork hostile; do
	arguments=
	[ "$p" != hostile ] || arguments=8000
	"${cc[@]}" -static "$p.c" -o "$work/$p.static" "$prefix/lib/libolm.a"
	"${cc[@]}" "$p.c" -o "$work/$p.shared" -L"$prefix/lib" -lolm
	for kind in static shared; do
		# shellcheck disable=SC2086 # arguments
		"$qemu" -L $sysroot -E LD_LIBRARY_PATH="$prefix/lib" "$work/$p.$kind" $arguments >"$work/log" 2>&1 ||
			{ head -c 4000 "$work/log"; fail "$p, $kind"; }
		n=$(sed -n 's/^[a-z_]*: \([0-9]*\) checks passed$/\1/p' "$work/log")
		[ -n "$n" ] || fail "$p, $kind, checked nothing"
		passed=$((passed + n))
	done
done
"${cc[@]}" -static -fsanitize=undefined -fsanitize-undefined-trap-on-error helpers.c ../../internal/aes/helper/aes_aarch64.c \
	../../internal/wire/helper/base64.c -o "$work/helpers"
"$qemu" "$work/helpers" >"$work/log" 2>&1 || { cat "$work/log"; fail 'the helpers in C'; }
! grep 'was not tested' "$work/log" || fail 'qemu has no AES instructions'
passed=$((passed + $(sed -n 's/^helpers: \([0-9]*\) checks passed$/\1/p' "$work/log")))
"${cc[@]}" -static static/main.c static/other.c -o "$work/static" "$prefix/lib/libolm.a"
"$qemu" "$work/static" argument >/dev/null || fail 'the static program'
pass
"${cc[@]}" loading.c -o "$work/loading"
if "$qemu" -L $sysroot "$work/loading" "$library" 100 >"$work/log" 2>&1; then
	passed=$((passed + $(sed -n 's/^loading: \([0-9]*\) checks passed$/\1/p' "$work/log")))
else
	cat "$work/log"
	fail loading
fi
echo "aarch64: $passed checks passed"
