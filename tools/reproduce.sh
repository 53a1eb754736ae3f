#!/usr/bin/env bash
# Makes the release of this commit once more, in another folder, at another time, in another time zone, and compares
# everything in dist/ byte for byte (`make release` first). 15 to 30 minutes: nothing is taken over but cargo's
# downloads and the tools.
set -euo pipefail
. "$(dirname "$0")/env.sh"

[ -f dist/SHA256SUMS ] || die "dist/ is not there: run 'make release' first."
[ -z "$(git status --porcelain)" ] || die "there are changes that are in no commit: another folder could not have them."
folder=$(mktemp -d)
elsewhere=$folder/quite/another/place
trap 'rm -rf "$folder"' EXIT
git clone --quiet --no-hardlinks . "$elsewhere"

say "Building the release of $(git rev-parse --short HEAD) again in $elsewhere"
(
    cd "$elsewhere"
    umask 027
    env -u SISKIN_COMMIT -u SISKIN_COMMIT_DATE -u SISKIN_COMMIT_TIME -u SOURCE_DATE_EPOCH TZ=Pacific/Auckland LC_ALL=C tools/release.sh
)
if ! difference=$(diff dist/SHA256SUMS "$elsewhere/dist/SHA256SUMS"); then
    rm -rf target/elsewhere
    mkdir -p target && mv "$elsewhere/dist" target/elsewhere
    die "not the same bytes (the other ones are in target/elsewhere): $difference"
fi
say "The same $(wc -l <dist/SHA256SUMS) files, byte for byte"
