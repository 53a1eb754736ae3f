#!/usr/bin/env bash
# All tests, from fast to slow. The browser's and the API's run against the real executable.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh rust kafka mongodb mail proxy monitoring
step "Rules, pages, both stores, HTTP, mail, crashes, Kafka, traces (cargo test)" cargo test --locked --workspace --exclude siskin-frontend --features siskin/kafka,siskin/otlp
step "Pages compile for the browser (clippy)" cargo clippy --quiet --locked -p siskin-frontend --target wasm32-unknown-unknown -- -D warnings
step "Names of what browsers keep (node --test)" node --test tools/same-site.test.mjs
step "Deployment files (linters)" tools/deploy-check.sh
step "Deployment files: the linters can fail" tools/deploy-check.sh --self-test
step "Alerts, and what becomes of logs (promtool, amtool, Logstash's grammar)" tools/monitoring-check.sh --files
step "The executable" tools/build.sh
step "The API keeps to its description (schemathesis)" tools/api-check.sh
step "A person in a browser (Playwright)" tools/e2e.sh
