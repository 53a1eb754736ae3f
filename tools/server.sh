# Sourced by scripts that need a running server: its own port, its own data, gone at the end.
# shellcheck shell=bash

# start_server [ARGUMENT…] starts the executable and sets SITE (its address) and SERVER_PID.
# The data are in $SERVER_DIR; SISKIN_DATABASE_URL names them for other commands.
start_server() {
    SERVER_DIR=$(mktemp -d)
    export SISKIN_DATABASE_URL=sqlite://$SERVER_DIR/siskin.db SISKIN_ADDR=127.0.0.1:0 SISKIN_THROTTLE=off
    trap stop_server EXIT
    run_server "$@"
}

# run_server [ARGUMENT…] starts it on the data that are there.
run_server() {
    "$BIN" serve "$@" >"$SERVER_DIR/log" 2>&1 </dev/null &
    SERVER_PID=$!
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        SITE=$(sed -n 's|.*Siskin is ready at \(http://127\.0\.0\.1:[0-9]*\).*|\1|p' "$SERVER_DIR/log" | head -n 1)
        [ -n "$SITE" ] && return
        kill -0 "$SERVER_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$SERVER_DIR/log" >&2
    die "the server did not become ready: see its log above."
}

# end_server ends it and keeps the data.
end_server() {
    kill "$SERVER_PID" 2>/dev/null || true
    wait "$SERVER_PID" 2>/dev/null || true
}

stop_server() {
    end_server
    rm -rf "$SERVER_DIR"
}

# bearer USERNAME PASSWORD [MORE-KEYS] prints a token.
bearer() {
    curl -fsS -H 'content-type: application/json' -d "{\"username\":\"$1\",\"password\":\"$2\"${3:-}}" "$SITE/api/v1/tokens" |
        sed -E 's/.*"token":"([^"]+)".*/\1/'
}
