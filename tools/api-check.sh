#!/usr/bin/env bash
# Checks with schemathesis that the API does what its own description says: no 5xx, no undocumented
# status or type, no body of another shape. As a stranger and as everybody whom it knows. Always the
# same requests; about four minutes in all.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/server.sh

[ -n "${SISKIN_API_CHECK_BIN:-}" ] || tools/build.sh
tools/setup.sh api

# SISKIN_API_CHECK_BIN names another executable, a debug build for example.
BIN=${SISKIN_API_CHECK_BIN:-$BIN}
start_server --demo
# The database has one writer: the accounts are made while it rests.
end_server
export SISKIN_PASSWORD=check-the-api-8
for role in user moderator admin; do
    "$BIN" user add --role "$role" "check.$role" "$role@example.org" >/dev/null
done
run_server

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

# expect TOKEN STATUS PATH: that is what the API answers to it.
expect() {
    local status
    status=$(curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "$SITE$3")
    [ "$status" = "$2" ] || die "GET $3 gave $status instead of $2: the token is not what this check is about."
}

# is WHO TOKEN: the token is theirs and works, which the answers of a stranger's, all of them
# described, would not tell.
is() {
    local moderator=403 admin=403
    case $1 in moderator) moderator=200 ;; admin) moderator=200 admin=200 ;; esac
    expect "$2" 200 /api/v1/sessions
    expect "$2" "$moderator" /api/v1/moderation/log
    expect "$2" "$admin" /api/v1/admin/status
}

# By these an admin, having found their own name and number, would end their account or role on the
# way: they come last.
ENDING=('DELETE /api/v1/users' 'PUT /api/v1/users/{id}/role')

# as TITLE WHO TOKEN. A session that ended would make all that follows a stranger's.
as() {
    local title=$1 who=$2 token=$3
    [ -n "$token" ] || die "there is no token for $title."
    is "$who" "$token"
    check "as $title" 45 -H "Authorization: Bearer $token" --exclude-path /api/v1/tokens/current \
        --exclude-path '/api/v1/sessions/{id}' "${ENDING[@]/#/--exclude-name=}"
    is "$who" "$token"
}

check "as a stranger" 40
for role in user moderator admin; do
    # On a line of its own: as an argument, a failure would be nobody's.
    token=$(bearer "check.$role" "$SISKIN_PASSWORD") || die "check.$role gets no token."
    as "$role" "$role" "$token"
done
token=$(bearer check.admin "$SISKIN_PASSWORD" ',"scopes":["read"]') || die "check.admin gets no token."
as "a token that may only read" user "$token"
for role in user moderator admin; do
    token=$(bearer "check.$role" "$SISKIN_PASSWORD") || die "check.$role gets no token."
    is "$role" "$token"
    check "as $role, who may end themselves" 10 -H "Authorization: Bearer $token" "${ENDING[@]/#/--include-name=}"
done
kill -0 "$SERVER_PID" || die "the server did not survive being checked."
