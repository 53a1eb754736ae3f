#!/bin/sh
# Asks the server whether it is ready, for a minute. If it isn't, CodeDeploy stops here, with the other servers
# as they were, and puts the last version back.
set -eu

tries=${VALIDATE_TRIES:-30}
while [ "$tries" -gt 0 ]; do
    if siskin health; then
        exit 0
    fi
    tries=$((tries - 1))
    sleep 2
done
journalctl --unit siskin.service --lines 50 --no-pager >&2 || true
echo "siskin is not ready" >&2
exit 1
