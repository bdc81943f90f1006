#!/bin/sh
# Installs what is missing of some of Debian's packages, as root: debian.sh PACKAGE...
# Anybody else is told what is missing, and it fails.
set -eu

look() { # PACKAGES...: sets missing
	missing=
	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || exit 0
}
look "$@"
if [ "$(id -u)" != 0 ]; then
	echo "debian.sh: missing, install as root:$missing" >&2
	exit 1
fi
# Only one at a time can install; another one may have done it meanwhile.
exec 9</var/lib/apt
flock 9
look "$@"
apt-get update -qq >/dev/null 9<&-
# shellcheck disable=SC2086 # names of packages have no spaces
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 9<&-
