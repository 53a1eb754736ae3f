#!/usr/bin/env bash
# Format, dependencies and lints. The front end is checked for the browser's target, the rest for this machine.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh rust kafka
step "Format" cargo fmt --all --check
step "Dependencies" tools/deny.sh
step "Clippy: rules, pages and server" cargo clippy --quiet --locked --workspace --exclude siskin-frontend --features siskin/kafka,siskin/otlp --all-targets -- -D warnings
step "Clippy: pages for the browser" cargo clippy --quiet --locked -p siskin-frontend --target wasm32-unknown-unknown -- -D warnings
step "The unit of systemd" tools/unit-check.sh
