#!/usr/bin/env bash
# Shows that deploy-check.sh can fail: plants faults into a copy, and wants each of them found by the tool whose it is.
# Run by `deploy-check.sh --self-test`.
set -euo pipefail
. "$(dirname "$0")/../env.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

# fresh makes a copy without faults.
fresh() {
    rm -rf "$work/tree"
    mkdir "$work/tree"
    git ls-files -z --cached --others --exclude-standard deploy .github .ci Jenkinsfile Makefile Cargo.toml tools server/src |
        tar --create --null --files-from - --ignore-failed-read 2>/dev/null | tar --extract --directory "$work/tree"
}

# plant FILE SED-SCRIPT changes a file of the copy; a script that changes nothing is a mistake of ours.
plant() {
    sed --in-place=.before "$2" "$work/tree/$1"
    ! cmp --silent "$work/tree/$1" "$work/tree/$1.before" || die "self-test: '$2' changes nothing in $1: mend tools/deploy/self-test.sh."
    rm "$work/tree/$1.before"
}

# found CHECK WORDS… runs a check on the copy: it must fail, and say each of the words.
found() {
    local check=$1 words
    shift
    if DEPLOY_CHECK_TREE=$work/tree tools/deploy-check.sh "$check" >"$work/said" 2>&1; then
        echo "siskin: self-test: $check found nothing" >&2
        missed=1
        return
    fi
    for words in "$@"; do
        if grep --quiet --fixed-strings -- "$words" "$work/said"; then
            echo "    $check finds: $words"
        else
            cat "$work/said" >&2
            echo "siskin: self-test: $check does not say '$words'" >&2
            missed=1
        fi
    done
}

say "deploy: can the checks fail?"

fresh
plant deploy/docker/compose.yaml 's/^volumes:$/name: twice\n&/'
found yaml 'duplication of key "name"'

plant deploy/docker/stack.yaml 's/    read_only: true/    readonly: true/'
found compose 'readonly'

plant deploy/docker/Caddyfile 's/lb_policy least_conn/lb_policy least_work/'
found proxy 'least_work'

plant deploy/kubernetes/mongodb/deployment.yaml 's/terminationGracePeriodSeconds/terminationGraceSeconds/'
found kubernetes 'terminationGraceSeconds'

plant deploy/aws/cloudformation/siskin.yaml 's/HealthCheckPort:/HealthCheckPorts:/'
found cloudformation 'HealthCheckPorts'

plant deploy/aws/terraform/load-balancer.tf 's/idle_timeout = 120/idle_timeouts = 120/'
plant deploy/aws/terraform/dns.tf 's/aws_lb.this.zone_id/aws_lb.this.zone_ids/'
plant deploy/aws/terraform/logs.tf 's/days = var.log_days/days = var.log_day/'
found terraform 'there is no idle_timeouts' 'aws_lb has no attribute zone_ids' 'var.log_day is not declared'

mkdir "$work/tree/deploy/fault"
printf 'FROM debian\nRUN cd /tmp\n' >"$work/tree/deploy/fault/Dockerfile"
found dockerfile 'DL3006' 'DL3003'

plant Jenkinsfile 's/beforeInput/beforeAnswer/; s/^        failure {/        failed {/'
found jenkinsfile 'when may not hold beforeAnswer' 'post may not hold failed'
plant Jenkinsfile '$d'
found jenkinsfile 'it is no Groovy'

plant deploy/docker/secrets.sh '$a rm -rf $1/*'
found shell 'SC2086'

plant deploy/aws/codedeploy/hooks/install.sh '/sha256sum/d'
found codedeploy 'a broken package was'

plant deploy/aws/codedeploy/hooks/install.sh '/^cd /a sha256sum --check --quiet SHA256SUMS
s/ gt "/ lt "/'
found codedeploy 'has put 2.0 over a newer version'

plant deploy/azure/boot.sh 's/^umask 077/umask 022/'
found boot 'Azure: others can read the secret'

