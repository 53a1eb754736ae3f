# What the servers may do: read their package and their secret, write their log, and be managed by Systems Manager.

data "aws_iam_policy_document" "servers_are" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "servers" {
  statement {
    sid       = "Package"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.package.bucket}/*"]
  }

  statement {
    sid     = "Secret"
    actions = ["secretsmanager:GetSecretValue"]
    # The database's address, and what you have put beside it.
    resources = [
      aws_secretsmanager_secret.database_url.arn,
      "arn:${data.aws_partition.this.partition}:secretsmanager:${var.region}:${data.aws_caller_identity.this.account_id}:secret:${var.name}/*",
    ]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.this.arn]
  }

  statement {
    sid       = "AgentSettings"
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.agent.arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.servers.arn}:*"]
  }
}

resource "aws_iam_role" "servers" {
  name               = "${var.name}-servers"
  assume_role_policy = data.aws_iam_policy_document.servers_are.json
}

resource "aws_iam_role_policy" "servers" {
  name   = var.name
  role   = aws_iam_role.servers.id
  policy = data.aws_iam_policy_document.servers.json
}

# Session Manager in the place of SSH: no port, no key; who, when and what is in CloudTrail.
resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.servers.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "servers" {
  name = "${var.name}-servers"
  role = aws_iam_role.servers.name
}
