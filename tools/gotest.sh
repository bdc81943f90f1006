#!/usr/bin/env bash
# Runs go test, keeps its events and prints how many tests passed: gotest.sh EVENTS.json ARGUMENTS...
# Shows what failed, and fails if no test ran.
set -euo pipefail
events=$1
shift

# What the tests and packages that failed said, and compilers.
said() {
	awk '
		function field(name) { return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART, RLENGTH) : "" }
		{ of = field("Package") field("Test") }
		NR == FNR { if (/"Action":"fail"/) failed[of] = 1; next }
		/"Action":"build-output"/ || /"Action":"output"/ && (of in failed) {
			sub(/.*"Output":"/, ""); sub(/(\\n)?"}$/, "")
			gsub(/\\t/, "\t"); gsub(/\\"/, "\""); gsub(/\\u003c/, "<"); gsub(/\\u003e/, ">"); gsub(/\\u0026/, "\\&")
			if (!/^=== /) print substr($0, 1, 1000)
		}' "$events" "$events" | tail -n 300
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
if ! go test -json "$@" >"$events" 2>"$errors"; then
	{ cat "$errors"; said; } >&2
	exit 1
fi
passed=$(grep -c '"Action":"pass".*"Test":' "$events" || true)
if [ "$passed" = 0 ]; then
	echo "no test ran: go test $*" >&2
	exit 1
fi
echo "$passed"
