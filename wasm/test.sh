#!/bin/sh
# Builds the package and tests it: under Node, in Chromium and in Firefox, on the fallback without
# WebAssembly, and against the published @matrix-org/olm: test.sh [ARGUMENTS OF VITEST]
#
# With CI=true a missing browser is installed, or is a failure; otherwise what is skipped is printed.
set -eu
cd "$(dirname "$0")"
fail() { echo "FAIL: $*" >&2; exit 1; }

updated=
need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null && return
	[ "${CI:-}" = true ] || return 0
	[ "$(id -u)" = 0 ] || fail "$1 is missing: install $2"
	[ -n "$updated" ] || apt-get update -qq
	updated=yes
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}
need wasm-opt binaryen
need chromium chromium
need firefox-esr firefox-esr

./build.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(
	cd js
	npx tsc -p .
	npx vitest run --reporter=default --reporter=json --outputFile="$log" "$@"
)
./pack.sh
node -e '
	const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(require("fs").readFileSync(process.argv[1]));
	console.log(`wasm: ${passed} passed, ${failed} failed, ${skipped} skipped`);
	if (!passed || failed || (process.env.CI && skipped)) process.exitCode = 1;
' "$log"
