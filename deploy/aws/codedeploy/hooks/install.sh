#!/bin/sh
# Installs the package of the bundle, if it is whole. Not over a newer one that the machine was born with: CodeDeploy gives
# its last revision to every new server, and boot.sh may have brought a later version. Over a newer one that CodeDeploy itself
# has put there it does: that is the way back.
set -eu
cd /var/lib/siskin-deploy

sha256sum --check --quiet SHA256SUMS
version=$(dpkg-deb --field siskin.deb Version)
there=$(dpkg-query --show --showformat '${Version}' siskin 2>/dev/null || true)
if [ -n "$there" ] && dpkg --compare-versions "$there" gt "$version" && [ "$there" != "$(cat by-codedeploy 2>/dev/null)" ]; then
    echo "siskin $there stays, which this server was started with: it is newer than the $version of this deployment"
    exit 0
fi
# Before it is there: half an installation is CodeDeploy's, too.
echo "$version" >by-codedeploy
# Settings that somebody has changed stay as they are.
dpkg --force-confold --install siskin.deb
