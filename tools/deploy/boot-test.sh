#!/usr/bin/env bash
# Runs the start scripts of servers in a root of their own. What the cloud would answer is answered by stand-ins: of
# commands (aws, systemctl …), and for Azure by a small server, so that its own way to a token is gone for real.
# Usage: boot-test.sh [TREE]
set -euo pipefail
tree=$(cd "${1:-.}" && pwd)
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
calls=$work/calls

die() { echo "boot-test: $*" >&2; exit 1; }
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
# says FILE TEXT wants a line with the text in a file of the root.
says() { grep -q -F -- "$2" "$work/root$1" || { cat "$work/root$1" >&2; die "$1 does not say: $2"; }; }

mkdir -p "$work/bin"
echo "the package" >"$work/siskin.deb"
sum=$(sha256sum "$work/siskin.deb" | cut -d ' ' -f 1)
address=mongodb+srv://siskin:hidden@cluster.example.net/siskin
mail=smtps://siskin:hidden@mail.example.net

stand_in snap :
stand_in sleep :
stand_in dpkg "echo \"dpkg \$*\" >>'$calls'"
stand_in systemctl "echo \"systemctl \$*\" >>'$calls'"
stand_in curl "echo \"curl \$*\" >>'$calls'; case \"\$*\" in */readyz) [ -e '$work/ready' ] ;; *instance-id) echo i-1 ;; *) echo token ;; esac"
stand_in aws "echo \"aws \$*\" >>'$calls'
case \"\$1 \$2\" in
    's3 cp') cp '$work/siskin.deb' \"\$5\" ;;
    'secretsmanager get-secret-value') case \"\$4\" in arn:secret) echo '$address' ;; siskin/smtp-url) echo '$mail' ;; *) exit 1 ;; esac ;;
esac"

