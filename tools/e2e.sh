#!/usr/bin/env bash
# The browser tests, against the executable: over SQLite, then over MongoDB and through three servers
# on one database. Arguments go to Playwright; SISKIN_E2E_STORES=sqlite (or mongodb) runs one half.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/mongodb.sh

tools/build.sh
tools/setup.sh browser mail
SISKIN_CHROMIUM=$(tools/chromium.sh)
export SISKIN_CHROMIUM SISKIN_BIN=$BIN SISKIN_SMTPD=$AIOSMTPD_DIR/bin/python
stores=${SISKIN_E2E_STORES:-sqlite mongodb}

# playwright OPTION… runs the tests.
playwright() (cd end2end && npx --no-install playwright test "$@")

(cd end2end && npx --no-install tsc --noEmit) || die "the browser tests do not type-check."
case " $stores " in *" sqlite "*)
    say "Over SQLite"
    playwright "$@"
    ;;
esac
case " $stores " in *" mongodb "*)
    trap stop_mongodb EXIT
    start_mongodb
    say "Over MongoDB, and through three servers on one database"
    SISKIN_E2E_MONGODB=$MONGODB playwright "$@"
    ;;
esac
