terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  # The state has no secret in it, but whoever may write it may change everything. Keep it in a bucket of its own, for example:
  #   terraform init -backend-config=bucket=NAME -backend-config=key=siskin -backend-config=region=REGION
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project = var.name
      made-by = "terraform"
    }
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}
