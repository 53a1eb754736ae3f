#!/usr/bin/env bash
# Is deploy/systemd/siskin.service a unit that systemd understands, and is it as closed as we say?
# Where systemd's programs are missing it says so and does nothing: few build machines have them.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# systemd-analyze's exposure, from 0 (closed) to 100.
MOST=20

have systemd-analyze || { say "Not checked: the unit of systemd, as systemd-analyze is missing"; exit; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Whatever is executable may stand for what will be installed.
sed 's|^ExecStart=/usr/bin/siskin|ExecStart=/bin/true|' deploy/systemd/siskin.service >"$folder/siskin.service"
complaints=$(systemd-analyze verify --man=no "$folder/siskin.service" 2>&1) || die "siskin.service: $complaints"
[ -z "$complaints" ] || die "siskin.service: $complaints"
exposure=$(systemd-analyze security --offline=true --no-pager --threshold="$MOST" "$folder/siskin.service" | tail -n 1) ||
    die "siskin.service is too open: $exposure"
say "Checked: the unit of systemd${exposure#→}"
