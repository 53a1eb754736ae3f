#!/usr/bin/env bash
# What an attacker gains, measured: tests that time things and so have no place among the others.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh rust
step "Neither logging in nor asking for a new password tells whether there is an account" \
    cargo test --locked -p siskin --test security -- --ignored --nocapture --test-threads 1
