#!/usr/bin/env bash
# What the browser downloads, file by file: as it is, with gzip, with brotli. What the first page
# takes of it is measured and limited by end2end/tests/budget.spec.ts.
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/build.sh
[ -d target/site/pkg ] || die "target/site is not there: run 'make clean build'."
bytes() { if [ -f "$1" ]; then wc -c <"$1"; else echo -; fi; }
printf '%10s %10s %10s  %s\n' raw gzip brotli file
for file in target/site/pkg/*; do
    case $file in
        *.br | *.gz) ;;
        *) printf '%10s %10s %10s  %s\n' "$(bytes "$file")" "$(bytes "$file.gz")" "$(bytes "$file.br")" "${file#target/site/}" ;;
    esac
done | sort -k 3,3nr
