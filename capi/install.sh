#!/bin/sh
# Installs what build.sh has built, or takes it away again.
#
#   [DESTDIR=] [PREFIX=/usr/local] [LIBDIR=lib] [FROM=dist] install.sh [--uninstall | --help]
#
# PREFIX is where the library will be used. As with make install, DESTDIR is a staging directory that the installed files
# know nothing of. LIBDIR is below PREFIX, for systems with lib/x86_64-linux-gnu or lib64. FROM is what build.sh made, the
# folder dist beside this script if not given. A relative PREFIX, DESTDIR or FROM is one of the folder that you are in.
#
# --uninstall removes the files that install.sh with the same variables would write. One that has other contents is
# somebody else's, and stays.
set -eu
fail() { echo "install.sh: $*" >&2; exit 1; }
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

action=install
case ${1:-} in
'') ;;
--uninstall) action=uninstall ;;
-h | --help) usage; exit 0 ;;
*) usage >&2; fail "what is $1?" ;;
esac
[ $# -le 1 ] || fail 'one argument at most; PREFIX and the others are set in the environment'

absolute() { case $1 in '' | /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$PWD/$1" ;; esac; }
here=$(cd "$(dirname "$0")" && pwd)
from=$(absolute "${FROM:-$here/dist}")
prefix=$(absolute "${PREFIX:-/usr/local}")
libdir=${LIBDIR:-lib}
destdir=$(absolute "${DESTDIR:-}")
to=$destdir$prefix
case /$libdir/ in //* | */../*) fail "LIBDIR is below PREFIX, and $libdir is not" ;; esac
case $prefix$libdir in *'
'*) fail 'PREFIX or LIBDIR has a line break in it' ;; esac
[ -f "$from/lib/libolm.a" ] || fail "$from has no library: run build.sh first"

work=$(mktemp -d)
list=$(mktemp)
trap 'rm -rf "$work" "$list"' EXIT
mkdir -p "$work/$libdir" "$work/include"
cp -RP "$from/lib/." "$work/$libdir/"
cp -R "$from/include/." "$work/include/"
{
	printf 'prefix=%s\nlibdir=${prefix}/%s\n' "$prefix" "$libdir"
	sed '/^prefix=/d; /^libdir=/d' "$from/lib/pkgconfig/olm.pc"
} >"$work/$libdir/pkgconfig/olm.pc"
(cd "$work" && find . ! -type d | sed 's|^\./||') >"$list"

if [ $action = install ]; then
	while read -r file; do
		mkdir -p "$to/$(dirname "$file")"
		rm -f "$to/$file" # a program that runs keeps the file that it has
		cp -P "$work/$file" "$to/$file"
	done <"$list"
	echo "installed in $to"
	exit
fi

same() { # whether two files, or two links, are the same
	if [ -L "$1" ] || [ -L "$2" ]; then
		[ -L "$1" ] && [ -L "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
	else
		cmp -s "$1" "$2"
	fi
}
while read -r file; do
	if [ ! -e "$to/$file" ] && [ ! -L "$to/$file" ]; then
		continue
	elif same "$work/$file" "$to/$file"; then
		rm -f "$to/$file"
	else
		echo "left: $to/$file, which is not the one in $from"
	fi
done <"$list"
# Folders of the library's own, and only if nothing else is in them.
for folder in "$libdir/cmake/Olm" include/olm; do
	[ ! -d "$to/$folder" ] || rmdir "$to/$folder" 2>/dev/null || true
done
echo "removed from $to"
