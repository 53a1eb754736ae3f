variable "subscription_id" {
  description = "Who pays."
  type        = string
}

variable "name" {
  description = "What everything is called, and begins with."
  type        = string
  default     = "siskin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.name))
    error_message = "Use 2 to 12 of a-z and 0-9, beginning with a letter: names of key vaults and storage accounts are short."
  }
}

variable "location" {
  description = "Where: a region with availability zones."
  type        = string
  default     = "germanywestcentral"
}

variable "cidr" {
  description = "The addresses of the network: a /16 that overlaps with no other network of yours."
  type        = string
  default     = "10.30.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16")
    error_message = "Give an IPv4 network of the size /16, 10.30.0.0/16 for example."
  }
}

variable "domain" {
  description = "The name that people type. Point it at the output address_ip."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "Give a name without https:// and path: tweets.example.org."
  }
}

variable "certificate_secret_id" {
  description = "The certificate for the domain in the key vault, without its version, so that a renewed one is taken: https://….vault.azure.net/secrets/siskin"
  type        = string

  validation {
    condition     = can(regex("^https://[a-z0-9-]+\\.vault\\.azure\\.net/secrets/[A-Za-z0-9-]+$", var.certificate_secret_id))
    error_message = "Give https://NAME.vault.azure.net/secrets/CERTIFICATE, without a version."
  }
}

variable "vm_size" {
  description = "The kind of server. Two cores and 4 GiB are plenty: docs/PERFORMANCE.md."
  type        = string
  default     = "Standard_B2als_v2"
}

variable "servers" {
  description = "How many servers there are at least and at most."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 6 }

  validation {
    condition     = var.servers.min >= 2 && var.servers.max > var.servers.min
    error_message = "At least 2, and at most more than that."
  }
}

variable "package" {
  description = "The Debian package that `make release` has made, in a storage account of yours: the account's id, the blob's address, and its line in SHA256SUMS."
  type        = object({ account_id = string, url = string, sha256 = string })

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.package.sha256)) && can(regex("^https://.+\\.deb$", var.package.url))
    error_message = "The address is https://….deb, and the checksum is 64 hexadecimal digits."
  }
}

variable "mongodb_service_alias" {
  description = "The private link service of MongoDB Atlas: its resource id, as Atlas shows it under Network Access, Private Endpoint."
  type        = string

  validation {
    condition     = startswith(var.mongodb_service_alias, "/subscriptions/")
    error_message = "Give the resource id of the private link service: /subscriptions/…/privateLinkServices/…"
  }
}

variable "operator_addresses" {
  description = "From where you put secrets into the key vault."
  type        = list(string)

  validation {
    condition     = !contains(var.operator_addresses, "0.0.0.0/0")
    error_message = "Name your own addresses, not everybody's."
  }
}

variable "admin_public_key" {
  description = "Azure wants an SSH key for each Linux machine. No port leads to it: use `az vmss run-command` or the serial console."
  type        = string

  validation {
    condition     = startswith(var.admin_public_key, "ssh-")
    error_message = "Give a public key: ssh-ed25519 …"
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
  description = "Names of more secrets that you have put into the key vault, smtp-url for example. A setting finds it in a file: SISKIN_SMTP_URL_FILE = /run/credentials/siskin.service/smtp-url"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.secrets : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "Use a-z, 0-9 and -, beginning with a letter."
  }
}

variable "metrics_from" {
  description = "The network from which your Prometheus gets the servers' metrics at port 9464, 10.30.0.0/16 for example. Empty: there are none."
  type        = string
  default     = ""

  validation {
    condition     = var.metrics_from == "" || (can(cidrnetmask(var.metrics_from)) && !endswith(var.metrics_from, "/0"))
    error_message = "Give an IPv4 network, not everybody's: metrics have no password."
  }
}

variable "alarm_email" {
  description = "Who gets a mail when an alarm goes off."
  type        = string
}
