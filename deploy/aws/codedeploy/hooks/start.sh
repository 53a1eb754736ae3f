#!/bin/sh
# Starts the new version. Installing may have started it already.
set -eu

systemctl daemon-reload
systemctl restart siskin.service