# boot CLOUD NAME=VALUE… runs its script after these assignments, with all its folders in an empty root.
boot() {
    local cloud=$1
    shift
    rm -rf "$work/root" && : >"$calls"
    mkdir -p "$work/root"/{etc/systemd/system,etc/logrotate.d,usr/local/sbin,root,var/log,run/siskin-secrets}
    {
        printf '%s\n' "$@"
        sed -E "s#(^|[^[:alnum:]/])/(etc|usr/local/sbin|root|var/log)/#\1$work/root/\2/#g; s#/snap/bin#$work/bin#g; s#/run/siskin-secrets#$work/root&#g; s#http://169.254.169.254#${IMDS:-&}#g" \
            "$tree/deploy/$cloud/boot.sh"
    } >"$work/boot.sh"
    PATH=$work/bin:$work/root/usr/local/sbin:$PATH bash "$work/boot.sh" >"$work/said" 2>&1
}
# works NAME CLOUD: what both leave behind.
works() {
    local dropin=/etc/systemd/system/siskin.service.d/$2.conf
    says "$dropin" 'Environment=SISKIN_DATABASE_URL_FILE=%d/database_url'
    says "$dropin" 'Environment=SISKIN_PUBLIC_URL=https://tweets.example.org'
    says "$dropin" 'Environment=SISKIN_TRUSTED_PROXIES=10.0.0.0/24'
    says "$dropin" 'Wants=siskin-secrets.service'
    says "$dropin" 'LoadCredential=smtp-url:'
    says "$dropin" 'Environment=SISKIN_METRICS_ADDR=0.0.0.0:9464'
    says /etc/siskin/siskin.env 'SISKIN_MAIL_FROM=Siskin <siskin@example.org>'
    says /etc/siskin/siskin.env 'SISKIN_PUBLIC=false'
    grep -q '^dpkg --force-confold --install ' "$calls" || die "$1: the package was not installed"
    # The secret is fetched by the unit before each start; here by us.
    PATH=$work/bin:$work/root/usr/local/sbin:$PATH sh "$work/root/usr/local/sbin/siskin-secrets" 2>>"$work/said" || die "$1: no secret"
    says /run/siskin-secrets/database_url "$address"
    says /run/siskin-secrets/smtp-url "$mail"
    [ "$(stat -c %a "$work/root/run/siskin-secrets/database_url")" = 600 ] || die "$1: others can read the secret"
    ! grep -r -q -F -e "$address" -e "$mail" "$work/root/etc" "$work/root/usr" "$work/root/var" || die "$1: a secret is on the disk"
}
common=("PUBLIC_URL='https://tweets.example.org'" "TRUSTED_PROXIES='10.0.0.0/24'")
settings=("SECRETS='smtp-url'" "METRICS_FROM='10.0.0.0/16'" "SETTINGS='SISKIN_MAIL_FROM=Siskin <siskin@example.org>
SISKIN_PUBLIC=false'")
# What nobody says anything about: no metrics, no settings, no secrets but the database's.
nothing=("SECRETS=''" "METRICS_FROM=''" "SETTINGS=''")
# plain NAME CLOUD: what that leaves.
plain() {
    ! grep -q 'SISKIN_METRICS_ADDR' "$work/root/etc/systemd/system/siskin.service.d/$2.conf" || die "$1: metrics that nobody asked for"
    [ "$(grep -c LoadCredential "$work/root/etc/systemd/system/siskin.service.d/$2.conf")" = 1 ] || die "$1: more than one secret"
    ! grep -q '^SISKIN' "$work/root/etc/siskin/siskin.env" || die "$1: settings that nobody gave"
    PATH=$work/bin:$work/root/usr/local/sbin:$PATH sh "$work/root/usr/local/sbin/siskin-secrets" 2>>"$work/said" || die "$1: no secret"
}

# -- AWS ------------------------------------------------------------------------------------------
aws=("PREFIX=siskin" "REGION=eu-central-1" "PACKAGE_BUCKET=packages" "PACKAGE_KEY=siskin.deb" "SECRET_ARN=arn:secret" "${common[@]}")
touch "$work/ready"
boot aws "${aws[@]}" "${settings[@]}" "PACKAGE_SHA256=$sum" "STACK=" || { cat "$work/said" >&2; die "AWS: it did not start"; }
works AWS aws
! grep -q signal-resource "$calls" || die "AWS: a stack was told that is not there"
boot aws "${aws[@]}" "${nothing[@]}" "PACKAGE_SHA256=$sum" "STACK=siskin" || die "AWS: it did not start in a stack"
plain AWS aws
grep -q 'signal-resource.*--unique-id i-1 --status SUCCESS' "$calls" || die "AWS: the stack was not told of success"
rm "$work/ready"
! boot aws "${aws[@]}" "${nothing[@]}" "PACKAGE_SHA256=$sum" "STACK=siskin" || die "AWS: a server that is not ready counted"
grep -q 'signal-resource.*--status FAILURE' "$calls" || die "AWS: the stack was not told of failure"
! boot aws "${aws[@]}" "${nothing[@]}" "PACKAGE_SHA256=${sum//[0-9]/0}" "STACK=" || die "AWS: another package was taken"
! grep -q '^dpkg' "$calls" || die "AWS: another package was installed"

# -- Azure ------------------------------------------------------------------------------------------
cat >"$work/server.py" <<'SERVER'
import json, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

work, secrets = pathlib.Path(sys.argv[1]), {"database-url": sys.argv[2], "smtp-url": sys.argv[3]}
# The roles do not count yet.
too_early = {"/packages/siskin.deb": 2, "/secrets/database-url?api-version=7.4": 2}

class Azure(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/metadata/identity/oauth2/token?") and "client_id=id-1&" in self.path and self.headers["Metadata"] == "true":
            return self.say(json.dumps({"access_token": self.path.split("resource=")[1]}).encode())
        asked = self.headers["Authorization"]
        if too_early.get(self.path, 0):
            too_early[self.path] -= 1
            return self.send_error(403)
        if self.path == "/packages/siskin.deb" and asked == "Bearer https://storage.azure.com/" and self.headers["x-ms-version"]:
            return self.say((work / "siskin.deb").read_bytes())
        name = self.path.removeprefix("/secrets/").removesuffix("?api-version=7.4")
        if name in secrets and asked == "Bearer https://vault.azure.net":
            return self.say(json.dumps({"value": secrets[name]}).encode())
        self.send_error(403)

    def say(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Azure)
(work / "port.new").write_text(str(server.server_port))
(work / "port.new").rename(work / "port")
server.serve_forever()
SERVER
python3 "$work/server.py" "$work" "$address" "$mail" &
server=$!
for _ in $(seq 200); do [ -e "$work/port" ] && break; /bin/sleep 0.05; done
IMDS=http://127.0.0.1:$(cat "$work/port")
azure=("PACKAGE_URL=$IMDS/packages/siskin.deb" "VAULT_URL=$IMDS/" "IDENTITY=id-1" "${common[@]}")
boot azure "${azure[@]}" "${settings[@]}" "PACKAGE_SHA256=$sum" || { cat "$work/said" >&2; die "Azure: it did not start"; }
works Azure azure
boot azure "${azure[@]}" "${nothing[@]}" "PACKAGE_SHA256=$sum" || die "Azure: it did not start without settings"
plain Azure azure
! boot azure "${azure[@]}" "${nothing[@]}" "PACKAGE_SHA256=${sum//[0-9]/0}" || die "Azure: another package was taken"
! grep -q '^dpkg' "$calls" || die "Azure: another package was installed"
echo "servers of both clouds started as they should"
