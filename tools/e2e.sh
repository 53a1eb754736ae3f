#!/usr/bin/env bash
# The browser tests, against the executable. Arguments go to Playwright.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/build.sh
tools/setup.sh browser
SISKIN_CHROMIUM=$(tools/chromium.sh)
export SISKIN_CHROMIUM SISKIN_BIN=$BIN
cd end2end
npx --no-install tsc --noEmit || die "the browser tests do not type-check."
exec npx --no-install playwright test "$@"
