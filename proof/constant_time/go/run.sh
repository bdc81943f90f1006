#!/bin/sh
# Runs the tests of this folder under valgrind's memcheck: run.sh [BUILD]..., where BUILD is amd64, without-adx,
# purego, 386 or 386-purego; all but the last if not given. Prints a line for each, and fails if a branch or an
# address depends on a secret, or if a leak that is made on purpose is not noticed.
set -eu
cd "$(dirname "$0")"
fail() { echo "FAIL: $*" >&2; exit 1; }
if ! command -v valgrind >/dev/null || [ "$(uname -sm)" != 'Linux x86_64' ]; then
	[ "${CI:-}" != true ] || fail 'this takes valgrind on Linux and amd64'
	echo 'skipped: this takes valgrind on Linux and amd64'
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Go's runtime tells valgrind where its stacks and its heap are, on amd64 and arm64 only. Without that, a run on
# 386 drowns in noise. So the runtime is built with the same two files for 386, and with our assembly for the
# requests, which takes the same arguments.
overlay() {
	runtime=$(go env GOROOT)/src/runtime
	sed 's/^\(\/\/go:build.*\)arm64 || amd64/\1arm64 || amd64 || 386/' "$runtime/valgrind.go" >"$work/valgrind.go"
	sed 's/^\(\/\/go:build.*\)!amd64 && !arm64/\1!amd64 \&\& !arm64 \&\& !386/' "$runtime/valgrind0.go" >"$work/valgrind0.go"
	! cmp -s "$work/valgrind.go" "$runtime/valgrind.go" || fail "the runtime's valgrind.go has another build line than expected"
	sed -e 's/^\/\/go:build.*/\/\/go:build valgrind \&\& linux/' -e 's/·request(/·valgrindClientRequest(/' -e '/^\/\/ func stack/,$d' \
		../../../internal/secret/mark_ctgrind_386.s >"$work/valgrind_386.s"
	cat >"$work/overlay.json" <<-EOF
		{"Replace": {
			"$runtime/valgrind.go": "$work/valgrind.go",
			"$runtime/valgrind0.go": "$work/valgrind0.go",
			"$runtime/valgrind_386.s": "$work/valgrind_386.s"
		}}
	EOF
	echo "-overlay=$work/overlay.json"
}

run() { # BUILD
	arch=amd64 tags=ctgrind,valgrind extra= adx=
	case $1 in
	amd64) adx=1 ;;
	without-adx) ;;
	purego) tags=$tags,purego ;;
	386) arch=386 ;;
	386-purego) arch=386 tags=$tags,purego ;;
	*) fail "there is no build $1" ;;
	esac
	[ $arch = amd64 ] || extra=$(overlay)
	# valgrind 3.19 reads no DWARF 5, and no compressed one.
	# shellcheck disable=SC2086 # extra is one argument or none
	GOARCH=$arch GOEXPERIMENT=nodwarf5 CGO_ENABLED=0 go test -c $extra -ldflags=-compressdwarf=false -tags "$tags" -o "$work/test" .
	# Goroutines have stacks that lie close together: a larger step of the stack pointer is a switch.
	if ! KARST_ADX=$adx GOGC=off GODEBUG=asyncpreemptoff=1 GOMAXPROCS=1 timeout -k 10 600 valgrind -q --max-stackframe=32768 --error-limit=no \
		--suppressions=reviewed.supp --log-file="$work/log" "$work/test" -test.v -test.timeout 0 >"$work/out"; then
		cat "$work/out"
		# Most of it is from the controls.
		grep -A8 '^==.*\(Conditional\|Use of\)' "$work/log" | tail -n 300
		fail "constant time, $1"
	fi
	sed -n "s/^\([0-9]* reports in\)/constant time $1: \1/p" "$work/out"
}

[ $# -gt 0 ] || set -- amd64 without-adx purego 386
for build; do run "$build"; done
