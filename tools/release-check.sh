#!/usr/bin/env bash
# Holds dist/ to what docs/PACKAGES.md says of it. Fails with one sentence.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/same.sh

# The promise: 40 MB, as disks are sold.
MOST=40000000
BIN=$ROOT/dist/siskin
. tools/server.sh

[ -x "$BIN" ] || die "dist/siskin is not there: run 'make release'."
passed() { say "Checked: $*"; }

size=$(wc -c <"$BIN")
[ "$size" -le "$MOST" ] || die "dist/siskin has $size bytes, more than $MOST."
passed "$size bytes, of $MOST"

# Nothing asks for a loader or a library, and the code is where the kernel likes (ASLR), the stack not executable.
headers=$(readelf --wide --program-headers --dynamic "$BIN")
! grep -Eq 'INTERP|\(NEEDED\)' <<<"$headers" || die "dist/siskin is not static: readelf -ld shows what it asks for."
grep -Eq 'Elf file type is DYN' <<<"$headers" || die "dist/siskin is not position independent."
grep -E 'GNU_STACK' <<<"$headers" | grep -qv E || die "dist/siskin has an executable stack."
grep -q GNU_RELRO <<<"$headers" || die "dist/siskin leaves its relocations writable."
passed "static, position independent"

version=$(env -i "$BIN" --version)
name_commit
[ "$version" = "siskin $(version_of_sources) ($SISKIN_COMMIT${SISKIN_COMMIT_DATE:+, $SISKIN_COMMIT_DATE})" ] || die "dist/siskin says '$version', not the commit $SISKIN_COMMIT."
passed "$version"

# No folder of this machine in it.
for trace in "$ROOT" "${CARGO_HOME:-$HOME/.cargo}" "${RUSTUP_HOME:-$HOME/.rustup}"; do
    ! grep -aqF "$trace/" "$BIN" || die "dist/siskin names $trace: somebody's folders are in it."
done
passed "names no folder of this machine"

# It serves everything from an empty folder, with an empty environment and without a file system to speak of.
work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
cd "$work"
start_server --demo
python3 - "$SITE" "$BIN" <<'END'
import gzip, re, subprocess, sys, urllib.request
site, executable = sys.argv[1:]
def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(site + path, headers=headers)) as answer:
        return answer.headers, answer.read()
_, page = get("/")
page = page.decode()
assert "data-tweet" in page or "<article" in page, "the page shows no tweet"
names = set(re.findall(r"/pkg/[\w.-]+", page))
assert any(n.endswith(".css") for n in names) and any(n.endswith(".wasm") for n in names), names
for name in sorted(names):
    plain = get(name)[1]
    headers, packed = get(name, **{"Accept-Encoding": "gzip"})
    assert plain and (gzip.decompress(packed) if headers["Content-Encoding"] == "gzip" else packed) == plain, name
    assert get(name, **{"Accept-Encoding": "br"})[0]["Content-Encoding"] == "br", name
assert get("/readyz")[1] == b"ok\n"
subprocess.run([executable, "health", "--url", site], check=True, stdout=subprocess.DEVNULL)
END
cd "$ROOT"
passed "serves pages, script, WebAssembly and style from an empty folder; siskin health finds it ready"

(cd dist && sha256sum --check --quiet SHA256SUMS) || die "SHA256SUMS are of other files."
[ "$(find dist -type f | wc -l)" = $(($(wc -l <dist/SHA256SUMS) + 1)) ] || die "SHA256SUMS leaves files out."
passed "SHA256SUMS"

for page in dist/man/*.1; do
    complaints=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null) || have man || break
    [ -z "$complaints" ] || die "$page: $complaints"
done
bash -n dist/completions/siskin.bash || die "dist/completions/siskin.bash is no bash."
passed "manual pages and completions"

tools/sbom-check.sh dist/sbom.cdx.json
passed "the SBOM, against CycloneDX's schema"

for package in dist/*.deb; do
    [ -e "$package" ] || continue
    have lintian || tools/setup.sh debian
    # As Debian looks at what is uploaded, but for the bug that an upload would close.
    lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$package" || die "lintian complains of $package."
    dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/bin/siskin | cmp - "$BIN" || die "$package holds another executable."
    passed "$package, by lintian"
done
tools/unit-check.sh
