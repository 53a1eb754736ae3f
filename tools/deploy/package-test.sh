#!/usr/bin/env bash
# Installs, upgrades, removes and purges the Debian package in a root of its own, so that its scripts run: made by the real
# tools/deb.sh around an executable that is none, by the real dpkg and deb-systemd-helper. Only what talks to a running
# systemd is a stand-in, which writes down that it was called. Usage: package-test.sh [TREE]
set -euo pipefail
tree=$(cd "${1:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
calls=$work/calls

die() { echo "package-test: $*" >&2; exit 1; }
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
# Into that root, with its scripts outside of a chroot: there is no shell in it. They know it as DPKG_ROOT.
dpkg_there() {
    : >"$calls"
    PATH=$work/bin:$PATH dpkg --root="$root" --force-not-root --force-script-chrootless --force-confold --log=/dev/null "$@" >"$work/said" 2>&1 ||
        { cat "$work/said" >&2; die "dpkg $* failed"; }
}
# called WHAT: the service was told that, and nothing else.
called() { [ "$(grep '^invoke' "$calls" || true)" = "$1" ] || die "after $2 the service was told '$(cat "$calls")', not '$1'"; }
wanted() { [ -L "$root/etc/systemd/system/multi-user.target.wants/siskin.service" ]; }

mkdir -p "$work/bin" "$root"/var/lib/dpkg/{info,updates} "$root"/run/systemd/system "$root/tmp"
touch "$root"/var/lib/dpkg/{status,available} "$calls"
stand_in systemctl "echo \"systemctl \$*\" >>'$calls'"
stand_in deb-systemd-invoke "echo \"invoke \$*\" >>'$calls'"

# package VERSION makes it, of what the tree has in deploy/.
package() {
    rm -rf "$work/tree"
    mkdir -p "$work"/tree/{tools,dist/completions,dist/man}
    cp -R "$tree/deploy" "$work/tree/"
    cp "$tree"/tools/{deb,env,same}.sh "$work/tree/tools/"
    sed "0,/^version = .*/s//version = \"$1\"/" "$tree/Cargo.toml" >"$work/tree/Cargo.toml"
    touch "$work/tree/Cargo.lock"
    (
        cd "$work/tree"
        printf '#!/bin/sh\necho %s\n' "$1" | tee dist/siskin dist/completions/{siskin.bash,_siskin,siskin.fish} dist/man/siskin.1 dist/sbom.cdx.json >/dev/null
        [ "$1" = 1.0.0 ] || echo "# of $1" >>deploy/systemd/siskin.env
        tools/deb.sh >/dev/null
    )
    mv "$work"/tree/dist/*.deb "$work/$1.deb"
}

package 1.0.0
dpkg_there --install "$work/1.0.0.deb"
called 'invoke start siskin.service' 'the installation'
wanted || die "the service is not enabled"
[ "$(stat -c %a "$root/etc/siskin/siskin.env")" = 640 ] || die "others can read the settings"

# People write something, and somebody changes a setting.
mkdir -p "$root/var/lib/siskin" && echo tweets >"$root/var/lib/siskin/siskin.db"
echo 'SISKIN_REGISTRATION=invite' >>"$root/etc/siskin/siskin.env"

package 2.0.0
dpkg_there --install "$work/2.0.0.deb"
called 'invoke restart siskin.service' 'the upgrade'
[ "$("$root/usr/bin/siskin")" = 2.0.0 ] || die "the upgrade has left $("$root/usr/bin/siskin")"
grep -q '^SISKIN_REGISTRATION=invite$' "$root/etc/siskin/siskin.env" || die "the upgrade has forgotten a setting"

# Whoever has disabled the service finds it disabled after an upgrade.
rm "$root/etc/systemd/system/multi-user.target.wants/siskin.service"
dpkg_there --install "$work/2.0.0.deb"
! wanted || die "an upgrade has enabled a service that was disabled"

dpkg_there --remove siskin
called 'invoke stop siskin.service' 'the removal'
[ ! -e "$root/usr/bin/siskin" ] || die "the executable is still there"
[ -e "$root/etc/siskin/siskin.env" ] || die "the removal has taken the settings"
[ -e "$root/var/lib/siskin/siskin.db" ] || die "the data are gone"

# It comes back, started (dpkg knows the old settings: restarted) and not masked.
dpkg_there --install "$work/2.0.0.deb"
called 'invoke restart siskin.service' 'the second installation'
[ ! -L "$root/etc/systemd/system/siskin.service" ] || die "the service is masked"

dpkg_there --purge siskin
called 'invoke stop siskin.service' 'the purge'
[ ! -e "$root/etc/siskin/siskin.env" ] || die "the purge has left the settings"
[ -e "$root/var/lib/siskin/siskin.db" ] || die "the data are gone"
grep -q 'the store in /var/lib/siskin is left' "$work/said" || die "nobody is told that the data are still there"
! find "$root/etc/systemd/system" "$root/var/lib/systemd" -name 'siskin*' 2>/dev/null | grep . || die "the purge has left something of the service"
echo "installed, upgraded, removed and purged as it should be"
