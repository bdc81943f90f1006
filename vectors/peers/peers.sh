# How the programs of old versions are built, into the folder $programs; $scratch is for what is thrown away. Sourced.

# goolm VERSION [TAGS]: goolm as mautrix VERSION has it. goolm/main.go says what the tags mean.
goolm() {
	local version=$1 tags=${2:-} mod=$scratch/goolm-$1.mod
	sed -e "s,\(maunium.net/go/mautrix\) v.*,\1 v$version," -e '/indirect/d' go.mod >"$mod"
	go build -mod=mod -modfile="$mod" -tags "$tags" -o "$programs/goolm-$version" ./goolm
	[ "$(go version -m "$programs/goolm-$version" | awk '$2 == "maunium.net/go/mautrix" { print $3 }')" = "v$version" ]
}

# libolm_here VERSION: the libolm that is installed, which must be that one.
libolm_here() {
	go build -o "$programs/libolm-$1" ./libolm
	libolm_is "$1"
}

libolm_is() {
	[ "$(printf '{"op":"version"}\n' | "$programs/libolm-$1")" = "{\"text\":\"$1\"}" ] || { echo "this is not libolm $1" >&2; return 1; }
}

# libolm CRATE VERSION: the libolm whose sources the crate olm-sys CRATE carries.
libolm() {
	local crate=$1 version=$2 folder=$scratch/olm-sys-$1
	[ -e "$programs/libolm-program" ] || go build -o "$programs/libolm-program" ./libolm
	mkdir -p "$folder/src"
	touch "$folder/src/lib.rs"
	printf '[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\nolm-sys = "=%s"\n' "$crate" >"$folder/Cargo.toml"
	(cd "$folder" && cargo vendor --quiet vendor >/dev/null)
	cmake -S "$folder/vendor/olm-sys/olm" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DOLM_TESTS=OFF >"$folder/log"
	cmake --build "$folder/build" >>"$folder/log" 2>&1 || { cat "$folder/log"; return 1; }
	mkdir -p "$programs/libolm-$version.lib"
	cp -L "$folder/build/libolm.so.3" "$programs/libolm-$version.lib/"
	local preload=
	if ! nm -D --defined-only "$programs/libolm-$version.lib/libolm.so.3" | grep olm_session_last_error_code >/dev/null; then
		preload=$programs/libolm-$version.lib/codes.so
		gcc -shared -fPIC -O1 -o "$preload" libolm/old/codes.c
	fi
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s LD_PRELOAD=%s exec %s\n' "$programs/libolm-$version.lib" "$preload" "$programs/libolm-program" >"$programs/libolm-$version"
	chmod +x "$programs/libolm-$version"
	libolm_is "$version"
}

# vodozemac VERSION FEATURES: the crate of that version.
vodozemac() {
	local version=$1 folder=$scratch/vodozemac-$1
	mkdir -p "$folder"
	cp -r vodozemac/src "$folder"
	sed "s/^vodozemac = .*/vodozemac = \"=$version\"/" vodozemac/Cargo.toml >"$folder/Cargo.toml"
	if [[ ,$2, != *,pk,* ]]; then sed -i 's/^pk = .*/pk = []/' "$folder/Cargo.toml"; fi
	cargo build --quiet --manifest-path "$folder/Cargo.toml" --features "$2" --target-dir "$scratch/vodozemac"
	cp "$scratch/vodozemac/debug/vodozemac-peer" "$programs/vodozemac-$version"
}
