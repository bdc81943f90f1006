#!/bin/sh
# Checks that no branch and no address in olm.wasm depends on a secret, but for the verdicts that are
# counted in ../capi/constant_time.c: run.sh [MODULE], which is wasm/dist/olm.wasm if not given.
#
# wasm2c makes C of the module as it ships; the host poisons what is secret in its memory, and memcheck follows
# it. What a browser's compiler makes of a select is its own affair: here gcc does not turn one into a branch.
set -eu
module=$(realpath -m "${1:-$(dirname "$0")/../../../wasm/dist/olm.wasm}")
cd "$(dirname "$0")"
fail() { echo "FAIL: $*" >&2; exit 1; }
for tool in wasm2c wasm-objdump valgrind gcc; do
	command -v $tool >/dev/null && continue
	[ "${CI:-}" != true ] || fail "$tool is missing"
	echo "skipped: $tool is missing (Debian: wabt, valgrind, gcc)"
	exit 0
done
[ -f "$module" ] || fail "there is no $module: run wasm/build.sh"
runtime=$(dirname "$(find /usr/share/wabt /usr/local/share/wabt -name wasm-rt-impl.c 2>/dev/null | head -n 1)")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wasm2c -n karst "$module" -o "$work/karst.c"
# The host is told of every byte that is read: see loaded in host.h.
sed -i 's/wasm_asm("" ::"r"(result));/loaded(addr, \&result, sizeof result);/; 1i #include <stddef.h>\nvoid loaded(unsigned long long at, void *value, size_t n);' "$work/karst.c"
[ "$(grep -c 'loaded(addr' "$work/karst.c")" = 2 ] || fail 'what wasm2c writes for a load was not found'

# A macro for each function, in two steps, because an argument may be a macro that makes two.
awk -F '[ (,);*]+' '/^(u32|void) Z_karstZ__?olm_/ {
	name = $2
	sub(/^Z_karstZ_/, "", name)
	parameters = arguments = ""
	for (i = 4; $i == "u32"; i++) {
		parameters = parameters (parameters == "" ? "" : ", ") "a" i
		arguments = arguments ", ARGUMENT(a" i ")"
	}
	call = "Z_karstZ_" name "(&karst" arguments ")"
	if (name ~ /^olm_(account|session|outbound_group_session|inbound_group_session|utility|sas|pk_encryption|pk_decryption|pk_signing)$/)
		call = "POINTER(" call ")"
	printf "#define %s(...) %s_(__VA_ARGS__)\n#define %s_(%s) %s\n", name, name, name, parameters, call
}' "$work/karst.h" >"$work/exports.h"
[ "$(grep -c '(\.\.\.)' "$work/exports.h")" = 150 ] || fail 'the functions of the module were not found'

gcc -c -O1 -w -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0 -I"$runtime" -o "$work/karst.o" "$work/karst.c"
gcc -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-value -Wno-unused-function -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0 -DOLM_HOST='"host.h"' \
	-I"$work" -I. -isystem "$runtime" -o "$work/constant_time" ../capi/constant_time.c "$work/karst.o" "$runtime/wasm-rt-impl.c" -lm
valgrind -q --error-limit=no --log-file="$work/log" "$work/constant_time" || { grep -A6 '^==.*\(Conditional\|Use of\)' "$work/log" | head -200; exit 1; }
