#!/usr/bin/env bash
# Runs CodeDeploy's hooks in a root of their own, in CodeDeploy's order, with a real package and the real dpkg. Only
# systemd and Siskin are stand-ins, which write down that they were called. Usage: codedeploy-test.sh [TREE]
set -euo pipefail
hooks=$(cd "${1:-.}/deploy/aws/codedeploy" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
calls=$work/calls
touch "$calls"

die() { echo "codedeploy-test: $*" >&2; exit 1; }
# stand_in NAME SCRIPT
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }

mkdir -p "$work/bin" "$root"/var/lib/dpkg/{info,updates} "$root/tmp"
touch "$root"/var/lib/dpkg/{status,available}
stand_in systemctl "echo \"systemctl \$*\" >>'$calls'; [ \"\$1\" != cat ] || [ -e '$root/usr/bin/siskin' ]"
stand_in journalctl "echo \"journalctl \$*\" >>'$calls'"
stand_in sleep ":"
stand_in siskin "echo \"siskin \$*\" >>'$calls'; [ -e '$work/healthy' ]"
# The real one, into that root.
stand_in dpkg-query "exec /usr/bin/dpkg-query --admindir='$root/var/lib/dpkg' \"\$@\""
stand_in dpkg "exec /usr/bin/dpkg --root='$root' --force-not-root --force-script-chrootless --log=/dev/null \"\$@\""

# package VERSION makes the package and its sums, as bundle.sh does.
package() {
    rm -rf "$work/stage"
    mkdir -p "$work/stage/DEBIAN" "$work/stage/usr/bin" "$work/bundle"
    printf 'Package: siskin\nVersion: %s\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: test\n' "$1" >"$work/stage/DEBIAN/control"
    echo "$1" >"$work/stage/usr/bin/siskin"
    dpkg-deb --root-owner-group --build "$work/stage" "$work/siskin.deb" >/dev/null
    sh "$hooks/bundle.sh" "$work/siskin.deb" "$work/bundle.zip" >/dev/null
    rm -rf "$work/bundle"
    python3 -c 'import shutil, sys; shutil.unpack_archive(*sys.argv[1:])' "$work/bundle.zip" "$work/bundle"
}

# deploy runs what CodeDeploy runs. The bundle goes where appspec.yml says; the hooks find it by its path in the root.
deploy() {
    local destination=$work/var/lib/siskin-deploy hook
    # What the bundle before has left is replaced; what hooks have left stays.
    mkdir -p "$destination"
    cp "$work"/bundle/{siskin.deb,SHA256SUMS} "$destination/"
    for hook in stop install start validate; do
        # Unpacked by Python, which forgets modes; CodeDeploy's agent makes hooks executable itself.
        sed "s|/var/lib/siskin-deploy|$destination|" "$work/bundle/hooks/$hook.sh" >"$work/hook.sh"
        PATH=$work/bin:$PATH VALIDATE_TRIES=3 sh "$work/hook.sh" >>"$work/log" 2>&1 || return 1
    done
}
installed() { cat "$root/usr/bin/siskin" 2>/dev/null || echo nothing; }

# The first installation: there is nothing to stop.
touch "$work/healthy"
package 1.0
deploy || die "the first deployment failed"
[ "$(installed)" = 1.0 ] || die "version 1.0 is not installed, but $(installed)"
! grep -q 'systemctl stop' "$calls" || die "something was stopped that was not there"
grep -q 'siskin health' "$calls" || die "nobody asked whether it is ready"

# An update: stopped, installed, started, asked; in that order.
: >"$calls"
package 2.0
deploy || die "the update failed"
[ "$(installed)" = 2.0 ] || die "version 2.0 is not installed, but $(installed)"
want="systemctl cat siskin.service
systemctl stop siskin.service
systemctl daemon-reload
systemctl restart siskin.service
siskin health"
[ "$(cat "$calls")" = "$want" ] || die "called in another order: $(cat "$calls")"

# A package that is not whole is not installed.
package 3.0
echo broken >>"$work/bundle/siskin.deb"
if deploy >/dev/null 2>&1; then die "a broken package was deployed"; fi
[ "$(installed)" = 2.0 ] || die "a broken package was installed"

# A version that does not get ready fails the deployment, and CodeDeploy puts the last one back.
package 4.0
rm "$work/healthy"
if deploy >/dev/null 2>&1; then die "a server that is not ready counted as deployed"; fi
[ "$(installed)" = 4.0 ] || die "version 4.0 is not installed, but $(installed)"
touch "$work/healthy"
package 2.0
deploy || die "the way back failed"
[ "$(installed)" = 2.0 ] || die "the way back does not lead to 2.0, but to $(installed)"

# A new server that was started with a later version keeps it, and says so; with an earlier one it gets CodeDeploy's.
born() {
    package "$1"
    rm -rf "$work/var/lib/siskin-deploy"
    PATH=$work/bin:$PATH dpkg --install "$work/siskin.deb" >/dev/null 2>&1
    [ "$(installed)" = "$1" ] || die "the server was to be born with $1"
}
born 5.0
package 2.0
: >"$work/log"
deploy || die "a deployment to a server that is newer failed"
[ "$(installed)" = 5.0 ] || die "a deployment has put $(installed) over a newer version"
grep -q 'siskin 5.0 stays' "$work/log" || die "the log does not say that 5.0 stays: $(cat "$work/log")"
package 6.0
deploy || die "the update of that server failed"
[ "$(installed)" = 6.0 ] || die "that server was not updated, but has $(installed)"
born 1.0
package 2.0
deploy || die "a deployment to a server that is older failed"
[ "$(installed)" = 2.0 ] || die "a server that was older has $(installed)"
echo "eight deployments went as they should"
