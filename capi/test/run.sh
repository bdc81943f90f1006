#!/bin/bash
# Tests the C library: run.sh [PREFIX] (../dist if not given), where PREFIX is what build.sh made or install.sh filled.
# run.sh --peer tests Debian's libolm instead, so that the tests are known to describe it; what is stricter in ours
# (#ifdef KARST) is left out then.
#
# Every program runs as it is, under AddressSanitizer, and under valgrind. A tool that is missing is a failure if CI is
# "true", and else said and left out. KEEP=1 keeps the programs; JOBS says how many run at once.
set -euo pipefail
given=$(realpath -m "${1:-$(dirname "$0")/../dist}")
cd "$(dirname "$0")"

peer=
if [ "${1:-}" = --peer ]; then
	peer=1
	prefix=/usr
	unset PKG_CONFIG_PATH
	library=$(ldconfig -p | sed -n 's,.*libolm\.so\.3 .*=> ,,p' | sed '2,$d')
	[ -n "$library" ] || { echo 'libolm.so.3 is not installed' >&2; exit 1; }
else
	prefix=$given
	export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
	library=$prefix/lib/libolm.so.3
	[ -e "$library" ] || { echo "$library is missing: run build.sh first" >&2; exit 1; }
fi
work=$(mktemp -d)
[ -n "${KEEP:-}" ] && echo "programs in $work" || trap 'rm -rf "$work"' EXIT
jobs=${JOBS:-$(nproc)}
passed=0
skipped=0

fail() { echo "FAIL: $*" >&2; exit 1; }
pass() { passed=$((passed + 1)); }
step() { printf '== %s (%ds)\n' "$*" "$SECONDS"; }

# have TOOL WHAT: whether the tool is there. Says what is left out if not.
have() {
	command -v "$1" >/dev/null && return
	[ "${CI:-}" != true ] || fail "$1 is missing: $2 cannot be tested"
	echo "SKIPPED: $2, because $1 is not installed"
	skipped=$((skipped + 1))
	return 1
}

command -v pkg-config >/dev/null || fail 'pkg-config is missing'
pkg-config --exists olm || fail "there is no olm.pc in $prefix"
read -ra flags <<<"$(pkg-config --cflags --libs olm)"
[ -n "$peer" ] || flags+=(-DKARST)
warnings=(-Wall -Wextra -Werror)
c=(gcc -std=gnu11 -g -O1 "${warnings[@]}" -pthread)
cxx=(g++ -std=c++17 -g -O1 "${warnings[@]}")
sanitizers=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

# --- What the library is --------------------------------------------------------------------------------------------

step 'what the library exports and needs'
exported() { nm -D --defined-only "$1" | awk '{print $NF}' | LC_ALL=C sort; }
if [ -n "$peer" ]; then
	# libolm exports its internals too.
	diff functions.txt <(exported "$library" | grep -E '^(olm_|_olm_error_to_string$)') || fail 'functions.txt is not what libolm exports'
else
	diff functions.txt <(exported "$library") || fail 'the library exports something else than functions.txt'
	[ "$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')" = libc.so.6 ] || fail 'the library needs more than libc.so.6'
	pass
	grep -q 'GNU_STACK .*RW ' <<<"$(readelf -lW "$library")" || fail 'the stack would be executable'
	pass
	! grep -qE 'TEXTREL|RPATH|RUNPATH' <<<"$(readelf -d "$library")" || fail 'text relocations, or a path'
	pass
	! grep -qE '\((INIT|FINI|PREINIT)' <<<"$(readelf -d "$library")" || fail 'something runs when the library is loaded'
	pass
fi
pass
[ "$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" = libolm.so.3 ] || fail 'the SONAME is not libolm.so.3'
pass

step 'what the headers declare'
prototypes() { # OUTPUT FLAGS...
	gcc -std=c99 -pedantic "${warnings[@]}" -aux-info "$work/all" "${@:2}" -c declarations.c -o "$work/declarations.o"
	grep 'olm_[a-z_0-9]* (' "$work/all" | sed 's,^/\*[^*]*\*/ ,,' | LC_ALL=C sort >"$1"
}
prototypes "$work/ours" "${flags[@]}"
diff functions.txt <(sed 's/.*[ *]\(_*olm_[a-z_0-9]*\) (.*/\1/' "$work/ours" | LC_ALL=C sort) || fail 'the headers declare something else than functions.txt'
pass
if [ -z "$peer" ]; then
	for standard in c89 c11 gnu17; do
		gcc "-std=$standard" -pedantic "${warnings[@]}" "${flags[@]}" -c declarations.c -o "$work/declarations.o"
		pass
	done
	g++ -std=c++11 -pedantic "${warnings[@]}" "${flags[@]}" -x c++ -c declarations.c -o "$work/declarations.o"
	pass
	if [ -e /usr/include/olm/olm.h ]; then
		prototypes "$work/theirs" -I/usr/include
		diff "$work/theirs" "$work/ours" || fail "the headers differ from libolm's"
		pass
	elif [ "${CI:-}" = true ]; then
		fail "libolm-dev is missing: the headers cannot be compared with libolm's"
	else
		echo "SKIPPED: the comparison of the headers with libolm's, because libolm-dev is not installed"
		skipped=$((skipped + 1))
	fi
