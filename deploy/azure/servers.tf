# The servers: equal, replaceable, without public addresses. What one does at its first start is in boot.sh.

resource "azurerm_linux_virtual_machine_scale_set" "this" {
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  sku                 = var.vm_size
  instances           = var.servers.min
  zones               = local.zones
  zone_balance        = true
  # More than asked for, to be thrown away: does not go with the surge of an update.
  overprovision = false

  # Not "operator", "admin" and the like: Ubuntu has groups of such names.
  admin_username                  = "siskinadmin"
  disable_password_authentication = true
  # What is on the disk and in the cache of the host is encrypted; secure boot and a TPM for each machine.
  encryption_at_host_enabled = true
  secure_boot_enabled        = true
  vtpm_enabled               = true

  admin_ssh_key {
    username   = "siskinadmin"
    public_key = var.admin_public_key
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = "server"
    version   = "latest"
  }

  os_disk {
    caching              = "ReadOnly"
    storage_account_type = "Premium_LRS"
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.servers.id]
  }

  network_interface {
    name    = "siskin"
    primary = true

    ip_configuration {
      name      = "siskin"
      primary   = true
      subnet_id = azurerm_subnet.servers.id
      application_gateway_backend_address_pool_ids = [
        for pool in azurerm_application_gateway.this.backend_address_pool : pool.id
      ]
    }
  }

  custom_data = base64encode(join("\n", [
    "#!/bin/bash",
    "PACKAGE_URL='${var.package.url}'",
    "PACKAGE_SHA256='${var.package.sha256}'",
    "VAULT_URL='${azurerm_key_vault.this.vault_uri}'",
    "SECRETS='${join(" ", var.secrets)}'",
    "IDENTITY='${azurerm_user_assigned_identity.servers.client_id}'",
    "PUBLIC_URL='https://${var.domain}'",
    # The gateway's subnet.
    "TRUSTED_PROXIES='${cidrsubnet(var.cidr, 8, 0)}'",
    "METRICS_FROM='${var.metrics_from}'",
    "SETTINGS='${join("\n", [for name, value in var.settings : "${name}=${value}"])}'",
    file("${path.module}/boot.sh"),
  ]))

  # Whether a server is ready is asked on the server itself; updates and repairs go by it.
  extension {
    name                       = "health"
    publisher                  = "Microsoft.ManagedServices"
    type                       = "ApplicationHealthLinux"
    type_handler_version       = "2.0"
    auto_upgrade_minor_version = true

    settings = jsonencode({
      protocol          = "http"
      port              = 3000
      requestPath       = "/readyz"
      intervalInSeconds = 5
      numberOfProbes    = 2
      gracePeriod       = 300
    })
  }

  # Logs: what Siskin says is in the journal, rsyslog takes it from there, this agent from rsyslog.
  extension {
    name                       = "monitor"
    publisher                  = "Microsoft.Azure.Monitor"
    type                       = "AzureMonitorLinuxAgent"
    type_handler_version       = "1.33"
    auto_upgrade_minor_version = true
    automatic_upgrade_enabled  = true

    settings = jsonencode({
      authentication = {
        managedIdentity = {
          identifier-name  = "mi_res_id"
          identifier-value = azurerm_user_assigned_identity.servers.id
        }
      }
    })
  }

  # A new image, package or setting: one more server first, then an old one goes, and so on, while they get ready.
  upgrade_mode = "Rolling"

  rolling_upgrade_policy {
    max_batch_instance_percent              = 20
    max_unhealthy_instance_percent          = 20
    max_unhealthy_upgraded_instance_percent = 0
    pause_time_between_batches              = "PT1M"
    maximum_surge_instances_enabled         = true
    prioritize_unhealthy_instances_enabled  = true
  }

  # Security updates of the image come the same way.
  automatic_os_upgrade_policy {
    enable_automatic_os_upgrade = true
    disable_automatic_rollback  = false
  }

  # A server that is not ready for long is replaced.
  automatic_instance_repair {
    enabled      = true
    grace_period = "PT10M"
  }

  # Azure's notice that a server is to go (Scheduled Events) is not asked for, since nothing here would read it. What Siskin
  # sees is the SIGTERM of a machine that is shut down, and drains then; the gateway lets its last requests end.

  lifecycle {
    # The autoscaler's to say.
    ignore_changes = [instances]
  }

  depends_on = [
    azurerm_role_assignment.servers_secret,
    azurerm_role_assignment.servers_package,
    azurerm_subnet_nat_gateway_association.servers,
  ]
}

# Rendering pages and hashing passwords is CPU: that is what it goes by.
resource "azurerm_monitor_autoscale_setting" "this" {
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  target_resource_id  = azurerm_linux_virtual_machine_scale_set.this.id

  profile {
    name = "cpu"

    capacity {
      default = var.servers.min
      minimum = var.servers.min
      maximum = var.servers.max
    }

    rule {
      metric_trigger {
        metric_name        = "Percentage CPU"
        metric_resource_id = azurerm_linux_virtual_machine_scale_set.this.id
        operator           = "GreaterThan"
        threshold          = 60
        statistic          = "Average"
        time_aggregation   = "Average"
        time_grain         = "PT1M"
        time_window        = "PT5M"
      }

      scale_action {
        direction = "Increase"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT3M"
      }
    }

    rule {
      metric_trigger {
        metric_name        = "Percentage CPU"
        metric_resource_id = azurerm_linux_virtual_machine_scale_set.this.id
        operator           = "LessThan"
        threshold          = 20
        statistic          = "Average"
        time_aggregation   = "Average"
        time_grain         = "PT1M"
        time_window        = "PT15M"
      }

      scale_action {
        direction = "Decrease"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT10M"
      }
    }
  }
}
