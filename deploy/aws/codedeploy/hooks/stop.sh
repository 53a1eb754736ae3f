#!/bin/sh
# Lets the server finish what it has: SIGTERM, its drain, its last commit (systemd waits for it).
# CodeDeploy runs the hook of the version that is installed, so it must do on a server that has none yet.
set -eu

if systemctl cat siskin.service >/dev/null 2>&1; then
    systemctl stop siskin.service
fi