fi

# --- Programs -------------------------------------------------------------------------------------------------------

programs=(api_general api_account api_session api_group api_pk api_sas api_utility api_pickle known_answers memory threads
	fork loading hostile verdicts cxx)

compile() { # FOLDER FLAGS...
	local p
	mkdir -p "$work/$1"
	for p in "${programs[@]}"; do
		if [ "$p" = cxx ]; then
			echo "${cxx[*]@Q} ${*:2} cxx.cpp -o $work/$1/cxx ${flags[*]@Q}"
		else
			echo "${c[*]@Q} ${*:2} $p.c -o $work/$1/$p ${flags[*]@Q}"
		fi
	done | xargs -P "$jobs" -d '\n' -n 1 bash -c || fail 'a test does not compile'
}

# run NAME FOLDER COMMAND...: all programs, under the command. Prints what failed, and how many checks passed.
run() {
	local name=$1 folder=$2 p n bad=
	shift 2
	for p in "${programs[@]}"; do
		local arguments=
		case $p in
			loading) arguments="$library ${dlopens:-}";;
			hostile) arguments=${rounds:-};;
			verdicts) arguments=../../vectors;;
		esac
		echo "$* $work/$folder/$p $arguments >$work/$name.$p.log 2>&1; echo \$? >$work/$name.$p.status"
	done | xargs -P "$jobs" -d '\n' -n 1 bash -c
	for p in "${programs[@]}"; do
		n=$(sed -n 's/^[a-z_]*: \([0-9]*\) checks passed$/\1/p' "$work/$name.$p.log")
		if [ "$(cat "$work/$name.$p.status")" != 0 ] || [ -z "$n" ]; then
			echo "--- $p, $name: status $(cat "$work/$name.$p.status")"
			head -c 4000 "$work/$name.$p.log"
			bad="$bad $p"
		else
			passed=$((passed + n))
			[ "$p" != hostile ] || grep inputs "$work/$name.$p.log"
		fi
	done
	[ -z "$bad" ] || fail "$name:$bad"
}

step 'programs'
compile plain
run plain plain

step 'AddressSanitizer and UndefinedBehaviorSanitizer'
compile asan "${sanitizers[@]}"
rounds=30000 run asan asan

if have valgrind 'memory under valgrind'; then
	step valgrind
	dlopens=100 rounds=4000 run valgrind plain valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite
fi

# --- What runs by itself ---------------------------------------------------------------------------------------------

if [ -z "$peer" ]; then
	step 'the helpers in C, under sanitizers'
	helpers=(helpers.c "../../internal/aes/helper/aes_$(uname -m).c" ../../internal/wire/helper/base64.c)
	for options in -O2 "${sanitizers[*]}"; do
		# shellcheck disable=SC2086 # options
		"${c[@]}" $options "${helpers[@]}" -o "$work/helpers"
		"$work/helpers" >"$work/log" 2>&1 || { cat "$work/log"; fail helpers; }
		! grep 'was not tested' "$work/log" || skipped=$((skipped + 1))
		passed=$((passed + $(sed -n 's/^helpers: \([0-9]*\) checks passed$/\1/p' "$work/log")))
	done

	step 'a process that may ask the system for nothing'
	"${c[@]}" sandbox.c -o "$work/sandbox" "${flags[@]}"
	"$work/sandbox" "$library" >"$work/log" 2>&1 || { cat "$work/log"; fail sandbox; }
	passed=$((passed + $(sed -n 's/^sandbox: \([0-9]*\) checks passed$/\1/p' "$work/log")))
fi

# --- The static library ---------------------------------------------------------------------------------------------

if [ -z "$peer" ]; then
	step 'static library'
	archive=$prefix/lib/libolm.a
	diff functions.txt <(nm -g --defined-only "$archive" | awk 'NF == 3 {print $3}' | LC_ALL=C sort) || fail 'libolm.a defines something else than functions.txt'
	pass
	include=$(pkg-config --cflags olm)
	link() { # NAME FLAGS...
		# shellcheck disable=SC2086 # flags
		gcc -std=gnu11 "${warnings[@]}" $include -o "$work/$1" static/main.c static/other.c "${@:2}"
		"$work/$1" argument >"$work/log" || { cat "$work/log"; fail "$1"; }
		! grep -q ' U olm_' <<<"$(nm "$work/$1")" || fail "$1 still needs libolm.so"
		passed=$((passed + $(sed -n 's/^static: \([0-9]*\) checks passed$/\1/p' "$work/log")))
	}
	link static_library "$archive"
	link static_program "$archive" -static
	link whole_archive -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
	link position_dependent "$archive" -no-pie
