#!/bin/sh
# Builds the package and tests it: under Node, in Chromium and in Firefox, in Hermes and in jest with jsdom, on the
# fallback without WebAssembly, and against the published @matrix-org/olm: test.sh [ARGUMENTS OF VITEST]
#
# With CI=true a missing browser or host is installed, or is a failure; otherwise what is skipped is printed.
set -eu
cd "$(dirname "$0")"

[ "${CI:-}" != true ] || ../tools/debian.sh binaryen chromium firefox-esr
[ "${CI:-}" != true ] || [ -d js/test/hosts/node_modules ] || (cd js/test/hosts && npm ci --silent)
./build.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(
	cd js
	npm run --silent check
	npx vitest run --reporter=default --reporter=json --outputFile="$log" "$@"
)
./pack.sh
node -e '
	const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(require("fs").readFileSync(process.argv[1]));
	console.log(`wasm: ${passed} passed, ${failed} failed, ${skipped} skipped`);
	if (!passed || failed || (process.env.CI && skipped)) process.exitCode = 1;
' "$log"
