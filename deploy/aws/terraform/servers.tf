# The servers: equal, replaceable, in private subnets. What one does at its first start is in ../boot.sh.

data "aws_ssm_parameter" "image" {
  name = var.image_parameter
}

resource "aws_launch_template" "this" {
  name_prefix            = "${var.name}-"
  image_id               = data.aws_ssm_parameter.image.insecure_value
  instance_type          = var.instance_type
  update_default_version = true

  iam_instance_profile {
    arn = aws_iam_instance_profile.servers.arn
  }

  network_interfaces {
    associate_public_ip_address = false
    security_groups             = [aws_security_group.servers.id]
    delete_on_termination       = true
  }

  # IMDSv2: what a server is allowed to can't be asked for by a request that somebody smuggles in.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # Logs and the executable; no data.
  block_device_mappings {
    device_name = "/dev/sda1"

    ebs {
      encrypted             = true
      volume_type           = "gp3"
      volume_size           = 10
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  user_data = base64encode(join("\n", [
    "#!/bin/bash",
    "PREFIX='${var.name}'",
    "REGION='${var.region}'",
    "PACKAGE_BUCKET='${var.package.bucket}'",
    "PACKAGE_KEY='${var.package.key}'",
    "PACKAGE_SHA256='${var.package.sha256}'",
    "SECRET_ARN='${aws_secretsmanager_secret.database_url.arn}'",
    "SECRETS='${join(" ", var.secrets)}'",
    "PUBLIC_URL='https://${var.domain}'",
    # The public subnets, where the load balancer is.
    "TRUSTED_PROXIES='${join(",", [for subnet in aws_subnet.public : subnet.cidr_block])}'",
    "METRICS_FROM='${var.metrics_from}'",
    "SETTINGS='${join("\n", [for name, value in var.settings : "${name}=${value}"])}'",
    "STACK=''",
    file("${path.module}/../boot.sh"),
  ]))

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = var.name }
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = var.servers.min
  max_size            = var.servers.max
  vpc_zone_identifier = [for subnet in aws_subnet.private : subnet.id]
  target_group_arns   = [aws_lb_target_group.this.arn]

  # A server whose /readyz says no for long is replaced, not only one whose machine is broken.
  health_check_type         = "ELB"
  health_check_grace_period = 180
  wait_for_capacity_timeout = "15m"

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # A new image, package or setting: one more server first, then an old one goes, and so on; back if they don't get ready.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = 60
      auto_rollback          = true
    }
  }

  tag {
    key                 = "Name"
    value               = var.name
    propagate_at_launch = true
  }

  lifecycle {
    # The scaling policy's to say.
    ignore_changes = [desired_capacity]
  }

  # What a first start needs and nothing above names: ways out and to the database, rights, and somebody who asks whether it is ready.
  depends_on = [
    aws_route.public,
    aws_route.private,
    aws_route_table_association.public,
    aws_route_table_association.private,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.mongodb,
    aws_vpc_security_group_egress_rule.servers_out,
    aws_vpc_security_group_egress_rule.servers_database,
    aws_vpc_security_group_ingress_rule.database_servers,
    aws_iam_role_policy.servers,
    aws_iam_role_policy_attachment.session_manager,
    aws_lb_listener.https,
  ]
}

# Rendering pages and hashing passwords is CPU: that is what it goes by.
resource "aws_autoscaling_policy" "cpu" {
  name                   = "${var.name}-cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 50

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

# AWS' agents, installed and kept up to date by Systems Manager: logs, and deployments.
resource "aws_ssm_association" "agent" {
  for_each = toset(["AmazonCloudWatchAgent", "AWSCodeDeployAgent"])

  name                = "AWS-ConfigureAWSPackage"
  association_name    = "${var.name}-${each.key}"
  schedule_expression = "rate(7 days)"

  parameters = {
    action = "Install"
    name   = each.key
  }

  targets {
    key    = "tag:aws:autoscaling:groupName"
    values = [aws_autoscaling_group.this.name]
  }
}

resource "aws_ssm_association" "logs" {
  name                = "AmazonCloudWatch-ManageAgent"
  association_name    = "${var.name}-logs"
  schedule_expression = "rate(1 day)"

  parameters = {
    action                        = "configure"
    mode                          = "ec2"
    optionalConfigurationSource   = "ssm"
    optionalConfigurationLocation = aws_ssm_parameter.agent.name
    optionalRestart               = "yes"
  }

  targets {
    key    = "tag:aws:autoscaling:groupName"
    values = [aws_autoscaling_group.this.name]
  }

  depends_on = [aws_ssm_association.agent]
}

# What the logs' agent reads, and where to it writes.
resource "aws_ssm_parameter" "agent" {
  #checkov:skip=CKV2_AWS_34:The agent's settings are no secret: which file goes to which log.
  #checkov:skip=CKV_AWS_337:The same.
  name = "${var.name}-cloudwatch-agent"
  type = "String"

  value = jsonencode({
    logs = {
      logs_collected = {
        files = {
          collect_list = [{
            file_path       = "/var/log/siskin/siskin.log"
            log_group_name  = aws_cloudwatch_log_group.servers.name
            log_stream_name = "{instance_id}"
          }]
        }
      }
    }
  })
}
