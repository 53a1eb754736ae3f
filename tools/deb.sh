#!/usr/bin/env bash
# Makes dist/siskin_VERSION_ARCHITECTURE.deb of what tools/release.sh has put into dist/. Needs dpkg-deb only.
# The same files give the same bytes: owners, modes, order and times are set here.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. tools/same.sh

have dpkg-deb || tools/setup.sh debian
name_commit
umask 022
version=$(version_of_sources)
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/siskin

# place MODE FILE PATH puts a file where it will be installed.
place() { install -D -m "$1" "$2" "$root/$3"; }
# packed FILE PATH the same, compressed as Debian wants documentation to be.
packed() { mkdir -p "$root/$(dirname "$2")" && gzip -9nc "$1" >"$root/$2" && chmod 644 "$root/$2"; }

place 755 dist/siskin usr/bin/siskin
place 644 deploy/systemd/siskin.service usr/lib/systemd/system/siskin.service
# Secrets may be written into it.
place 640 deploy/systemd/siskin.env etc/siskin/siskin.env
place 644 dist/completions/siskin.bash usr/share/bash-completion/completions/siskin
place 644 dist/completions/_siskin usr/share/zsh/vendor-completions/_siskin
place 644 dist/completions/siskin.fish usr/share/fish/vendor_completions.d/siskin.fish
for page in dist/man/*.1; do packed "$page" "usr/share/man/man1/${page##*/}.gz"; done
packed dist/sbom.cdx.json usr/share/doc/siskin/sbom.cdx.json.gz
place 644 deploy/debian/copyright usr/share/doc/siskin/copyright
place 644 deploy/debian/lintian-overrides usr/share/lintian/overrides/siskin
cat >"$stage/changelog" <<END
siskin ($version) stable; urgency=medium

  * Built from commit $SISKIN_COMMIT; its log says what changed.

 -- The Siskin authors <siskin@example.org>  $(LC_ALL=C date -u -d "@$SISKIN_COMMIT_TIME" -R)
END
packed "$stage/changelog" usr/share/doc/siskin/changelog.gz

mkdir "$root/DEBIAN"
size=$(du -sk --apparent-size "$root" | cut -f 1)
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" deploy/debian/control >"$root/DEBIAN/control"
echo /etc/siskin/siskin.env >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "deploy/debian/$script" "$root/DEBIAN/$script"; done
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
find "$root" -exec touch -h -d "@$SISKIN_COMMIT_TIME" {} +

package=dist/siskin_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$root" "$package" >/dev/null
say "Packed $package ($(du -h "$package" | cut -f 1))"
