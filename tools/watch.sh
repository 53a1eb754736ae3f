#!/usr/bin/env bash
# Rebuilds and reloads the page while you edit. Development profiles: quick to build, not small.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh build
say "Watching: the first build takes a few minutes, then save a file and look at http://127.0.0.1:3000"
exec cargo leptos watch --split -- serve "$@"
