# What a new server does once: gets its executable and its secret, and starts.
# Set before it: PACKAGE_URL, PACKAGE_SHA256, VAULT_URL, SECRETS (names of more than the database's), IDENTITY, PUBLIC_URL,
# TRUSTED_PROXIES, METRICS_FROM, SETTINGS (lines for /etc/siskin/siskin.env).
set -euo pipefail

# azure-get RESOURCE URL HEADER prints what is at the address, as this machine's identity may read it. Only what every
# Ubuntu has: Azure's own command is not in its archive. Passwords and tokens are in no argument that ps would show.
cat >/usr/local/sbin/azure-get <<GET
#!/usr/bin/python3
import json, sys, urllib.request as web

def get(url, headers):
    with web.urlopen(web.Request(url, headers=headers), timeout=30) as answer:
        return answer.read()

resource, url = sys.argv[1:3]
token = json.loads(get("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
                       f"&client_id=$IDENTITY&resource={resource}", {"Metadata": "true"}))["access_token"]
sys.stdout.buffer.write(get(url, {"Authorization": f"Bearer {token}", "x-ms-version": "2021-12-02"}))
GET
chmod 755 /usr/local/sbin/azure-get

# A role takes a few minutes until it counts everywhere.
for _ in $(seq 30); do
    if azure-get https://storage.azure.com/ "$PACKAGE_URL" >/root/siskin.deb; then break; fi
    sleep 10
done
# The package, and nothing that is not exactly it.
echo "$PACKAGE_SHA256  /root/siskin.deb" | sha256sum --check --quiet

# The database's address has a password in it: asked for at every start, kept in memory only (/run). So has what is in SECRETS.
# The role at the vault takes its minutes, too.
cat >/usr/local/sbin/siskin-secrets <<SCRIPT
#!/bin/sh
set -eu
umask 077
fetch() {
    azure-get https://vault.azure.net "${VAULT_URL}secrets/\$1?api-version=7.4" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["value"])' >"/run/siskin-secrets/\$2"
}
patient() { for _ in \$(seq 30); do if fetch "\$@"; then return; fi; sleep 10; done; return 1; }
patient database-url database_url
for name in $SECRETS; do patient "\$name" "\$name"; done
SCRIPT
chmod 755 /usr/local/sbin/siskin-secrets
cat >/etc/systemd/system/siskin-secrets.service <<'UNIT'
[Unit]
Description=The secrets of Siskin
Wants=network-online.target
After=network-online.target
# A restart of Siskin asks anew: a changed password needs nothing else. And it restarts until it has them.
PartOf=siskin.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
RuntimeDirectory=siskin-secrets
RuntimeDirectoryMode=0700
ExecStart=/usr/local/sbin/siskin-secrets
UNIT

mkdir -p /etc/systemd/system/siskin.service.d
cat >/etc/systemd/system/siskin.service.d/azure.conf <<UNIT
[Unit]
# Not Requires: what it requires and does not get is not tried again. Without its secrets the server ends, and is started
# again with them after the unit's RestartSec.
Wants=siskin-secrets.service
After=siskin-secrets.service

[Service]
LoadCredential=database_url:/run/siskin-secrets/database_url
$(for name in $SECRETS; do echo "LoadCredential=$name:/run/siskin-secrets/$name"; done)
Environment=SISKIN_ADDR=0.0.0.0:3000
# Given twice, the server would not start; the package may bring an address of its own.
UnsetEnvironment=SISKIN_DATABASE_URL
Environment=SISKIN_DATABASE_URL_FILE=%d/database_url
Environment=SISKIN_PUBLIC_URL=$PUBLIC_URL
Environment=SISKIN_TRUSTED_PROXIES=$TRUSTED_PROXIES
Environment=SISKIN_LOG_FORMAT=json
${METRICS_FROM:+Environment=SISKIN_METRICS_ADDR=0.0.0.0:9464}
# The gateway asks /readyz every 5 s and believes the second no.
Environment=SISKIN_DRAIN_SECONDS=15
TimeoutStopSec=60
UNIT

# Before the package, whose first start has them then; what is here stays. It has the last word over the lines above.
install -d -m 755 /etc/siskin
(umask 027 && printf '# Of the variable "settings"; siskin-serve(1) explains each.\n%s\n' "$SETTINGS" >/etc/siskin/siskin.env)

systemctl daemon-reload
dpkg --force-confold --install /root/siskin.deb
rm /root/siskin.deb
systemctl enable siskin.service
# dpkg has started it already, if the package does that; now it has its settings for sure.
systemctl restart siskin.service
