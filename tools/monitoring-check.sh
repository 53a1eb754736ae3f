#!/usr/bin/env bash
# What deploy/monitoring and deploy/logs promise, by the tools that operators use:
# monitoring-check.sh [--files | EXECUTABLE]
# The executable is the debug build unless it is named; it needs the cargo feature kafka and, as its disk is made to fail
# by LD_PRELOAD, must not be a static one. With --files no server is started: the rest is among cargo's tests.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh monitoring logs
prefer "$PROMETHEUS_DIR/usr/bin"
cd deploy/monitoring
promtool check config prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal prometheus/alerts.yml
promtool test rules prometheus/alerts_test.yml
amtool check-config alertmanager.yml
cd "$ROOT"
"$LOGS_DIR/bin/python" tools/logs-check.py
[ "${1:-}" != --files ] || exit 0
tools/setup.sh rust kafka mongodb mail
[ $# = 0 ] || export SISKIN_TEST_EXECUTABLE=$1
step "Servers, their faults and their alerts" cargo test --locked -p siskin --features siskin/kafka --test monitoring -- --nocapture
