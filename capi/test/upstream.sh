#!/bin/bash
# libolm's own tests, unchanged, on this library: upstream.sh [PREFIX], which is ../dist if not given. They are those of
# libolm's C++ tests that use the interface, and python-olm's. The sources are Debian's.
#
# Some of the tests call two internal functions of libolm to make a damaged pickle: those come from libolm's sources, and
# every function of the interface from this library, which is checked.
#
# Needs g++, python3-olm, python3-pytest and python3-future. What is missing is a failure if CI is "true", and else said.
set -euo pipefail
prefix=$(realpath -m "${1:-$(dirname "$0")/../dist}")
cd "$(dirname "$0")"
python=/usr/bin/python3
fail() { echo "FAIL: $*" >&2; exit 1; }
skip() {
	[ "${CI:-}" != true ] || fail "$1"
	echo "SKIPPED: libolm's own tests, because $1"
	exit 0
}
[ -e "$prefix/lib/libolm.so.3" ] || fail "$prefix/lib/libolm.so.3 is missing: run build.sh first"
command -v g++ >/dev/null || skip 'g++ is missing'
[ -x $python ] && $python -I -c 'import olm, pytest, future' 2>/dev/null || skip 'python3-olm, python3-pytest or python3-future is missing'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(../../tools/debian_source.sh olm "$work/olm") || skip "the source of Debian's package olm is not to be had"

echo "== the tests of $version in C++"
tests=(group_session olm olm_decrypt olm_sha256 olm_signature olm_using_malloc pk sas)
internal=(base64 crypto list megolm message ratchet session) # of what libolm keeps to itself
diff <(printf '%s\n' "${tests[@]}" "${internal[@]}" | LC_ALL=C sort) <(cd "$work/olm/tests" && ls test_*.cpp | sed 's/^test_//; s/\.cpp$//' | LC_ALL=C sort) ||
	fail 'these tests are neither run nor known to be of internals'
cd "$work/olm"
for source in src/pickle_encoding.c src/cipher.cpp src/crypto.cpp src/base64.cpp src/memory.cpp src/ed25519.c lib/crypto-algorithms/aes.c \
	lib/crypto-algorithms/sha256.c lib/curve25519-donna/curve25519-donna.c; do
	compiler=gcc
	[ "${source##*.}" = c ] || compiler='g++ -std=c++11'
	echo "$compiler -w -O1 -Iinclude -Ilib -c $source -o $work/$(basename "$source").o"
done | xargs -P "$(nproc)" -d '\n' -n 1 bash -c
ar rcs "$work/internals.a" "$work"/*.o
! grep -q ' T olm_' <<<"$(nm "$work/internals.a")" || fail "the internals of libolm bring functions of the interface"
for t in "${tests[@]}"; do
	echo "g++ -std=c++11 -w -O1 -Itests/include -I$prefix/include -Iinclude tests/test_$t.cpp -o $work/test_$t -L$prefix/lib -lolm $work/internals.a"
done | xargs -P "$(nproc)" -d '\n' -n 1 bash -c
passed=0
for t in "${tests[@]}"; do
	! grep -q ' T olm_' <<<"$(nm "$work/test_$t")" || fail "$t has functions of libolm's interface in it"
	LD_LIBRARY_PATH=$prefix/lib "$work/test_$t" >"$work/log" 2>&1 || { cat "$work/log"; fail "$t"; }
	n=$(sed -n 's/^\[doctest\] assertions: *\([0-9]*\) |.*/\1/p' "$work/log")
	[ "${n:-0}" -gt 0 ] || fail "$t asserted nothing"
	passed=$((passed + n))
done
echo "${#tests[@]} programs: $passed assertions passed"

echo "== the tests of python-olm"
cat >"$work/whose.py" <<'PYTHON'
import re, sys, olm

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line("LIBRARY " + ",".join(sorted({line.split()[-1] for line in open("/proc/self/maps") if re.search(r"libolm\.so", line)})))
PYTHON
# The plugins that measure coverage and times are not needed: a fixture in place of one of them.
cat >"$work/olm/python/tests/conftest.py" <<'PYTHON'
import pytest

class Benchmark:
    def __call__(self, f, *args, **kwargs):
        return f(*args, **kwargs)

    def weave(self, f, **kwargs):  # times every call of f
        pass

@pytest.fixture
def benchmark():
    return Benchmark()
PYTHON
(cd "$work/olm/python/tests" && PYTHONPATH=$work LD_LIBRARY_PATH=$prefix/lib $python -m pytest -q -p whose -p no:cacheprovider . >"$work/log" 2>&1) ||
	{ tail -n 60 "$work/log"; fail 'python-olm'; }
[ "$(sed -n 's/^LIBRARY //p' "$work/log")" = "$(realpath "$prefix/lib/libolm.so.3")" ] || { cat "$work/log"; fail 'another library was tested'; }
summary=$(sed -n '/ passed/p' "$work/log")
! grep -q 'skipped\|xfailed' <<<"$summary" || fail "python-olm: $summary"
echo "python-olm: $summary"
