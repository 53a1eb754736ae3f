# Siskin's tasks. Each is a short script in tools/, which says what it does while it does it.
# Needed: Rust (rustup), Node.js with npm, make. Everything else is installed when it is missing.

.DEFAULT_GOAL := help
.PHONY: help run build test watch lint fmt e2e api-check monitoring-check security fuzz bench wasm-size release image reproduce deploy-check deploy-aws setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build if something changed, then serve http://127.0.0.1:3000 (ARGS=--demo fills an empty store)
	@tools/run.sh $(ARGS)

build: ## Leave one self-contained executable in target/release/siskin
	@tools/build.sh

test: ## All tests, from fast to slow: rules, both stores, HTTP, crashes, Kafka, the browser, the API's description
	@tools/test.sh

watch: ## Rebuild and reload the page while you edit
	@tools/watch.sh

lint: ## Format check, dependencies (cargo-deny), and clippy for the server and for the browser
	@tools/lint.sh

fmt: ## Format the Rust code
	@cargo fmt --all

e2e: ## Only the browser tests (ARGS="journey --headed" and the like go to Playwright)
	@tools/e2e.sh $(ARGS)

api-check: ## Only schemathesis: the API keeps to its own description
	@tools/api-check.sh

bench: ## Measure against raw axum in the same run; the table also goes to target/bench.md
	@tools/bench.sh

monitoring-check: ## Only alerts, dashboard and log pipelines: real servers, each fault, and the alert that it fires (ARGS=EXECUTABLE)
	@tools/monitoring-check.sh $(ARGS)

security: ## What an attacker gains, measured
	@tools/security.sh

fuzz: ## Feed the parsers with invented inputs (FUZZ_SECONDS=600 for each, ARGS=TARGET for one)
	@tools/fuzz.sh $(ARGS)

wasm-size: ## What the browser downloads, file by file
	@tools/wasm-size.sh

release: ## A static executable with everything in it, a Debian package, manual, SBOM and sums, checked, in dist/
	@tools/release.sh

image: ## The container image, from deploy/docker/Dockerfile and dist/, tried out (as root)
	@tools/image.sh

reproduce: ## Make the release of this commit once more, elsewhere, and compare it with dist/ byte for byte
	@tools/reproduce.sh

deploy-check: ## Check everything in deploy/, the Jenkinsfile and the workflows with their linters (ARGS=NAME for one)
	@tools/deploy-check.sh $(ARGS)

deploy-aws: ## Deploy the package in dist/ with CodeDeploy: APPLICATION=… BUCKET=…
	@deploy/aws/codedeploy/bundle.sh dist/*.deb target/siskin-bundle.zip "$(APPLICATION)" "$(BUCKET)"

setup: ## Install what building needs, and nothing else
	@tools/setup.sh build

clean: ## Remove what was built (never data/, never the tools' cache)
	rm -rf target end2end/test-results end2end/playwright-report
