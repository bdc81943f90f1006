#!/usr/bin/env bash
# All checks of the driver for mautrix, the quick ones first. Prints how many tests ran.
#
# Needs Go, the module proxy and the package index of Python; for parts of it also gcc, libolm and Python's
# venv. Where something is missing its part is skipped, with the reason. With CI=true nothing is skipped:
# what is missing is installed on Debian, by root, and a failure otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${PWD%/*}
export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
go build -C "$root" -o "$scratch/gotest" ./tools/gotest
passed=0
skipped=0

step() { printf '\n== mautrix: %s (%ds)\n' "$*" "$SECONDS"; }
fail() {
	echo "FAIL: $*" >&2
	exit 1
}
without() { # REASON
	[ "${CI:-}" != true ] || fail "$1"
	echo "skipped: $1"
	skipped=$((skipped + 1))
}

if [ "${CI:-}" = true ] && command -v dpkg-query >/dev/null; then
	../tools/debian.sh ca-certificates gcc libc6-dev pkg-config libolm-dev python3 python3-venv
fi
compiler=
libolm=
if command -v gcc >/dev/null; then compiler=yes; fi
if [ -n "$compiler" ] && pkg-config --exists olm 2>/dev/null; then libolm=yes; fi

# tests NAME FOLDER ARGUMENTS...: go test with those arguments, in that folder. Counts what passed. No test may
# skip itself, and one whose name is in $must has to pass.
must='.*'
tests() {
	local name=$1 folder=$2
	shift 2
	: >"$scratch/total"
	(cd "$folder" && "$scratch/gotest" -name "$name" -no-skip -require "$must" -total "$scratch/total" -- -count=1 "$@") || fail "$name"
	passed=$((passed + $(cat "$scratch/total")))
}

# part SCRIPT: runs one of the others, whose last line begins with a name and how much passed.
part() {
	"test/$1.sh" | tee "$scratch/$1"
	skipped=$((skipped + $(grep -c '^skipped: ' "$scratch/$1" || true)))
	local n
	n=$(sed -n "s/^$1: \([0-9][0-9]*\) .*/\1/p" "$scratch/$1")
	if [ -z "$n" ]; then
		grep -q '^skipped: ' "$scratch/$1" || fail "$1.sh did not say what ran"
		return
	fi
	[ "$n" -gt 0 ] || fail "$1.sh ran nothing"
	if [ "$1" = upstream ]; then passed=$((passed + n)); else passed=$((passed + 1)); fi
}

step 'what it imports'
# Of mautrix itself the interfaces, the ids, and how to sign JSON; the rest is what those need. None has C.
go list -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' . | { grep -v '^github.com/karst-im/karst/' || true; } | sort >"$scratch/imported"
diff test/imports.txt "$scratch/imported" || fail 'the driver imports something else'
cgo=$(CGO_ENABLED=1 go list -deps -f '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}' . | sort -u)
[ -z "$cgo" ] || fail "the driver needs cgo: $cgo"
! grep -q 'mautrix\|mau\.fi' ../go.mod || fail 'the core has a dependency on mautrix'
echo "$(wc -l <"$scratch/imported") packages, none with C"

step 'README'
lines=$(wc -l <example/main.go)
[ "$lines" -lt 120 ] || fail "the example has $lines lines"
grep -q "a bot in $lines lines" README.md || fail "the README counts other lines of the example than $lines"

step 'format, vet, staticcheck'
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"
modules=$(find . -name go.mod | sort)
[ "$(wc -l <<<"$modules")" = 4 ] || fail "other modules than there were: $modules"
for module in $modules; do
	(
		cd "$(dirname "$module")"
		go mod verify >/dev/null
		go mod tidy -diff
		CGO_ENABLED=0 go vet -tags goolm ./...
		CGO_ENABLED=0 go run "$staticcheck" -tags goolm ./...
		if [ -n "$libolm" ]; then
			go vet ./...
			go run "$staticcheck" ./...
		fi
	)
done
[ -n "$libolm" ] || without 'vet and staticcheck of what is linked to libolm: pkg-config finds no libolm (Debian: libolm-dev)'
echo "$(wc -l <<<"$modules") modules"

step 'tests without cgo'
CGO_ENABLED=0 tests driver . -tags goolm ./...
CGO_ENABLED=0 tests stores test -tags goolm ./...
CGO_ENABLED=0 go build -C example -tags goolm -o "$scratch/bot" .

step 'tests under the race detector'
if [ -n "$libolm" ]; then
	tests race . -race ./...
elif [ -n "$compiler" ]; then
	tests race-without-libolm . -race -tags goolm ./...
else
	without 'the race detector: there is no gcc'
fi

step 'tests with libolm'
if [ -n "$libolm" ]; then
	must=TestStoresChangeDrivers/libolm_then_karst tests stores-with-libolm test -race ./...
	go test -C test -run '^$' -bench HotPath -benchtime 1x . >"$scratch/bench" || { cat "$scratch/bench"; fail 'the benchmark of the README'; }
	[ "$(grep -c '^BenchmarkHotPath/.*/\(karst\|goolm\|libolm\)' "$scratch/bench")" = 12 ] || { cat "$scratch/bench"; fail 'the benchmark has not four operations of three drivers'; }
else
	without 'the stores of libolm: pkg-config finds no libolm (Debian: libolm-dev)'
fi

step "mautrix's own tests"
part upstream

step 'an encrypted room'
part room

[ "$passed" -gt 0 ] || fail 'no test ran'
echo
echo "mautrix: $passed passed, 0 failed, $skipped parts skipped"
