# Sourced by scripts that need a MongoDB-protocol server: its own port, its own data, gone at the end.
# shellcheck shell=bash

# start_mongodb sets MONGODB, the beginning of addresses: "$MONGODB/DATABASE". It is the server that
# SISKIN_TEST_MONGODB_URL names, or one that is started here.
start_mongodb() {
    if [ -n "${SISKIN_TEST_MONGODB_URL:-}" ]; then
        MONGODB=${SISKIN_TEST_MONGODB_URL%%\?*}
        # Scheme and hosts, without the database.
        MONGODB=$(printf '%s' "$MONGODB" | sed -E 's|^([a-z+]+://[^/]+).*|\1|')
        return
    fi
    tools/setup.sh mongodb
    MONGODB_DIR=$(mktemp -d)
    local port
    port=$("$SECANTUSDB_DIR/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$SECANTUSDB_DIR/bin/secantusd-py" --port "$port" --storage-path "$MONGODB_DIR/data" >"$MONGODB_DIR/log" 2>&1 </dev/null &
    MONGODB_PID=$!
    MONGODB=mongodb://127.0.0.1:$port
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        grep -q listening "$MONGODB_DIR/log" && return
        kill -0 "$MONGODB_PID" 2>/dev/null || break
        sleep 0.05
    done
    cat "$MONGODB_DIR/log" >&2
    die "the MongoDB-protocol server did not start: see its log above."
}

stop_mongodb() {
    [ -n "${MONGODB_PID:-}" ] || return 0
    # Asked to end, it waits for its own threads, now and then for ever; nobody wants its data.
    kill -9 "$MONGODB_PID" 2>/dev/null || true
    wait "$MONGODB_PID" 2>/dev/null || true
    rm -rf "$MONGODB_DIR"
}
