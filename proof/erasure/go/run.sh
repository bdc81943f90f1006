#!/usr/bin/env bash
# Searches the memory of Go programs that use karst for secrets that should be gone: the default build,
# the portable one, Go's own experiment for erasing secrets, and the one that hands Go's crypto to a C library. Prints a line for each, and fails if
# anything is left, or if the search does not find what is planted for it.
set -euo pipefail
cd "$(dirname "$0")"

run() { # EXPERIMENT ARGUMENTS...
	local experiment=$1
	shift
	GOEXPERIMENT=$experiment go test -count=1 -v "$@" . | tee "$log" | grep '^erasure go' || true
	grep -q '^ok ' "$log" || { cat "$log"; echo "FAIL: erasure" >&2; exit 1; }
	[ "$(grep -c '^erasure go .*: 0 of [1-9][0-9]* secrets left after each of [1-9][0-9]* operations, control found$' "$log")" = 2 ] ||
		{ cat "$log"; echo "FAIL: erasure: not both kinds of stack were searched" >&2; exit 1; }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run ""
run "" -tags purego
run runtimesecret
run boringcrypto
