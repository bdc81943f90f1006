#!/usr/bin/env bash
# Has old versions of other libraries write the pickles in ../testdata/peers anew: generate.sh [NAME...]
#
# Names are goolm, libolm and vodozemac; without any all are made. Needs Go and the module proxy; for libolm gcc, g++,
# cmake, Debian's libolm-dev and cargo; for vodozemac cargo. What goolm and vodozemac write differs each time: their keys
# are random.
set -euo pipefail
cd "$(dirname "$0")"
export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
programs=$scratch/programs
mkdir "$programs"
. ./peers.sh
go build -o "$scratch/generate" ./generate

# write FILE DESCRIPTION VERSION...: of a version that ends in a star only a few pickles.
write() {
	local name=$1 description=$2 version arguments=()
	shift 2
	for version; do arguments+=("$name $version=$programs/$name-${version%\*}"); done
	"$scratch/generate" -out "../testdata/peers/$name.json" -description "$description" "${arguments[@]}"
}

[ $# -gt 0 ] || set -- goolm libolm vodozemac
for name; do
	case $name in
	goolm)
		# Every version whose code differs from the one before. There is no goolm in mautrix before 0.17.
		for version in 0.17.0 0.18.0 0.19.0; do goolm $version goolm017,goolmpk; done
		goolm 0.21.0 goolm021,goolmpk
		for version in 0.22.0 0.23.3 0.25.2 0.26.0 0.26.4; do goolm $version goolmpk; done
		for version in 0.27.0 0.28.0 0.30.0; do goolm $version; done
		write goolm 'Pickles that goolm wrote; its versions are those of mautrix.' \
			0.17.0 '0.18.0*' '0.19.0*' 0.21.0 '0.22.0*' '0.23.3*' '0.25.2*' 0.26.0 '0.26.4*' '0.27.0*' '0.28.0*' 0.30.0
		;;
	libolm)
		libolm_here 3.2.13
		libolm 1.0.0 3.1.5
		libolm 1.1.0 3.2.1
		libolm 1.2.0 3.2.6
		libolm 1.3.0 3.2.7
		write libolm 'Pickles that libolm wrote.' 3.1.5 '3.2.1*' '3.2.6*' '3.2.7*' 3.2.13
		;;
	vodozemac)
		vodozemac 0.5.0 plain
		vodozemac 0.8.1 plain,pk
		vodozemac 0.11.1 pk
		write vodozemac "Pickles that vodozemac wrote in libolm's format." 0.5.0 '0.8.1*' 0.11.1
		;;
	*)
		echo "what is $name? generate.sh makes goolm, libolm and vodozemac" >&2
		exit 2
		;;
	esac
done
