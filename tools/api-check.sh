#!/usr/bin/env bash
# Checks with schemathesis that the API does what its own description says: no 5xx, no undocumented
# status or type, no body of another shape. Once as a stranger, once signed in. Always the same requests.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/server.sh

tools/build.sh
tools/setup.sh api

start_server --demo
export SISKIN_PASSWORD=check-the-api-8
# The database has one writer: the account is made over HTTP, as any client would.
curl -fsS -o /dev/null -H 'content-type: application/json' \
    -d "{\"username\":\"checker\",\"email\":\"checker@example.org\",\"password\":\"$SISKIN_PASSWORD\"}" "$SITE/api/v1/users"
token=$(bearer checker "$SISKIN_PASSWORD")

# check TITLE SECONDS OPTION… The stream never ends, so it has tests of its own.
check() {
    local title=$1 seconds=$2
    shift 2
    say "schemathesis, $title: at most about $seconds s"
    # Its configuration is looked for in the working directory: ours is on the command line.
    (cd "$SERVER_DIR" && timeout $((seconds * 2)) "$SCHEMATHESIS_DIR/bin/schemathesis" run "$SITE/api/openapi.json" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --exclude-path /api/v2/stream --phases examples,coverage,fuzzing,stateful --max-examples 30 --max-time "$seconds" \
        --generation-deterministic --no-shrink \
        --request-timeout 10 --continue-on-failure --warnings off --no-color "$@") ||
        { tail -n 20 "$SERVER_DIR/log" >&2; die "the API does not keep to its description ($title)."; }
}

check "as a stranger" 60
# Logging out would make all that follows a stranger's again.
check "signed in" 80 -H "Authorization: Bearer $token" --exclude-path /api/v1/tokens/current \
    --exclude-path '/api/v1/sessions/{id}'
kill -0 "$SERVER_PID" || die "the server did not survive being checked."
