# What happened, and what somebody is woken for, by what the gateway sees. What Siskin itself measures is for a Prometheus of yours
# (metrics_from, deploy/monitoring); without one nobody watches that.

resource "azurerm_log_analytics_workspace" "this" {
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  retention_in_days   = 90
  daily_quota_gb      = 5
}

# The servers' log, by way of syslog.
resource "azurerm_monitor_data_collection_rule" "this" {
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name

  destinations {
    log_analytics {
      name                  = "workspace"
      workspace_resource_id = azurerm_log_analytics_workspace.this.id
    }
  }

  data_sources {
    syslog {
      name           = "daemons"
      facility_names = ["daemon", "syslog"]
      log_levels     = ["Info", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency"]
      streams        = ["Microsoft-Syslog"]
    }
  }

  data_flow {
    streams      = ["Microsoft-Syslog"]
    destinations = ["workspace"]
  }
}

resource "azurerm_monitor_data_collection_rule_association" "servers" {
  name                    = var.name
  target_resource_id      = azurerm_linux_virtual_machine_scale_set.this.id
  data_collection_rule_id = azurerm_monitor_data_collection_rule.this.id
}

# Each request at the gateway; each look at a secret.
resource "azurerm_monitor_diagnostic_setting" "gateway" {
  name                       = "requests"
  target_resource_id         = azurerm_application_gateway.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  enabled_log {
    category_group = "allLogs"
  }
}

resource "azurerm_monitor_diagnostic_setting" "key_vault" {
  name                       = "audit"
  target_resource_id         = azurerm_key_vault.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  enabled_log {
    category_group = "audit"
  }
}

resource "azurerm_monitor_action_group" "this" {
  name                = var.name
  resource_group_name = azurerm_resource_group.this.name
  short_name          = var.name

  email_receiver {
    name                    = "operators"
    email_address           = var.alarm_email
    use_common_alert_schema = true
  }
}

locals {
  # name => what the gateway measured, and from when on it is too much
  alarms = {
    unhealthy = { metric = "UnhealthyHostCount", aggregation = "Average", above = 0, why = "A server is not ready and has not been replaced: look at its log." }
    slow      = { metric = "BackendLastByteResponseTime", aggregation = "Average", above = 1000, why = "Answers take longer than a second." }
  }
}

resource "azurerm_monitor_metric_alert" "gateway" {
  for_each = local.alarms

  name                = "${var.name}-${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  scopes              = [azurerm_application_gateway.this.id]
  description         = each.value.why
  frequency           = "PT1M"
  window_size         = "PT5M"

  criteria {
    metric_namespace = "Microsoft.Network/applicationGateways"
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = "GreaterThan"
    threshold        = each.value.above
  }

  action {
    action_group_id = azurerm_monitor_action_group.this.id
  }
}
