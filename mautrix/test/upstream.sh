#!/usr/bin/env bash
# Runs mautrix-go's own tests of its package crypto, and of all packages below it, with karst as the
# driver; and its tests that compare libolm with goolm, with karst in the place of each. Needs Go and the
# module proxy; what needs libolm is skipped, with the reason, where there is none, unless CI=true.
set -euo pipefail
module=$(cd "$(dirname "$0")/.." && pwd)
cd "$module"
export GOTOOLCHAIN=local
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
go build -C .. -buildvcs=false -o "$scratch/gotest" ./tools/gotest

version=$(go list -m -f '{{.Version}}' maunium.net/go/mautrix)
pinned=$(go mod download -json "maunium.net/go/mautrix@$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
[ -d "$pinned" ] || fail "no source of mautrix $version"
echo "mautrix $version"
cp -r "$pinned" "$scratch/mautrix"
chmod -R u+w "$scratch/mautrix"
cp -r "$module/test/sqlite3" "$scratch/sqlite3"
cd "$scratch/mautrix"
export GOFLAGS="-buildvcs=false -mod=mod"
go mod edit -require github.com/karst-im/karst@v0.0.0 -replace "github.com/karst-im/karst=$(dirname "$module")" \
	-require github.com/karst-im/karst/mautrix@v0.0.0 -replace "github.com/karst-im/karst/mautrix=$module"

# karst takes goolm's place in the registry. The test proves it.
cp "$module"/test/testdata/upstream/*.go crypto/

# The comparisons again, in folders of their own: libolm replaced by karst, which needs no libolm then;
# and goolm replaced, without the few lines that look into goolm's types.
mkdir crypto/olm/karst_goolm crypto/olm/libolm_karst
for test in $(grep -l 'go:build !goolm' crypto/olm/*_test.go); do
	sed -e 's/go:build !goolm/go:build goolm/' \
		-e 's|"maunium.net/go/mautrix/crypto/libolm"|libolm "github.com/karst-im/karst/mautrix"|' \
		"$test" >"crypto/olm/karst_goolm/$(basename "$test")"
	sed -e 's|"maunium.net/go/mautrix/crypto/goolm/account"|account "github.com/karst-im/karst/mautrix"|' \
		-e 's|"maunium.net/go/mautrix/crypto/goolm/session"|session "github.com/karst-im/karst/mautrix"|' \
		-e 's|"maunium.net/go/mautrix/crypto/goolm/pk"|pk "github.com/karst-im/karst/mautrix"|' \
		-e 's/NewMegolmOutboundSession/NewOutboundGroupSession/; s/MegolmOutboundSessionFromPickled/OutboundGroupSessionFromPickled/' \
		-e 's/NewMegolmInboundSession/NewInboundGroupSession/; s/OlmSessionFromPickled/SessionFromPickled/' \
		-e 's/NewOlmSession/NewBlankSession/; s/pk\.NewSigningFromSeed/pk.NewPKSigningFromSeed/' \
		-e '/goolmAccount\.IdKeys/d; /goolmSession\.SigningKey/d' \
		"$test" >"crypto/olm/libolm_karst/$(basename "$test")"
done
[ -n "$(ls crypto/olm/karst_goolm)" ] || fail 'mautrix has no tests that compare libolm with goolm'

# tests NAME [FLAGS OF GOTEST...] -- ARGUMENTS...: go test with those arguments.
tests() { "$scratch/gotest" -total "$scratch/total" -name "$@" || fail "$1"; }

cp go.mod "$scratch/go.mod.cgo"
go mod edit -replace "github.com/mattn/go-sqlite3=$scratch/sqlite3" # mattn's needs cgo
CGO_ENABLED=0 tests without-cgo -require TestKarstIsRegistered -require 'TestOlmMachineOlmMegolmSessions.*' -require 'TestAccount_UnpickleLibolmToGoolm.*' \
	-- -count=1 -tags goolm ./crypto/...
cp "$scratch/go.mod.cgo" go.mod
tests race -- -count=1 -race -tags goolm ./crypto/...

if pkg-config --exists olm 2>/dev/null; then
	tests libolm-beside-karst -- -count=1 ./crypto/olm/libolm_karst/...
elif [ "${CI:-}" = true ]; then
	fail 'libolm-dev is missing'
else
	echo 'skipped: the comparison with libolm, since pkg-config finds no libolm (Debian: libolm-dev)'
fi
echo "upstream: $(awk '{ n += $1 } END { print n }' "$scratch/total") passed, 0 failed"
