# Sourced by what builds executables: the same sources make the same bytes, in whatever folder and at
# whatever time. Says also which commit it is.
# shellcheck shell=bash

# name_commit sets SISKIN_COMMIT, SISKIN_COMMIT_TIME (seconds) and SISKIN_COMMIT_DATE, unless they are given, from git.
# Twelve digits always: how many git itself finds enough depends on the clone.
name_commit() {
    local commit
    : "${SISKIN_COMMIT_TIME:=${SOURCE_DATE_EPOCH:-}}"
    if commit=$(git rev-parse --verify --quiet HEAD 2>/dev/null); then
        : "${SISKIN_COMMIT_TIME:=$(git show -s --format=%ct "$commit")}"
        if [ -z "${SISKIN_COMMIT:-}" ]; then
            SISKIN_COMMIT=${commit:0:12}
            [ -z "$(git status --porcelain 2>/dev/null)" ] || SISKIN_COMMIT+=-dirty
        fi
    fi
    export SISKIN_COMMIT=${SISKIN_COMMIT:-unknown}
    # A day that is not known is not said: a commit may be given without its time, where git's folder is missing.
    [ "$SISKIN_COMMIT" = unknown ] || [ -z "$SISKIN_COMMIT_TIME" ] || : "${SISKIN_COMMIT_DATE:=$(day_of "$SISKIN_COMMIT_TIME")}"
    if [ -n "${SISKIN_COMMIT_DATE:-}" ]; then export SISKIN_COMMIT_DATE; else unset SISKIN_COMMIT_DATE; fi
    # Sources without git and without a given time: any time will do that is always the same.
    export SISKIN_COMMIT_TIME=${SISKIN_COMMIT_TIME:-$ANY_TIME}
}
ANY_TIME=315532800

# day_of SECONDS prints a day as 2026-11-28; GNU and BSD name the option differently.
day_of() { date -u -d "@$1" +%F 2>/dev/null || date -u -r "$1" +%F; }

# forget_folders keeps this machine's folders out of what is compiled, Rust and C.
forget_folders() {
    local hash
    hash=$(rustc -vV | sed -n 's/^commit-hash: //p')
    export SISKIN_ROOT=$ROOT RUSTC_WRAPPER=$ROOT/tools/rustc.sh
    SISKIN_RUST_SOURCES=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$hash
    export SISKIN_RUST_SOURCES
    local map="-ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}/registry/src=/cargo -ffile-prefix-map=$ROOT=/siskin"
    # The time that C code may name is not the commit's: all of it would be compiled again for each commit.
    export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$ANY_TIME}
    export CFLAGS="${CFLAGS:+$CFLAGS }$map" CXXFLAGS="${CXXFLAGS:+$CXXFLAGS }$map"
}

# version_of_sources prints the version in Cargo.toml.
version_of_sources() { sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml" | head -n 1; }

# features_of_server names all cargo features of the server.
features_of_server() {
    cargo metadata --quiet --locked --no-deps --format-version 1 | python3 -c '
import json, sys
siskin = next(p for p in json.load(sys.stdin)["packages"] if p["name"] == "siskin")
print(", ".join(name for name in sorted(siskin["features"]) if name != "default"))'
}
