#!/usr/bin/env bash
# Builds if something changed, then serves with the data in ./data/. Arguments go to `siskin serve`.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/build.sh
say "Starting at http://${SISKIN_ADDR:-127.0.0.1:3000}, data in ${SISKIN_DATABASE_URL:-sqlite://data/siskin.db}; Ctrl-C stops it"
exec "$BIN" serve "$@"
