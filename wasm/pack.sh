#!/bin/sh
# Makes the tarball that is published, of what build.sh has built, and prints its SHA-256: pack.sh [FOLDER]
#
# The same sources give the same bytes: npm sets one time for all files, build.mjs the modes.
set -eu
case ${1:-} in
-h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
-*) echo "pack.sh: what is $1?" >&2; exit 1 ;;
esac
to=$(realpath -m "${1:-$(dirname "$0")/build}")
cd "$(dirname "$0")"
[ -f dist/package.json ] || ./build.sh
mkdir -p "$to"
name=$(cd dist && npm pack --silent --pack-destination "$to")
cd "$to"
sha256sum "$name"
