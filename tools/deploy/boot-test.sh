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

stand_in snap :
stand_in sleep :
stand_in dpkg "echo \"dpkg \$*\" >>'$calls'"
stand_in systemctl "echo \"systemctl \$*\" >>'$calls'"
stand_in curl "echo \"curl \$*\" >>'$calls'; case \"\$*\" in */readyz) [ -e '$work/ready' ] ;; *instance-id) echo i-1 ;; *) echo token ;; esac"
stand_in aws "echo \"aws \$*\" >>'$calls'
case \"\$1 \$2\" in
    's3 cp') cp '$work/siskin.deb' \"\$5\" ;;
    'secretsmanager get-secret-value') echo '$address' ;;
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
    grep -q '^dpkg --install ' "$calls" || die "$1: the package was not installed"
    # The secret is fetched by the unit before each start; here by us.
    PATH=$work/bin:$work/root/usr/local/sbin:$PATH sh "$work/root/usr/local/sbin/siskin-secrets" || die "$1: no secret"
    says /run/siskin-secrets/database_url "$address"
    [ "$(stat -c %a "$work/root/run/siskin-secrets/database_url")" = 600 ] || die "$1: others can read the secret"
    ! grep -r -q -F "$address" "$work/root/etc" "$work/root/usr" "$work/root/var" || die "$1: the secret is on the disk"
}
common=("PUBLIC_URL='https://tweets.example.org'" "TRUSTED_PROXIES='10.0.0.0/24'")

# -- AWS ------------------------------------------------------------------------------------------
aws=("REGION=eu-central-1" "PACKAGE_BUCKET=packages" "PACKAGE_KEY=siskin.deb" "SECRET_ARN=arn:secret" "${common[@]}")
touch "$work/ready"
boot aws "${aws[@]}" "PACKAGE_SHA256=$sum" "STACK=" || { cat "$work/said" >&2; die "AWS: it did not start"; }
works AWS aws
! grep -q signal-resource "$calls" || die "AWS: a stack was told that is not there"
boot aws "${aws[@]}" "PACKAGE_SHA256=$sum" "STACK=siskin" || die "AWS: it did not start in a stack"
grep -q 'signal-resource.*--unique-id i-1 --status SUCCESS' "$calls" || die "AWS: the stack was not told of success"
rm "$work/ready"
! boot aws "${aws[@]}" "PACKAGE_SHA256=$sum" "STACK=siskin" || die "AWS: a server that is not ready counted"
grep -q 'signal-resource.*--status FAILURE' "$calls" || die "AWS: the stack was not told of failure"
! boot aws "${aws[@]}" "PACKAGE_SHA256=${sum//[0-9]/0}" "STACK=" || die "AWS: another package was taken"
! grep -q '^dpkg' "$calls" || die "AWS: another package was installed"

# -- Azure ------------------------------------------------------------------------------------------
cat >"$work/server.py" <<'SERVER'
import json, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

work, address = pathlib.Path(sys.argv[1]), sys.argv[2]

class Azure(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/metadata/identity/oauth2/token?") and "client_id=id-1&" in self.path and self.headers["Metadata"] == "true":
            return self.say(json.dumps({"access_token": self.path.split("resource=")[1]}).encode())
        asked = self.headers["Authorization"]
        if self.path == "/packages/siskin.deb" and asked == "Bearer https://storage.azure.com/" and self.headers["x-ms-version"]:
            return self.say((work / "siskin.deb").read_bytes())
        if self.path == "/secrets/database-url?api-version=7.4" and asked == "Bearer https://vault.azure.net":
            return self.say(json.dumps({"value": address}).encode())
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
python3 "$work/server.py" "$work" "$address" &
server=$!
for _ in $(seq 200); do [ -e "$work/port" ] && break; /bin/sleep 0.05; done
IMDS=http://127.0.0.1:$(cat "$work/port")
azure=("PACKAGE_URL=$IMDS/packages/siskin.deb" "SECRET_URL=$IMDS/secrets/database-url" "IDENTITY=id-1" "${common[@]}")
boot azure "${azure[@]}" "PACKAGE_SHA256=$sum" || { cat "$work/said" >&2; die "Azure: it did not start"; }
works Azure azure
! boot azure "${azure[@]}" "PACKAGE_SHA256=${sum//[0-9]/0}" || die "Azure: another package was taken"
! grep -q '^dpkg' "$calls" || die "Azure: another package was installed"
echo "servers of both clouds started as they should"
