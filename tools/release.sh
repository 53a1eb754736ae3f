#!/usr/bin/env bash
# Leaves in dist/ what is given to others: one static executable with every cargo feature, completions, manual
# pages, a Debian package, an SBOM, and SHA256SUMS of all of it. The same commit makes the same bytes
# (tools/reproduce.sh shows it). What docs/PACKAGES.md promises is checked at the end by tools/release-check.sh.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/same.sh

[ "$(uname -s)" = Linux ] || die "releases are made on Linux: the executable is linked with musl."
TARGET=$(uname -m)-unknown-linux-musl
tools/setup.sh build release
name_commit
forget_folders
start=$SECONDS

# The pages first: the server has them inside.
say "The front end"
cargo leptos build --release --precompress --split --frontend-only
node tools/same-site.mjs

# C as well as Rust is compiled for musl, whose headers musl-gcc knows. Of librdkafka only the C part is linked.
export CC=musl-gcc CXX=${CXX:-g++}
# The linker is the one that comes with Rust; relative relocations take a hundredth of the usual table (ADR 0023).
# Given for the last step only, so that cargo keeps what it has.
# shellcheck disable=SC2054 # the commas are the linker's
flags=(-Clink-arg=-fuse-ld=lld -Clink-arg=-Wl,-z,pack-relative-relocs,-O2,--build-id=none)
lld=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/gcc-ld
[ ! -x "$lld/ld.lld" ] || flags=("-Clink-arg=-B$lld" "${flags[@]}")

say "The server with $(features_of_server): about 15 minutes from nothing on two cores"
cargo rustc --quiet --locked --release --target "$TARGET" -p siskin --bin siskin --all-features -- "${flags[@]}"

rm -rf dist
mkdir -p dist/completions
install -m 755 "target/$TARGET/release/siskin" dist/siskin
# The image needs no more (deploy/docker/Dockerfile).
[ "${SISKIN_RELEASE:-}" != executable ] || exit 0

say "What goes with it"
dist/siskin completions bash >dist/completions/siskin.bash
dist/siskin completions zsh >dist/completions/_siskin
dist/siskin completions fish >dist/completions/siskin.fish
dist/siskin man --out dist/man
tools/sbom.py "$TARGET" "$(version_of_sources)" dist/siskin >dist/sbom.cdx.json
if have dpkg || tools/setup.sh debian; then tools/deb.sh; else say "No Debian package: dpkg-deb is missing"; fi
(cd dist && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)

tools/release-check.sh
say "dist/ is ready after $((SECONDS - start)) s: $(dist/siskin --version)"
