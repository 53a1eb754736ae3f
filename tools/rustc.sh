#!/bin/sh
# rustc as cargo calls it (RUSTC_WRAPPER, see tools/same.sh), so that what is compiled keeps no trace of
# the folders it was compiled in: those of this clone, of cargo's downloads, of the toolchain's sources.
# A wrapper, because flags would change the hashes that cargo gives to everything.
rustc=$1
shift
set -- "$@" "--remap-path-prefix=$SISKIN_ROOT=/siskin"
for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    set -- "$@" "--remap-path-prefix=${folder%/}=/cargo"
done
exec "$rustc" "$@" "--remap-path-prefix=$SISKIN_RUST_SOURCES"
