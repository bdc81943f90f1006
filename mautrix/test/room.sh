#!/usr/bin/env bash
# An encrypted room on a real homeserver: Synapse from PyPI, pinned, on the loopback address, with members
# on karst, goolm and matrix-nio over libolm, who have to read each other through a rotation of keys,
# restarts, members that join late, key files, and changes of the driver. Less than five minutes.
#
# Needs Go, Python 3.11 with venv, and the package index once: what is installed is kept. Where the
# homeserver can't be installed the test is skipped, with the reason, unless CI=true.
set -euo pipefail
cd "$(dirname "$0")"
export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS=-buildvcs=false
scratch=$(mktemp -d)
members=$scratch/members
trap 'rm -rf "$scratch"' EXIT

without() { # REASON
	[ "${CI:-}" = true ] && { echo "FAIL: $1" >&2; exit 1; }
	echo "skipped: $1"
	exit 0
}

command -v python3 >/dev/null || without 'there is no python3'
environment=${XDG_CACHE_HOME:-$HOME/.cache}/karst-tools/room-$(sha256sum room/requirements.txt | cut -c 1-16)
if [ ! -e "$environment/complete" ]; then
	rm -rf "$environment"
	python3 -m venv "$environment" >"$scratch/venv" 2>&1 || { cat "$scratch/venv"; without 'python3 has no venv (Debian: python3-venv)'; }
	"$environment/bin/pip" install --quiet --disable-pip-version-check --prefer-binary -r room/requirements.txt >"$scratch/pip" 2>&1 ||
		{ tail -n 5 "$scratch/pip"; without 'the homeserver and matrix-nio could not be installed'; }
	touch "$environment/complete"
fi

go build -tags goolm -o "$members" ./room
(cd ../example && go build -tags goolm -o "$scratch/bot" .)
mkdir "$scratch/room"
if ! "$environment/bin/python" room/room.py "$members" "$scratch/bot" "$scratch/room"; then
	for log in "$scratch"/room/*.log; do
		echo "== of $(basename "$log")"
		grep -m 1 -A 12 '^panic\|^fatal\|^Traceback' "$log" | cut -c 1-300 || true
		echo '...'
		tail -n 20 "$log" | cut -c 1-300
	done
	exit 1
fi
