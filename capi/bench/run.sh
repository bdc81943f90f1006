#!/bin/sh
# Times this library beside the installed libolm and keeps the table: run.sh [ROUNDS]
#
# Writes results.md here, unless OUT names another file. Exits with 1 if an operation is slower than libolm's.
set -eu
cd "$(dirname "$0")"
out=${OUT:-results.md}
peer=$(/sbin/ldconfig -p | sed -n 's/.*libolm\.so\.3 .*=> //p' | head -n 1)
[ -n "$peer" ] || {
	[ "${CI:-}" != true ] || { echo 'FAIL: libolm is missing' >&2; exit 1; }
	echo 'skipped: libolm is missing'
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=gnu11 -O2 -Wall -Wextra -Werror -I../include -o "$work/bench" bench.c -ldl
status=0
"$work/bench" "$peer" ../dist/lib/libolm.so.3 "${1:-7}" >"$work/table" || status=$?
cat "$work/table"
cp "$work/table" "$out"
exit $status
