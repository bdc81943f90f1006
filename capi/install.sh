#!/bin/sh
# Installs what build.sh has built: [DESTDIR=] [PREFIX=/usr/local] [LIBDIR=lib] [FROM=dist] install.sh
#
# As with make install, DESTDIR is a staging directory that the installed files know nothing of. LIBDIR
# is relative to PREFIX, for systems with lib/x86_64-linux-gnu or lib64.
set -eu
cd "$(dirname "$0")"
from=${FROM:-dist}
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-lib}
to=${DESTDIR:-}$prefix
[ -f "$from/lib/libolm.a" ] || { echo "$from has no library: run build.sh first" >&2; exit 1; }
mkdir -p "$to/$libdir" "$to/include"
cp -RP "$from/lib/." "$to/$libdir/"
cp -R "$from/include/." "$to/include/"
sed "s|^prefix=.*|prefix=$prefix|; s|^libdir=.*|libdir=\${prefix}/$libdir|" "$from/lib/pkgconfig/olm.pc" >"$to/$libdir/pkgconfig/olm.pc"
echo "installed in $to"
