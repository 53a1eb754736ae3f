#!/usr/bin/env bash
# Feeds every parser of what comes from outside with inputs that libFuzzer invents: fuzz.sh [TARGET…]
# FUZZ_SECONDS (600) for each. A crash stops it and leaves its input in fuzz/artifacts/; put that into
# fuzz/corpus/TARGET/ with the mending, and the ordinary tests feed it for ever.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh rust kafka
SECONDS_EACH=${FUZZ_SECONDS:-600}
case $SECONDS_EACH in '' | *[!0-9]*) die "FUZZ_SECONDS is '$SECONDS_EACH': set it to a number of seconds." ;; esac

# What cargo-fuzz passes, as far as stable Rust has it: our code has no unsafe block that a sanitizer
# could say something about.
export CARGO_TARGET_DIR=$ROOT/fuzz/target
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=16"
host=$(rustc -vV | sed -n 's/^host: //p')
# The same versions as the server's; only libFuzzer comes on top.
cp Cargo.lock fuzz/Cargo.lock
# With a target named, what runs while building is not instrumented.
step "Building the fuzz targets" cargo build --quiet --release --target "$host" --manifest-path fuzz/Cargo.toml

# shellcheck disable=SC2046 # names of targets are words
[ $# -gt 0 ] || set -- $(ls fuzz/corpus)
for target in "$@"; do
    [ -d "fuzz/corpus/$target" ] || die "there is no fuzz target '$target': fuzz/corpus/ has $(ls -m fuzz/corpus)."
    mkdir -p "fuzz/found/$target" "fuzz/artifacts/$target"
    step "Fuzzing $target for $SECONDS_EACH s" \
        "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$SECONDS_EACH" -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="fuzz/artifacts/$target/" "fuzz/found/$target" "fuzz/corpus/$target"
done
