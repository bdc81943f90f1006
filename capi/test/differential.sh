#!/bin/sh
# Random calls on the installed libolm and on this library, compared: differential.sh [PREFIX [SEED]], where
# PREFIX is ../dist if not given. Runs three seeds that never change and a new one, 150,000 calls each.
set -eu
cd "$(dirname "$0")"
prefix=${1:-../dist}
peer=$(/sbin/ldconfig -p | sed -n 's/.*libolm\.so\.3 .*=> //p' | head -n 1)
[ -n "$peer" ] || {
	[ "${CI:-}" != true ] || { echo 'FAIL: libolm is missing' >&2; exit 1; }
	echo 'skipped: libolm is missing'
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -std=gnu11 -O1 -Wall -Wextra -Werror -I"$prefix/include" -o "$work/differential" differential.c -ldl
for seed in 1 2 3 "${2:-$(date +%s)}"; do
	"$work/differential" "$peer" "$prefix/lib/libolm.so.3" "$seed"
done
# A result that is changed on one side must be noticed.
for call in 1 1000 90000; do
	if "$work/differential" "$peer" "$prefix/lib/libolm.so.3" 1 150000 $call 2>/dev/null; then
		echo "FAIL: a change in call $call went unnoticed" >&2
		exit 1
	fi
done
