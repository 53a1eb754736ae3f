"""What no linter knows about the files in deploy/: that they agree with the server and with each other.

Usage: semantics.py [TREE]; the tree is the repository unless another is named.
"""

import re
import sys
from pathlib import Path

from clouds import aws, azure, codedeploy
from tree import ROOT, deployed, documents, problems, read, say


# --- Every variable is one that the server reads -------------------------------------------------

# Of the files themselves: what compose, Caddy, Grafana, log collectors and the build of the image put in place of ${…}.
OURS = {"SISKIN_VERSION", "SISKIN_IMAGE", "SISKIN_DOMAIN", "SISKIN_PROMETHEUS_URL", "SISKIN_LOGSTASH", "SISKIN_LOGS_CONTAINERS",
        "SISKIN_LOGS_JOURNAL", "SISKIN_ELASTICSEARCH", "SISKIN_LOKI_URL", "SISKIN_COMMIT", "SISKIN_COMMIT_DATE", "SISKIN_RELEASE"}


def variables():
    sources = [ROOT / "server/src/config.rs", *sorted((ROOT / "server/src/config").glob("*.rs"))]
    known = set(re.findall(r"SISKIN_[A-Z0-9_]+", "\n".join(path.read_text() for path in sources)))
    for path in deployed():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for name in sorted(set(re.findall(r"\bSISKIN_[A-Z0-9_]+", text)) - OURS):
            provider = re.fullmatch(r"SISKIN_OIDC_[A-Z0-9]+_(ISSUER|CLIENT_ID|CLIENT_SECRET|CLIENT_SECRET_FILE|LABEL)", name)
            if name not in known and not provider:
                say(path, f"the server knows no {name}")


# --- Ports and paths -----------------------------------------------------------------------------

def ports_and_paths():
    routes = read("server/src/http/mod.rs")
    for route in ("/livez", "/readyz"):
        if f'"{route}"' not in routes:
            say("server/src/http/mod.rs", f"has no route {route}, which deploy/ asks for")
    for path in deployed():
        if path.suffix not in {".yaml", ".yml", ".tf", ".sh", ""} or "monitoring" in path.parts:
            continue
        text = path.read_text()
        for address in re.findall(r"SISKIN_ADDR[\"']?[:=]\s*[\"']?([\w.\[\]:]+:\d+)", text):
            if not address.endswith(":3000"):
                say(path, f"the server listens at {address}, everybody else looks at port 3000")
        for address in re.findall(r"SISKIN_METRICS_ADDR[\"']?[:=]\s*[\"']?([\w.\[\]:]+:\d+)", text):
            if not address.endswith(":9464"):
                say(path, f"metrics are at {address}, Prometheus looks at port 9464")
    for name in ("deploy/docker/Caddyfile",):
        for line in re.findall(r"^\s*health_uri (\S+)", read(name), re.M) or [""]:
            if line != "/readyz":
                say(name, f"health_uri is {line or 'missing'}, not /readyz")
    for name in ("deploy/kubernetes/sqlite/stateful-set.yaml", "deploy/kubernetes/mongodb/deployment.yaml"):
        for workload in documents(name):
            pod = workload["spec"]["template"]["spec"]
            for container in pod["containers"]:
                for probe, wanted in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
                    found = container.get(probe, {}).get("httpGet", {}).get("path")
                    if found != wanted:
                        say(name, f"{probe} asks {found}, not {wanted}")
                ports = {port["containerPort"] for port in container["ports"]}
                if ports != {3000, 9464}:
                    say(name, f"ports are {sorted(ports)}, not 3000 and 9464")


# --- A stopping server has time for its drain -----------------------------------------------------

# What a server needs after the drain, at most (docs/FAULTS.md has the parts).
AFTER_DRAIN = 22


def drains():
    def grace(name, seconds, drain):
        if seconds < drain + AFTER_DRAIN:
            say(name, f"a server gets {seconds} s to stop, and needs {drain} for its drain and {AFTER_DRAIN} more")

    config = next(iter(documents("deploy/kubernetes/base/config.yaml")), {"data": {}})
    drain = int(config["data"].get("SISKIN_DRAIN_SECONDS", 0))
    for name in ("deploy/kubernetes/sqlite/stateful-set.yaml", "deploy/kubernetes/mongodb/deployment.yaml"):
        for workload in documents(name):
            grace(name, workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], drain)
    for name in ("deploy/docker/compose.yaml", "deploy/docker/compose.cluster.yaml", "deploy/docker/stack.yaml"):
        for service in (documents(name) or [{"services": {}}])[0]["services"].values():
            if service["image"].startswith(("siskin:", "${SISKIN_IMAGE")):
                grace(name, int(service["stop_grace_period"].rstrip("s")), int(service["environment"].get("SISKIN_DRAIN_SECONDS", 0)))
    for name in ("deploy/aws/boot.sh", "deploy/azure/boot.sh"):
        text = read(name)
        drain = re.search(r"SISKIN_DRAIN_SECONDS=(\d+)", text)
        stop = re.search(r"^TimeoutStopSec=(\d+)", text, re.M)
        if drain and stop:
            grace(name, int(stop[1]), int(drain[1]))
        else:
            say(name, "says no SISKIN_DRAIN_SECONDS or no TimeoutStopSec")


