#!/usr/bin/env bash
# What deploy/monitoring and deploy/logs promise, by the tools that operators use: monitoring-check.sh [EXECUTABLE]
# The executable is the debug build unless it is named; it needs the cargo feature kafka.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh monitoring kafka mongodb mail logs
prefer "$PROMETHEUS_DIR/usr/bin"
[ $# = 0 ] || export SISKIN_TEST_EXECUTABLE=$1
cd deploy/monitoring
promtool check config prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal prometheus/alerts.yml
promtool test rules prometheus/alerts_test.yml
amtool check-config alertmanager.yml
cd "$ROOT"
"$LOGS_DIR/bin/python" tools/logs-check.py
step "Servers, their faults and their alerts" cargo test --locked -p siskin --features siskin/kafka --test monitoring -- --nocapture
