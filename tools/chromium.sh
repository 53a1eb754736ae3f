#!/usr/bin/env bash
# Prints the path of the Chromium for the browser tests, or nothing.
for name in "${SISKIN_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" && exit
done
true
