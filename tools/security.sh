#!/usr/bin/env bash
# What an attacker gains, measured: tests that time things and so have no place among the others.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh rust bench
step "Neither logging in nor asking for a new password tells whether there is an account" \
    cargo test --locked -p siskin --test security -- --ignored --nocapture --test-threads 1
tools/build.sh
step "Slow clients, overload and a flood of log-ins cost the others little" \
    node tools/security/pressure.mjs "$BIN"