plant deploy/debian/postrm 's/= purge/= remove/'
plant deploy/debian/postrm 's/stays even/goes even/; s#echo "siskin: the store.*#rm -rf "${DPKG_ROOT:-}/var/lib/siskin"#'
found package 'the data are gone'

fresh
plant .github/workflows/ci.yml 's/github.ref }}/github.reff }}/'
found workflows 'property "reff" is not defined'
fresh
plant .github/workflows/ci.yml 's/checkout@[0-9a-f]*/checkout@v6/'
found workflows 'unpinned-uses'
fresh
plant .github/workflows/ci.yml '/timeout-minutes/d'
found workflows 'timeout-minutes'

# Everything at once: what one finding says does not hide another.
fresh
plant deploy/kubernetes/base/config.yaml 's/SISKIN_LOG_FORMAT/SISKIN_LOG_FORM/'
plant deploy/kubernetes/sqlite/stateful-set.yaml '0,/path: .readyz/s//path: \/ready/'
plant deploy/docker/compose.yaml 's/SISKIN_ADDR: 0.0.0.0:3000/SISKIN_ADDR: 0.0.0.0:3001/; s/stop_grace_period: 45s/stop_grace_period: 10s/'
plant deploy/docker/compose.cluster.yaml 's/image: caddy:.*/image: caddy:latest/'
plant deploy/aws/terraform/load-balancer.tf 's/"\/readyz"/"\/"/'
plant deploy/aws/terraform/security-groups.tf '0,/= 443/s//= 22/'
plant deploy/aws/cloudformation/siskin.yaml 's/HealthCheckPath: .*/HealthCheckPath: \//; 0,/FromPort: 443/s//FromPort: 22/; s/Type: AWS::EC2::FlowLog/Type: AWS::EC2::Flows/'
plant deploy/aws/boot.sh 's/--quiet/--status/'
plant deploy/azure/boot.sh 's/^Wants=siskin/Requires=siskin/'
plant deploy/systemd/siskin.service 's/^StartLimitIntervalSec=0/StartLimitIntervalSec=60/'
plant deploy/azure/security-groups.tf 's/\["80", "443"\]/["22", "443"]/'
plant deploy/aws/codedeploy/appspec.yml 's/ValidateService/Validate/'
plant Jenkinsfile 's/make lint/make lints/; s/sudo make image/sudo make images/'
found agreement 'the server knows no SISKIN_LOG_FORM' 'readinessProbe asks /ready, not /readyz' 'listens at 0.0.0.0:3001' \
    'a server gets 10 s to stop' 'caddy:latest is not named' 'load-balancer.tf: this: the health check does not ask /readyz' \
    'balancer_https opens ports 22' 'ServersReady: the health check does not ask /readyz' 'BalancerFromEverybody opens ports 22' \
    'has no AWS::EC2::FlowLog' "has nothing like CloudFormation's AWS::EC2::Flows" "the servers' start differs" \
    "['22', '443'] to the world" 'there is no event Validate' 'calls make lints' 'calls make images' 'gives up starting' 'is required and fails'

fresh
plant deploy/aws/terraform/servers.tf 's/http_tokens                 = "required"/http_tokens                 = "optional"/'
plant deploy/aws/cloudformation/siskin.yaml 's/EnableKeyRotation: true/EnableKeyRotation: false/'
plant deploy/kubernetes/mongodb/deployment.yaml 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/'
plant deploy/azure/key-vault.tf 's/purge_protection_enabled   = true/purge_protection_enabled   = false/'
plant deploy/aws/terraform/mongodb.tf 's/description = ".*"/description = "mongodb:\/\/siskin:x7Kq29fLmP03sd@db.mongodb.net"/'
found security CKV_AWS_79 CKV_AWS_7 CKV_K8S_20 CKV_AZURE_110 CKV_SECRET_4

[ "$missed" = 0 ] || die "self-test: a check missed a fault that was planted for it."
say "done in $SECONDS s: every check found what was planted for it"
