#!/usr/bin/env bash
# Leaves target/release/siskin: the server with the compressed front end inside.
# Does nothing if it was built from exactly these sources. cargo-leptos makes target/site anew each
# time, on which the server depends, so leaving the decision to cargo would cost minutes.
# SISKIN_FEATURES names cargo features of the server: SISKIN_FEATURES=kafka make build
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/same.sh

STAMP=target/release/siskin.stamp

# Everything that the executable is made of: sources (not their tests), lock file, versions.
sources() {
    find domain app frontend server style public -type f 2>/dev/null |
        grep -Ev '^[a-z]+/(tests|benches|examples)/' | LC_ALL=C sort
    printf '%s\n' Cargo.toml Cargo.lock rust-toolchain.toml tools/build.sh tools/same.sh tools/same-site.mjs tools/rustc.sh
}
fingerprint() {
    {
        rustc --version
        echo "$CARGO_LEPTOS_VERSION $WASM_BINDGEN_VERSION $BINARYEN_VERSION ${SISKIN_FEATURES:-}"
        sources | while IFS= read -r file; do printf '%s\n' "$file"; cat "$file"; done
    } | sha256
}

have rustc || tools/setup.sh rust
want=$(fingerprint)
if [ -x "$BIN" ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$want $(sha256 <"$BIN")" ]; then
    say "Up to date: target/release/siskin"
    exit
fi

tools/setup.sh build
name_commit
forget_folders
case ${SISKIN_FEATURES:-} in *kafka*) tools/setup.sh kafka ;; esac

say "Building in release: about 10 minutes from nothing on two cores, 1 to 4 after a change"
start=$SECONDS
# The pages first: the server has them inside. Browsers keep them for ever by their names, so that one name must stand for the
# same bytes in all builds.
cargo leptos build --release --precompress --split --frontend-only
node tools/same-site.mjs
cargo build --locked --release -p siskin --bin siskin --no-default-features ${SISKIN_FEATURES:+--features "$SISKIN_FEATURES"}
[ -x "$BIN" ] || die "the build ended without target/release/siskin."
echo "$want $(sha256 <"$BIN")" >"$STAMP"
say "Built target/release/siskin in $((SECONDS - start)) s ($(du -h "$BIN" | cut -f 1), nothing beside it is needed)"
