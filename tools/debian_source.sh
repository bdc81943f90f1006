#!/bin/sh
# Unpacks the source of one of Debian's packages: debian_source.sh PACKAGE FOLDER
#
# It asks the archives that this machine's apt is set up for, with lists of its own: apt's stay as they are. apt checks
# the signatures. No patch of Debian's is applied.
set -eu
package=$1 folder=$2
fail() { echo "debian_source.sh: $*" >&2; exit 1; }
command -v apt-get >/dev/null || fail 'this is not Debian'
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/lists/partial" "$work/source"
for file in /etc/apt/sources.list.d/*.sources; do
	[ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/${file##*/}"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ ! -f "$file" ] || sed -n 's/^deb /deb-src /p' "$file" >"$work/parts/${file##*/}.list"
done
: >"$work/none"
apt() {
	apt-get -qq -o Dir::Etc::SourceList="$work/none" -o Dir::Etc::SourceParts="$work/parts" -o Dir::State::Lists="$work/lists" \
		-o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root "$@"
}
apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; fail 'apt-get update'; }
(cd "$work/source" && apt source --download-only "$package") >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "no source of $package"; }
for archive in "$work"/source/*.orig.tar.*; do
	tar -xf "$archive" -C "$folder" --strip-components=1
done
basename "$work"/source/*.dsc .dsc
