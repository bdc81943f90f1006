#!/bin/sh
# Random calls on the installed libolm and on this library, compared: differential.sh [PREFIX [SEED]], where
# PREFIX is ../dist if not given. Runs three seeds that never change and a new one, 150,000 calls each, of an
# honest world and a hostile network; and the three, 60,000 calls each, of an attacker who has the keys.
set -eu
prefix=$(realpath -m "${1:-$(dirname "$0")/../dist}")
cd "$(dirname "$0")"
peer=$(/sbin/ldconfig -p | sed -n 's/.*libolm\.so\.3 .*=> //p' | head -n 1)
[ -n "$peer" ] || {
	[ "${CI:-}" != true ] || { echo 'FAIL: libolm is missing' >&2; exit 1; }
	echo 'skipped: libolm is missing'
	exit 0
}
ours=$prefix/lib/libolm.so.3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in differential differential_forged; do
	cc -std=gnu11 -O1 -Wall -Wextra -Werror -I"$prefix/include" -o "$work/$program" $program.c -ldl
done
for seed in 1 2 3 "${2:-$(date +%s)}"; do
	"$work/differential" "$peer" "$ours" "$seed"
done
for seed in 1 2 3 ${2:-}; do
	"$work/differential_forged" "$peer" "$ours" "$seed"
done

# noticed WHAT COMMAND...: the command finds a difference.
noticed() {
	what=$1
	shift
	status=0
	"$@" >/dev/null 2>"$work/log" || status=$?
	[ "$status" = 1 ] && grep -q ' differs$' "$work/log" || {
		echo "FAIL: $what went unnoticed" >&2
		exit 1
	}
}
# A result that is changed on one side must be noticed; so must an error code, a byte of a buffer or one beside it.
for call in 1 1000 90000; do
	noticed "a change in call $call" "$work/differential" "$peer" "$ours" 1 150000 $call
done
for comparison in 1 2 3 50 51 52 1000 1001 1002 20000 20001 20002 40000 40001 40002; do
	noticed "a change before comparison $comparison" "$work/differential_forged" "$peer" "$ours" 1 60000 $comparison
done
# So must a library in which one text is another, here the labels of its key derivations, or an error.
for text in MEGOLM_KEYS OLM_RATCHET OLM_ROOT Pickle BAD_MESSAGE_MAC UNKNOWN_MESSAGE_INDEX 'receiver chain'; do
	grep -qa "$text" "$ours" || { echo "FAIL: the library does not contain '$text'" >&2; exit 1; }
	LC_ALL=C sed "s/$text/X${text#?}/" "$ours" >"$work/altered.so"
	noticed "a library without '$text'" "$work/differential_forged" "$peer" "$work/altered.so" 1
done
echo 'differential: all changes were noticed'
