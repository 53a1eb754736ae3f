# What a new server does once: gets its executable, its secret and its logging, and starts.
# Terraform reads this file; the CloudFormation template has it word for word (make deploy-check compares).
# Set before it: PREFIX, REGION, PACKAGE_BUCKET, PACKAGE_KEY, PACKAGE_SHA256, SECRET_ARN, SECRETS (names of more of them, after PREFIX and a slash), PUBLIC_URL,
# TRUSTED_PROXIES, METRICS_FROM, SETTINGS (lines for /etc/siskin/siskin.env), STACK.
set -euo pipefail

# AWS' own package of its command; Ubuntu's archive has none.
snap wait system seed.loaded
snap install aws-cli --classic
export AWS_DEFAULT_REGION=$REGION PATH=$PATH:/snap/bin

# The package, and nothing that is not exactly it.
aws s3 cp --only-show-errors "s3://$PACKAGE_BUCKET/$PACKAGE_KEY" /root/siskin.deb
echo "$PACKAGE_SHA256  /root/siskin.deb" | sha256sum --check --quiet

# The database's address has a password in it: asked for at every start, kept in memory only (/run). So has what is in SECRETS.
cat >/usr/local/sbin/siskin-secrets <<SCRIPT
#!/bin/sh
set -eu
umask 077
export AWS_DEFAULT_REGION=$REGION PATH=/usr/bin:/bin:/snap/bin
fetch() { aws secretsmanager get-secret-value --secret-id "\$1" --query SecretString --output text >"/run/siskin-secrets/\$2"; }
fetch "$SECRET_ARN" database_url
for name in $SECRETS; do fetch "$PREFIX/\$name" "\$name"; done
SCRIPT
chmod 755 /usr/local/sbin/siskin-secrets
cat >/etc/systemd/system/siskin-secrets.service <<'UNIT'
[Unit]
Description=The secrets of Siskin
Wants=network-online.target
After=network-online.target snapd.seeded.service
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

# systemd opens the log before it makes the service's folders.
install -d -m 750 /var/log/siskin
mkdir -p /etc/systemd/system/siskin.service.d
cat >/etc/systemd/system/siskin.service.d/aws.conf <<UNIT
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
# The load balancer asks /readyz every 5 s and believes the second no.
Environment=SISKIN_DRAIN_SECONDS=15
TimeoutStopSec=60
# CloudWatch's agent reads files.
StandardOutput=append:/var/log/siskin/siskin.log
StandardError=inherit
UNIT
cat >/etc/logrotate.d/siskin <<'ROTATE'
/var/log/siskin/siskin.log {
    daily
    maxsize 100M
    rotate 3
    compress
    missingok
    copytruncate
}
ROTATE

# Before the package, whose first start has them then; what is here stays. It has the last word over the lines above.
install -d -m 755 /etc/siskin
(umask 027 && printf '# Of the variable "settings"; siskin-serve(1) explains each.\n%s\n' "$SETTINGS" >/etc/siskin/siskin.env)

systemctl daemon-reload
dpkg --force-confold --install /root/siskin.deb
rm /root/siskin.deb
systemctl enable siskin.service
# dpkg has started it already, if the package does that; now it has its settings for sure.
systemctl restart siskin.service || echo "siskin does not start; systemd tries again" >&2

# Ready or not at all: a server that does not get there is replaced.
for _ in $(seq 60); do
    if curl --silent --fail --output /dev/null http://127.0.0.1:3000/readyz; then
        ready=yes
        break
    fi
    sleep 2
done
# CloudFormation waits for this word before it goes on to the next server; Terraform asks the load balancer.
if [ -n "$STACK" ]; then
    token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
    instance=$(curl --silent --fail --header "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
    if [ "${ready:-no}" = yes ]; then status=SUCCESS; else status=FAILURE; fi
    # Between updates, when the group has grown by itself, nobody waits, and says so.
    aws cloudformation signal-resource --stack-name "$STACK" --logical-resource-id Servers --unique-id "$instance" --status "$status" || true
fi
[ "${ready:-no}" = yes ]