# --- A server whose database or secrets are away at its start comes back with them ------------------

def starts():
    unit = "deploy/systemd/siskin.service"
    if not re.search(r"^StartLimitIntervalSec=0$", read(unit), re.M) or not re.search(r"^Restart=on-failure$", read(unit), re.M):
        say(unit, "gives up starting some time: StartLimitIntervalSec=0 and Restart=on-failure don't")
    for name in ("deploy/aws/boot.sh", "deploy/azure/boot.sh"):
        if re.search(r"^Requires=", read(name), re.M):
            say(name, "what is required and fails is not tried again by systemd: Wants")
        if not re.search(r"^StartLimitIntervalSec=0$", read(name), re.M):
            say(name, "the unit of the secrets gives up some time")


# --- Images are named with their version ----------------------------------------------------------

def images():
    version = re.search(r'^version = "(.*)"', read("Cargo.toml"), re.M)[1]
    for name in ("deploy/docker/compose.yaml", "deploy/docker/compose.cluster.yaml", "deploy/docker/stack.yaml"):
        for key, service in (documents(name) or [{"services": {}}])[0]["services"].items():
            image = service["image"]
            if image.startswith("${SISKIN_IMAGE:?"):
                continue
            if image.startswith("siskin:"):
                if image != f"siskin:${{SISKIN_VERSION:-{version}}}":
                    say(name, f"{key}: the image is {image}, Cargo.toml says {version}")
            elif not re.search(r":v?\d+\.\d+\.\d+$", image):
                say(name, f"{key}: the image {image} is not named with a whole version")
            for wanted in ("read_only", "cap_drop", "healthcheck"):
                if wanted not in service and key != "mongodb-setup":
                    say(name, f"{key} has no {wanted}")
            if not service.get("deploy", {}).get("resources", {}).get("limits"):
                say(name, f"{key} has no limits")
            build = service.get("build")
            if build and not (ROOT / Path(name).parent / build["context"] / build["dockerfile"]).is_file():
                say(name, f"{key} builds {build['dockerfile']}, which is not there")
            for volume in service.get("volumes", []):
                source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
                if source.startswith(".") and not (ROOT / Path(name).parent / source).exists():
                    say(name, f"{key} mounts {source}, which is not there")
    for name in ("deploy/kubernetes/sqlite/kustomization.yaml", "deploy/kubernetes/mongodb/kustomization.yaml"):
        for image in documents(name)[0]["images"]:
            if image["newTag"] != version:
                say(name, f"the image's tag is {image['newTag']}, Cargo.toml says {version}")
    for path in sorted((ROOT / "deploy").rglob("*Dockerfile*")):
        stages = {"scratch", *re.findall(r"^FROM \S+ AS (\S+)", path.read_text(), re.M | re.I)}
        # Kubernetes can't take it back, and with SISKIN_DATABASE_URL_FILE beside it the server would not start.
        if re.search(r"SISKIN_DATABASE_URL=", path.read_text()):
            say(path, "sets SISKIN_DATABASE_URL for all who use the image")
        for image in re.findall(r"^FROM (?:--\S+ )*(\S+)", path.read_text(), re.M):
            if image not in stages and "$" not in image and not re.search(r":[^:]*\d+[^:]*$", image):
                say(path, f"the image {image} has no version")


# --- Pipelines call what people call -----------------------------------------------------------------

def pipelines():
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.M))
    for name in ("Jenkinsfile", ".github/workflows/ci.yml", ".github/workflows/release.yml"):
        text = re.sub(r"^\s*(#|//).*$", "", read(name), flags=re.M)
        called = re.findall(r"(?:run: |sh '|sh \"|^\s+)(?:sudo )?make ([a-z0-9 -]+)", text, re.M)
        for target in {target for line in called for target in line.split()}:
            if target not in targets:
                say(name, f"calls make {target}, which is not there")
        if not called:
            say(name, "calls no make target")
        if "workflows" in name:
            for action in re.findall(r"uses: (\S+)", text):
                if not re.search(r"@[0-9a-f]{40}$", action) and not action.startswith("./"):
                    say(name, f"{action} is not pinned by a commit")


for check in (variables, ports_and_paths, drains, starts, images, aws, azure, codedeploy, pipelines):
    check()
for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
