#!/bin/sh
# Checks under valgrind that no branch and no address in the library depends on a secret, but for the
# verdicts that are counted in constant_time.c: run.sh [PREFIX], which is capi/dist if not given.
set -eu
prefix=$(realpath -m "${1:-$(dirname "$0")/../../../capi/dist}")
cd "$(dirname "$0")"
if ! command -v valgrind >/dev/null || ! echo '#include <valgrind/memcheck.h>' | cc -E - >/dev/null 2>&1; then
	[ "${CI:-}" != true ] || { echo 'FAIL: valgrind is missing' >&2; exit 1; }
	echo 'skipped: valgrind is missing'
	exit 0
fi
[ -f "$prefix/lib/libolm.so.3" ] || { echo "FAIL: there is no $prefix/lib/libolm.so.3: run capi/build.sh" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=c11 -g -O1 -Wall -Wextra -Werror -Wno-unused-value -I"$prefix/include" -o "$work/constant_time" constant_time.c \
	"$prefix/lib/libolm.so.3" -Wl,-rpath,"$(cd "$prefix/lib" && pwd)"
valgrind -q --error-limit=no --log-file="$work/log" "$work/constant_time" || { grep -A6 '^==.*\(Conditional\|Use of\)' "$work/log" | head -200; exit 1; }