fi

# --- How others find it ---------------------------------------------------------------------------------------------

step "pkg-config, the example"
grep -q 'pkg-config --cflags --libs olm' <<<"$(sed -n '1s,^/\* \(.*\) && .*,\1,p' ../example/conversation.c)" || fail 'the example does not say how to compile it'
# shellcheck disable=SC2046 # flags
cc "${warnings[@]}" -o "$work/conversation" ../example/conversation.c $(pkg-config --cflags --libs olm)
"$work/conversation" >"$work/log"
[ "$(wc -l <"$work/log")" = 3 ] && grep -q '^Bob reads message 0 to the room: Hello everybody!$' "$work/log" || fail 'the example'
pass
"${c[@]}" "${sanitizers[@]}" -o "$work/conversation" ../example/conversation.c "${flags[@]}"
"$work/conversation" >/dev/null
pass

cmake_project() { # PREFIX
	local p
	rm -rf "$work/cmake"
	{ cmake -S cmake -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" -DPREFIX="$1" && cmake --build "$work/cmake"; } >"$work/log" 2>&1 ||
		{ cat "$work/log"; fail 'CMake'; }
	for p in shared static; do
		env -u LD_LIBRARY_PATH "$work/cmake/$p" argument >/dev/null || fail "the program that CMake made, $p"
		pass
	done
	grep -q "$1/lib/libolm.so.3" <<<"$(env -u LD_LIBRARY_PATH ldd "$work/cmake/shared")" || fail 'CMake linked another library'
	pass
}
if [ -z "$peer" ]; then
	step 'install.sh'
	install=$(realpath ../install.sh)
	listed() { (cd "$1" && find "${@:2}" ! -type d | LC_ALL=C sort); } # FOLDER [FOLDERS IN IT...]
	export FROM=$prefix
	(
		mkdir "$work/user" && cd "$work/user"
		"$install" --help >"$work/log" 2>&1 && grep -q 'DESTDIR' "$work/log" || fail 'install.sh --help'
		! "$install" --nonsense >"$work/log" 2>&1 || fail 'install.sh takes any argument'
		! PREFIX=a "$install" --uninstall --help >"$work/log" 2>&1 || fail 'install.sh takes two arguments'
		! PREFIX=a LIBDIR=../lib "$install" >"$work/log" 2>&1 || fail 'install.sh takes a LIBDIR that is not below PREFIX'
		[ -z "$(ls -A)" ] || fail 'install.sh that was only asked has installed'
		PREFIX='a prefix & more' LIBDIR=lib64 "$install" >/dev/null
		diff <(listed "$prefix" include lib | sed 's,^lib/,lib64/,') <(listed 'a prefix & more' include lib64) || fail 'install.sh installs something else than there is'
		[ "$(PKG_CONFIG_PATH='a prefix & more/lib64/pkgconfig' pkg-config --variable=libdir olm)" = "$PWD/a prefix & more/lib64" ] ||
			fail 'pkg-config after install.sh with a relative PREFIX'
		DESTDIR=stage PREFIX=/opt/olm "$install" >/dev/null
		grep -qx 'prefix=/opt/olm' stage/opt/olm/lib/pkgconfig/olm.pc || fail 'olm.pc knows DESTDIR'
		echo mine >stage/opt/olm/include/olm/mine.h
		echo changed >>stage/opt/olm/include/olm/pk.h
		DESTDIR=stage PREFIX=/opt/olm "$install" --uninstall >"$work/log"
		[ "$(listed stage)" = "$(printf './opt/olm/include/olm/%s\n' mine.h pk.h)" ] || fail "left after uninstall: $(listed stage)"
		grep -q 'left: .*pk\.h' "$work/log" || fail 'uninstall does not say what it leaves'
		PREFIX='a prefix & more' LIBDIR=lib64 "$install" --uninstall >/dev/null
		[ -z "$(listed 'a prefix & more')" ] || fail 'uninstall leaves files'
	)
	unset FROM
	passed=$((passed + 10))

	# The whole folder may be moved.
	mkdir "$work/elsewhere"
	cp -R "$prefix/lib" "$prefix/include" "$work/elsewhere/"
	if have cmake 'the CMake package'; then
		cmake_project "$prefix"
		cmake_project "$work/elsewhere"
	fi
	(export PKG_CONFIG_PATH=$work/elsewhere/lib/pkgconfig
	read -ra moved <<<"$(pkg-config --cflags --libs olm)"
	cc -o "$work/conversation" ../example/conversation.c "${moved[@]}"
	LD_LIBRARY_PATH=$work/elsewhere/lib "$work/conversation" >/dev/null
	[[ "$(realpath "$(pkg-config --variable=includedir olm)")" == "$work/elsewhere/include" ]]) || fail 'pkg-config after the folder was moved'
	pass
fi

[ "$skipped" = 0 ] || echo "$skipped parts skipped"
echo "$passed checks passed"
