variable "name" {
  description = "What everything is called, and begins with."
  type        = string
  default     = "siskin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.name))
    error_message = "Use 2 to 16 of a-z, 0-9 and -, beginning with a letter: names of load balancers are short."
  }
}

variable "region" {
  description = "Where. The database's endpoint must be in the same region."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Give a region like eu-central-1."
  }
}

variable "cidr" {
  description = "The addresses of the network: a /16 that overlaps with no other network of yours."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16")
    error_message = "Give an IPv4 network of the size /16, 10.20.0.0/16 for example."
  }
}

variable "zones" {
  description = "Over how many availability zones the servers are spread; each has a NAT gateway, which is the greater part of its cost."
  type        = number
  default     = 2

  validation {
    condition     = var.zones >= 2 && var.zones <= 3
    error_message = "2 or 3: one zone's end must not be yours."
  }
}

variable "domain" {
  description = "The name that people type."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "Give a name without https:// and path: tweets.example.org."
  }
}

variable "hosted_zone_id" {
  description = "The Route 53 zone in which the domain is."
  type        = string

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.hosted_zone_id))
    error_message = "Give the zone's id, which begins with Z."
  }
}

variable "instance_type" {
  description = "The kind of server. Two cores and 2 GiB are plenty: docs/PERFORMANCE.md."
  type        = string
  default     = "t3.small"
}

variable "servers" {
  description = "How many servers there are at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }

  validation {
    condition     = var.servers.min >= 2 && var.servers.max > var.servers.min
    error_message = "At least 2, and at most more than that: an update needs a place for one more."
  }
}

variable "image_parameter" {
  description = "AWS' public parameter with the newest image. Ubuntu has the agent of Session Manager inside."
  type        = string
  default     = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
}

variable "package" {
  description = "The Debian package that `make release` has made, in a bucket of yours: bucket, key and its line in SHA256SUMS."
  type        = object({ bucket = string, key = string, sha256 = string })

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.package.sha256)) && endswith(var.package.key, ".deb")
    error_message = "The key ends with .deb, and the checksum is 64 hexadecimal digits."
  }
}

variable "mongodb_endpoint_service" {
  description = "The name of the PrivateLink service that MongoDB Atlas gives: com.amazonaws.vpce.REGION.vpce-svc-…"
  type        = string

  validation {
    condition     = can(regex("^com\\.amazonaws\\.vpce\\.[a-z0-9-]+\\.vpce-svc-[0-9a-f]+$", var.mongodb_endpoint_service))
    error_message = "Give com.amazonaws.vpce.REGION.vpce-svc-…, as Atlas shows it under Network Access, Private Endpoint."
  }
}

variable "settings" {
  description = "More of what README.md lists under Configuration, mail for example: each is a line of /etc/siskin/siskin.env. No passwords: they would be in the state and in the server's user data. Those are in secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, value in var.settings : can(regex("^SISKIN_[A-Z0-9_]+$", name)) && can(regex("^[^'\\\\\n]*$", value))])
    error_message = "Names are SISKIN_…; values are one line without ' and \\."
  }
}

variable "secrets" {
  description = "Names of more secrets that you have put into Secrets Manager as NAME/…, beside the database's address, smtp-url for example. A setting finds it in a file: SISKIN_SMTP_URL_FILE = /run/credentials/siskin.service/smtp-url"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.secrets : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Use a-z, 0-9 and -, beginning with a letter."
  }
}

variable "metrics_from" {
  description = "The network from which your Prometheus gets the servers' metrics at port 9464, 10.20.0.0/16 for example. Empty: there are none."
  type        = string
  default     = ""

  validation {
    condition     = var.metrics_from == "" || (can(cidrnetmask(var.metrics_from)) && !endswith(var.metrics_from, "/0"))
    error_message = "Give an IPv4 network, not everybody's: metrics have no password."
  }
}

variable "alarm_email" {
  description = "Who gets a mail when an alarm goes off (and must confirm it once)."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "Give an e-mail address."
  }
}

variable "log_days" {
  description = "For how many days logs are kept. They hold addresses of people."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 180, 365], var.log_days)
    error_message = "30, 60, 90, 180 or 365."
  }
}
