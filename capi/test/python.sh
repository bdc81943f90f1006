#!/bin/sh
# Debian's python3-olm, as it is, on this library and on libolm: python.sh [PREFIX], which is ../dist if not
# given. Two processes, one on each, hold a conversation.
set -eu
prefix=$(realpath -m "${1:-$(dirname "$0")/../dist}")
cd "$(dirname "$0")"
python=/usr/bin/python3
skip() {
	[ "${CI:-}" != true ] || { echo "FAIL: $1" >&2; exit 1; }
	echo "skipped: $1"
	exit 0
}
[ -x $python ] && $python -I -c 'import olm' 2>/dev/null || skip 'python3-olm is missing'
peer=$(dirname "$(/sbin/ldconfig -p | sed -n 's/.*libolm\.so\.3 .*=> //p' | head -n 1)")
[ -e "$peer/libolm.so.3" ] || skip 'libolm is missing'
$python -I python_conversation.py "$peer" "$(cd "$prefix/lib" && pwd)"
