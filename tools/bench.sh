#!/usr/bin/env bash
# Measures Siskin against raw axum in the same run: about eight minutes on an otherwise quiet machine.
# The table goes to standard output and to target/bench.md; fails if a number is missed.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/build.sh
tools/setup.sh bench browser
say "Building the baseline: raw axum (a minute, once)"
CARGO_TARGET_DIR=$ROOT/target/baseline cargo build --quiet --locked --release --manifest-path tools/bench/baseline/Cargo.toml
say "Weighing the first page in a browser"
rm -f target/first-page.txt
tools/e2e.sh budget --project desktop-light --reporter line >target/budget.log 2>&1 || [ -s target/first-page.txt ] || { cat target/budget.log >&2; die "the first page could not be weighed."; }
say "Measuring"
status=0
node tools/bench/main.mjs "$BIN" "$ROOT/target/baseline/release/siskin-baseline" "$ROOT/target/first-page.txt" >target/bench.md || status=$?
say "Measuring what seeing inside costs"
node tools/bench/telemetry.mjs "$BIN" >>target/bench.md || status=$?
say "Moving a store of ${SISKIN_BENCH_TWEETS:-1,000,000} tweets"
node tools/bench/archive.mjs "$BIN" >>target/bench.md || status=$?
say "Starting on a million tweets of the first schema"
cargo test --quiet --locked -p siskin --features kafka --test upgrade -- --ignored --nocapture || status=$?
cat target/bench.md
exit "$status"
