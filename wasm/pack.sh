#!/bin/sh
# Makes the tarball that is published, of what build.sh has built, and prints its SHA-256: pack.sh [FOLDER]
#
# The same sources give the same bytes: npm sets one time for all files, build.mjs the modes.
set -eu
cd "$(dirname "$0")"
to=${1:-build}
[ -f dist/package.json ] || ./build.sh
mkdir -p "$to"
to=$(cd "$to" && pwd)
name=$(cd dist && npm pack --silent --pack-destination "$to")
cd "$to"
sha256sum "$name"
