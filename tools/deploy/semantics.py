"""What no linter knows about the files in deploy/: that they agree with the server and with each other.

Usage: semantics.py [TREE]; the tree is the repository unless another is named.
"""

import re
import sys
from pathlib import Path

import hcl2
import yaml

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
problems = []


def say(path, text):
    problems.append(f"{path.relative_to(ROOT) if isinstance(path, Path) else path}: {text}")


def read(name):
    path = ROOT / name
    if not path.is_file():
        say(name, "is not there")
        return ""
    return path.read_text()


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's !Ref and the like as what stands behind them."""


def tagged(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", tagged)


def documents(name):
    return [one for one in yaml.load_all(read(name), Loader) if one]


def deployed():
    """Every file below deploy/ that somebody wrote."""
    return [path for path in sorted((ROOT / "deploy").rglob("*"))
            if path.is_file() and "secrets" not in path.parent.parts and path.suffix not in {".png", ".gz"}]


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

# What a server needs after the drain: requests end (8 s), mail on its way (3 s), and some.
AFTER_DRAIN = 15


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


# --- AWS: the two ways make the same, and nobody gets to port 22 -----------------------------------

# Terraform's kinds and CloudFormation's, where a word more is needed than the same thing by another name.
KINDS = {
    "aws_vpc": "EC2::VPC", "aws_internet_gateway": "EC2::InternetGateway", "aws_subnet": "EC2::Subnet", "aws_eip": "EC2::EIP",
    "aws_nat_gateway": "EC2::NatGateway", "aws_route_table": "EC2::RouteTable", "aws_route": "EC2::Route",
    "aws_route_table_association": "EC2::SubnetRouteTableAssociation", "aws_vpc_endpoint": "EC2::VPCEndpoint",
    "aws_security_group": "EC2::SecurityGroup", "aws_vpc_security_group_ingress_rule": "EC2::SecurityGroupIngress",
    "aws_vpc_security_group_egress_rule": "EC2::SecurityGroupEgress", "aws_flow_log": "EC2::FlowLog",
    "aws_launch_template": "EC2::LaunchTemplate", "aws_autoscaling_group": "AutoScaling::AutoScalingGroup",
    "aws_autoscaling_policy": "AutoScaling::ScalingPolicy", "aws_lb": "ElasticLoadBalancingV2::LoadBalancer",
    "aws_lb_target_group": "ElasticLoadBalancingV2::TargetGroup", "aws_lb_listener": "ElasticLoadBalancingV2::Listener",
    "aws_acm_certificate": "CertificateManager::Certificate", "aws_route53_record": "Route53::RecordSet",
    "aws_iam_role": "IAM::Role", "aws_iam_role_policy": "IAM::RolePolicy", "aws_iam_instance_profile": "IAM::InstanceProfile",
    "aws_kms_key": "KMS::Key", "aws_kms_alias": "KMS::Alias", "aws_secretsmanager_secret": "SecretsManager::Secret",
    "aws_cloudwatch_log_group": "Logs::LogGroup", "aws_cloudwatch_metric_alarm": "CloudWatch::Alarm",
    "aws_sns_topic": "SNS::Topic", "aws_sns_topic_subscription": "SNS::Subscription", "aws_s3_bucket": "S3::Bucket",
    "aws_s3_bucket_policy": "S3::BucketPolicy", "aws_ssm_association": "SSM::Association", "aws_ssm_parameter": "SSM::Parameter",
    "aws_codedeploy_app": "CodeDeploy::Application", "aws_codedeploy_deployment_group": "CodeDeploy::DeploymentGroup",
    # Properties of the bucket, of the role and of the certificate there.
    "aws_s3_bucket_public_access_block": "S3::Bucket", "aws_s3_bucket_server_side_encryption_configuration": "S3::Bucket",
    "aws_s3_bucket_versioning": "S3::Bucket", "aws_s3_bucket_lifecycle_configuration": "S3::Bucket",
    "aws_iam_role_policy_attachment": "IAM::Role", "aws_acm_certificate_validation": "CertificateManager::Certificate",
    # CloudFormation can't touch what the network was born with. Nothing is in that group.
    "aws_default_security_group": None,
}
# The other way round: in Terraform a property of the gateway.
ONLY_CLOUDFORMATION = {"EC2::VPCGatewayAttachment"}


def terraform_resources(folder):
    for path in sorted((ROOT / folder).glob("*.tf")):
        for entry in hcl2.loads(path.read_text()).get("resource", []):
            for kind, labels in entry.items():
                for label, body in labels.items():
                    yield path, kind, label, body


def first(value):
    return value[0] if isinstance(value, list) and value else value


def aws():
    name = "deploy/aws/cloudformation/siskin.yaml"
    template = (documents(name) or [{"Resources": {}}])[0]
    there = {body["Type"].removeprefix("AWS::") for body in template["Resources"].values()}
    wanted = set()
    for path, kind, label, body in terraform_resources("deploy/aws/terraform"):
        if kind not in KINDS:
            say(path, f"{kind} is not in the table of semantics.py: what is it in CloudFormation?")
        elif KINDS[kind]:
            wanted.add(KINDS[kind])
            if KINDS[kind] not in there:
                say(name, f"has no AWS::{KINDS[kind]}, Terraform has {kind}.{label}")
        if kind == "aws_lb_target_group" and first(body["health_check"])["path"] != ["/readyz"]:
            say(path, f"{label}: the health check does not ask /readyz")
        if kind == "aws_vpc_security_group_ingress_rule" and "cidr_ipv4" in body:
            if first(body["from_port"]) not in (80, 443) or first(body["to_port"]) != first(body["from_port"]):
                say(path, f"{label} opens ports {first(body['from_port'])} to {first(body['to_port'])} to addresses: 80 and 443 are enough")
    for extra in sorted(there - wanted - ONLY_CLOUDFORMATION):
        say("deploy/aws/terraform", f"has nothing like CloudFormation's AWS::{extra}")
    for key, body in template["Resources"].items():
        properties = body.get("Properties", {})
        if body["Type"].endswith("::TargetGroup") and properties.get("HealthCheckPath") != "/readyz":
            say(name, f"{key}: the health check does not ask /readyz")
        if body["Type"].endswith("::SecurityGroupIngress") and "CidrIp" in properties:
            if properties["FromPort"] not in (80, 443) or properties["ToPort"] != properties["FromPort"]:
                say(name, f"{key} opens ports {properties['FromPort']} to {properties['ToPort']} to addresses: 80 and 443 are enough")
    boot = read("deploy/aws/boot.sh")
    indented = "".join(" " * 18 + line if line.strip() else line for line in boot.splitlines(True))
    if indented not in read(name):
        say(name, "the servers' start differs from deploy/aws/boot.sh")


def azure():
    for path, kind, label, body in terraform_resources("deploy/azure"):
        for rule in body.get("security_rule", []):
            if first(rule["direction"]) != "Inbound" or first(rule["access"]) != "Allow":
                continue
            source = first(rule.get("source_address_prefix", ["its own network"]))
            ports = first(rule.get("destination_port_ranges", [None])) or [first(rule["destination_port_range"])]
            if source in ("*", "Internet", "0.0.0.0/0") and set(ports) - {"80", "443"}:
                say(path, f"{label}: {first(rule['name'])} opens ports {ports} to the world")
        if kind == "azurerm_application_gateway" and first(first(body["probe"])["path"]) != "/readyz":
            say(path, "the gateway's probe does not ask /readyz")
        if kind == "azurerm_linux_virtual_machine_scale_set" and "/readyz" not in str(body["extension"]):
            say(path, "the health extension does not ask /readyz")


# --- CodeDeploy: the hooks are there, in places that CodeDeploy has --------------------------------

# Of an update in place, in the order in which they come.
HOOKS = ["BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart",
         "ValidateService", "BeforeAllowTraffic", "AfterAllowTraffic"]


def codedeploy():
    name = "deploy/aws/codedeploy/appspec.yml"
    spec = (documents(name) or [{}])[0]
    if spec.get("version") != 0.0 or spec.get("os") != "linux":
        say(name, "version is 0.0 and os linux, or CodeDeploy refuses it")
    if not spec.keys() <= {"version", "os", "files", "permissions", "hooks", "file_exists_behavior"}:
        say(name, f"CodeDeploy knows none of {sorted(spec.keys())} but version, os, files, permissions, hooks, file_exists_behavior")
    hooks = spec.get("hooks", {})
    for event, scripts in hooks.items():
        if event not in HOOKS:
            say(name, f"there is no event {event}")
        for script in scripts:
            path = ROOT / Path(name).parent / script["location"]
            if not path.is_file() or not path.stat().st_mode & 0o100:
                say(name, f"{script['location']} is not there or can't be executed")
            if not 0 < int(script["timeout"]) <= 3600:
                say(name, f"{event}: a hook has up to 3600 s")
    if list(hooks) != sorted(hooks, key=lambda event: HOOKS.index(event) if event in HOOKS else -1):
        say(name, "the hooks are not in the order in which they come")
    for event in ("ApplicationStop", "AfterInstall", "ApplicationStart", "ValidateService"):
        if event not in hooks:
            say(name, f"has no {event}")


# --- Pipelines call what people call -----------------------------------------------------------------

def pipelines():
    targets = set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.M))
    for name in ("Jenkinsfile", ".github/workflows/ci.yml", ".github/workflows/release.yml"):
        text = re.sub(r"^\s*(#|//).*$", "", read(name), flags=re.M)
        called = re.findall(r"(?:run: |sh '|sh \"|^\s+)make ([a-z0-9 -]+)", text, re.M)
        for target in {target for line in called for target in line.split()}:
            if target not in targets:
                say(name, f"calls make {target}, which is not there")
        if not called:
            say(name, "calls no make target")
        if "workflows" in name:
            for action in re.findall(r"uses: (\S+)", text):
                if not re.search(r"@[0-9a-f]{40}$", action) and not action.startswith("./"):
                    say(name, f"{action} is not pinned by a commit")


for check in (variables, ports_and_paths, drains, images, aws, azure, codedeploy, pipelines):
    check()
for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
