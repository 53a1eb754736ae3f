#!/usr/bin/env bash
# How long backups and restores of a store of many tweets take, and how large they are. Prints a table in Markdown.
#
#   tools/bench/backup.sh SISKIN        (SISKIN_BENCH_TWEETS: how many, 100,000 unless set)
set -euo pipefail
siskin=$(realpath "${1:?give the executable}")
bench=$(realpath "$(dirname "$0")/archive.mjs")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# The archive of the other measurement, which hands it to whatever it takes for siskin.
printf '#!/bin/sh\n[ "$1" = import ] && cp "$2" "%s/many.zst"\nexit 1\n' "$folder" >only-copy
chmod +x only-copy
SISKIN_BENCH_TWEETS=${SISKIN_BENCH_TWEETS:-100000} node "$bench" "$folder/only-copy" >/dev/null 2>&1 || true
export SISKIN_DATABASE_URL="sqlite://$folder/siskin.db"

# measure TITLE FILE COMMAND… prints a row: how long it took, and how large the file is.
measure() {
    local title=$1 file=$2 begun
    shift 2
    begun=$(date +%s%N)
    "$siskin" "$@" >out 2>&1 || { cat out >&2; exit 1; }
    awk -v title="$title" -v ms=$((($(date +%s%N) - begun) / 1000000)) -v bytes="$(stat -c %s "$file")" \
        'BEGIN { printf "| %s | %.1f s | %.1f MB |\n", title, ms / 1000, bytes / 1e6 }'
}

printf '| what | time | size |\n|---|---|---|\n'
measure 'restore from an archive' siskin.db restore many.zst
measure '`siskin backup`' one.db backup one.db
measure '`siskin export`' one.zst export one.zst
measure 'restore from a backup' siskin.db restore --force one.db
measure 'restore half of it, `--until`' siskin.db restore --force --until $((${SISKIN_BENCH_TWEETS:-100000} / 2)) one.db
"$siskin" restore --force one.db >/dev/null
measure '`siskin projections verify`' siskin.db projections verify
measure '`siskin events verify`' siskin.db events verify
