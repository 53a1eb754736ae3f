#!/usr/bin/env bash
# Checks the tree of dependencies against deny.toml: licences, two versions of one thing, sources,
# and known holes. Needs no network once the crates are there, but for the database of holes: where
# it can't be had, that is said, and SISKIN_REQUIRE_ADVISORIES=1 makes it a failure.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh deny

# What is there is not asked for again: the registry may be out of reach.
offline=
cargo metadata --quiet --locked --offline --format-version 1 >/dev/null 2>&1 && offline=--offline

# deny SUBCOMMAND… with lints for exceptions that nobody needs any more.
deny() { cargo deny --locked ${offline:+"$offline"} check --hide-inclusion-graph -D unmatched-skip -D unnecessary-skip "$@"; }

deny licenses bans sources || die "deny.toml forbids something in the tree of dependencies: see above, choose another crate, or write the exception with its reason there."

fetched=0
timeout 120 cargo deny fetch db >"$SISKIN_TOOLS/deny.log" 2>&1 || fetched=$?
if [ "$fetched" != 0 ] && ! cargo deny --locked --offline check advisories >>"$SISKIN_TOOLS/deny.log" 2>&1 &&
    grep -q 'failed to .*advisory database' "$SISKIN_TOOLS/deny.log" && ! grep -q '^error\[' "$SISKIN_TOOLS/deny.log"; then
    [ "${SISKIN_REQUIRE_ADVISORIES:-}" != 1 ] ||
        die "SISKIN_REQUIRE_ADVISORIES is 1, and RustSec's database can't be fetched from https://github.com/RustSec/advisory-db: give this machine a way there."
    say "NOT CHECKED: known holes in dependencies. RustSec's database can't be fetched from https://github.com/RustSec/advisory-db, and there is no copy of it here."
    exit 0
fi
[ "$fetched" = 0 ] || say "RustSec's database can't be fetched now: checking against the copy of it that is here."
# The database was just fetched, or is as new as it gets.
cargo deny --locked --offline check --hide-inclusion-graph advisories ||
    die "a dependency has a known hole, or nobody looks after it: see above, update it, or write the exception with its reason in deny.toml."
