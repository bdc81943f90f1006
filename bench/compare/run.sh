#!/usr/bin/env bash
# Measures karst beside libolm, goolm and vodozemac in one run, and keeps what it measured with tables and charts: run.sh [OPTION...]
#
#   --check             only say which peers can be measured, and what the others need
#   --all               fail if a peer is missing, instead of leaving it out; so does CI=true
#   --quick             few samples of everything: shows that all works, not how fast it is
#   --peer NAMES        only these peers: a regular expression of whole names
#   --op PATTERN        only operations that match a regular expression
#   --passes N, --visits N, --rounds N, --growth-rounds N     how many samples: see README.md
#   --out FOLDER        where to write; else ../results, or target/results if not everything is measured in full
#   --render FILE.json  make the tables and charts of an earlier run anew, and measure nothing
#
# Installs nothing. What it builds is in target/.
set -euo pipefail
from=$PWD
cd "$(dirname "$0")"
here=$PWD
root=${here%/*/*}
target=$here/target
export GOTOOLCHAIN=local
fail() { echo "FAIL: $*" >&2; exit 1; }
there() { command -v "$1" >/dev/null; }

check= names='.*' out= render= partial= flags=()
[ "${CI:-}" != true ] || flags+=(-all)
while [ $# -gt 0 ]; do
	option=$1
	case $option in
	--check) check=1 flags+=(-check) ;;
	--all) flags+=(-all) ;;
	--quick) partial=1 flags+=(-quick) ;;
	--peer | --op | --passes | --visits | --rounds | --growth-rounds | --out | --render)
		[ $# -ge 2 ] || fail "$option needs a value"
		shift
		case $option in
		--out) out=$(cd "$from" && realpath -m "$1") ;;
		--render) render=$(cd "$from" && realpath -m "$1") ;;
		*) partial=1 flags+=("${option#-}" "$1") ;;
		esac
		[ "$option" != --peer ] || names=$1
		;;
	-h | --help)
		sed -n '2,/^set /{s/^# \{0,1\}//p}' run.sh
		exit
		;;
	*) fail "what is $option? run.sh --help names the options" ;;
	esac
	shift
done

there go || fail 'Go is missing: https://go.dev/dl'
mkdir -p "$target"
go build -buildvcs=false -o "$target/compare" .
[ -z "$render" ] || exec "$target/compare" -render "$render"

# What is missing of what peers need, and how to get it; nothing if it is there.
no_compiler() { there cc || echo 'there is no C compiler (Debian: apt install gcc libc6-dev)'; }
no_headers() { cc -E -x c - <<<'#include <olm/olm.h>' >/dev/null 2>&1 || echo 'there is no libolm with headers (Debian: apt install libolm-dev)'; }
no_libolm() { [ -n "$(libolm)" ] || echo 'there is no libolm.so.3 (Debian: apt install libolm-dev)'; }
no_c_library() { [ -e "$root/capi/dist/lib/libolm.so.3" ] || echo 'the C library is not built: run capi/build.sh, which also installs TinyGo unless TINYGO names one'; }
no_rust() { there cargo || echo 'there is no Rust (https://rustup.rs)'; }
no_node() { there node || echo 'there is no Node (Debian: apt install nodejs)'; }
no_wasm() { [ -e "$root/wasm/dist/olm.wasm" ] || echo 'the package for JavaScript is not built: run wasm/build.sh, which needs npm and binaryen, and installs TinyGo unless TINYGO names one'; }
no_published() { [ -e "$root/wasm/js/node_modules/@matrix-org/olm/olm.js" ] || echo 'the package @matrix-org/olm is not there: run npm ci in wasm/js'; }
libolm() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | sed -n 's,.*libolm\.so\.3 .*=> ,,p' | sed '2,$d'; }

# How programs are built.
build_karst() {
	# The commit is a part of the version, where there is one.
	local vcs=false
	! git rev-parse -q --verify HEAD >/dev/null 2>&1 || vcs=true
	go build -buildvcs=$vcs -o "$target/karst" ./karst
}
build_goolm() { CGO_ENABLED=0 go build -buildvcs=false -o "$target/goolm" ./goolm; }
build_cgo() { CGO_ENABLED=1 go build -buildvcs=false -tags libolm -o "$target/libolm-cgo" ./goolm; }
build_c() { cc -std=gnu11 -O2 -Wall -Wextra -Werror -I"$root/capi/include" -o "$target/c" c/*.c -ldl; } # which opens the library that is named
build_node() { node --check wasm/peer.mjs; }
cargo_program() { # FLAGS FOLDER
	RUSTFLAGS=$1 cargo build --release --quiet --manifest-path vodozemac/Cargo.toml --target-dir "$2"
}
build_vodozemac() { cargo_program '' "$target/vodozemac"; }
build_native() { cargo_program '-C target-cpu=native' "$target/vodozemac-native"; }

# The list for the runner: peers with what to run, or with what is missing.
list=$target/peers.txt
: >"$list"
line() { local IFS=$'\t'; echo "$*" >>"$list"; }
peer() { # NAME "NEEDS" BUILD COMMAND...
	local name=$1 needs=$2 build=$3 need reason
	[[ $name =~ ^($names)$ ]] || return 0
	for need in $needs; do
		reason=$($need) || true
		[ -z "$reason" ] || { line "$name" missing "$reason"; return 0; }
	done
	line "$name" run "${@:4}"
	[ -z "$check" ] || return 0
	echo "building $name" >&2
	"$build" >"$target/build.log" 2>&1 || { cat "$target/build.log" >&2; fail "$name can't be built"; }
}

peer karst '' build_karst "$target/karst"
peer vodozemac no_rust build_vodozemac "$target/vodozemac/release/vodozemac-peer"
peer vodozemac-native no_rust build_native "$target/vodozemac-native/release/vodozemac-peer"
peer goolm '' build_goolm "$target/goolm"
peer libolm 'no_compiler no_libolm' build_c "$target/c" "$(libolm)"
peer libolm-cgo 'no_compiler no_headers' build_cgo "$target/libolm-cgo"
peer karst-c 'no_compiler no_c_library' build_c "$target/c" "$root/capi/dist/lib/libolm.so.3"
peer olm.wasm 'no_node no_published' build_node node wasm/peer.mjs "$root/wasm/js/node_modules/@matrix-org/olm/olm.js"
peer karst-wasm 'no_node no_wasm' build_node node wasm/peer.mjs "$root/wasm/dist/olm.js"

if [ -z "$out" ]; then
	out=$root/bench/results
	[ -z "$partial" ] || out=$target/results
fi
[ -n "$check" ] || mkdir -p "$out"
exec "$target/compare" "${flags[@]}" -out "$out" "$list"
