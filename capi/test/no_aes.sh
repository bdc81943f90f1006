#!/bin/sh
# The library on a processor without AES instructions, where it takes its portable AES: no_aes.sh [PREFIX], which is
# ../dist if not given. The processor is qemu's.
set -eu
prefix=$(realpath -m "${1:-$(dirname "$0")/../dist}")
cd "$(dirname "$0")"
[ "$(uname -m)" = x86_64 ] || { echo 'skipped: this is not an x86-64 machine'; exit 0; }
command -v qemu-x86_64-static >/dev/null || {
	[ "${CI:-}" != true ] || { echo 'FAIL: qemu-user-static is missing' >&2; exit 1; }
	echo 'skipped: qemu-user-static is missing'
	exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in known_answers api_session api_group api_pk api_pickle; do
	cc -std=gnu11 -O1 -Wall -Wextra -Werror -DKARST -I"$prefix/include" -static -o "$work/$program" $program.c "$prefix/lib/libolm.a"
	qemu-x86_64-static -cpu qemu64,-aes "$work/$program" || { echo "FAIL: $program without AES instructions" >&2; exit 1; }
done
