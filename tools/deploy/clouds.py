"""What no linter knows about AWS and Azure: both ways on AWS make the same, nobody gets to port 22, hooks are there."""

import re
from pathlib import Path

import hcl2

from tree import ROOT, documents, read, say

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
        # Metrics are open to the network that somebody names, which may not be everybody's.
        if kind == "aws_vpc_security_group_ingress_rule" and "cidr_ipv4" in body and (first(body["cidr_ipv4"]), first(body["from_port"])) != ("${var.metrics_from}", 9464):
            if first(body["from_port"]) not in (80, 443) or first(body["to_port"]) != first(body["from_port"]):
                say(path, f"{label} opens ports {first(body['from_port'])} to {first(body['to_port'])} to addresses: 80 and 443 are enough")
    for extra in sorted(there - wanted - ONLY_CLOUDFORMATION):
        say("deploy/aws/terraform", f"has nothing like CloudFormation's AWS::{extra}")
    for key, body in template["Resources"].items():
        properties = body.get("Properties", {})
        if body["Type"].endswith("::TargetGroup") and properties.get("HealthCheckPath") != "/readyz":
            say(name, f"{key}: the health check does not ask /readyz")
        if body["Type"].endswith("::SecurityGroupIngress") and "CidrIp" in properties and (properties["CidrIp"], properties["FromPort"]) != ("MetricsFrom", 9464):
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
