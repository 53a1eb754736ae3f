# The application gateway: HTTPS and HTTP/2 outside, the servers that are ready inside.

resource "azurerm_public_ip" "gateway" {
  name                = "${var.name}-gateway"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  allocation_method   = "Static"
  sku                 = "Standard"
  zones               = local.zones
}

resource "azurerm_application_gateway" "this" {
  #checkov:skip=CKV_AZURE_120:Siskin limits by address and account itself (docs/SECURITY.md); a web application firewall costs more than the servers. Add one if you are attacked.
  #checkov:skip=CKV_AZURE_217:Port 80 only says where HTTPS is: people type names without https://.
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  zones               = local.zones
  enable_http2        = true

  sku {
    name = "Standard_v2"
    tier = "Standard_v2"
  }

  autoscale_configuration {
    min_capacity = 1
    max_capacity = 10
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.gateway.id]
  }

  gateway_ip_configuration {
    name      = "gateway"
    subnet_id = azurerm_subnet.gateway.id
  }

  frontend_ip_configuration {
    name                 = "public"
    public_ip_address_id = azurerm_public_ip.gateway.id
  }

  frontend_port {
    name = "https"
    port = 443
  }

  frontend_port {
    name = "http"
    port = 80
  }

  ssl_certificate {
    name                = "siskin"
    key_vault_secret_id = var.certificate_secret_id
  }

  ssl_policy {
    policy_type = "Predefined"
    policy_name = "AppGwSslPolicy20220101S"
  }

  # Events go out as they come: buffered, a stream would never arrive.
  global {
    request_buffering_enabled  = true
    response_buffering_enabled = false
  }

  backend_address_pool {
    name = "servers"
  }

  probe {
    name                = "ready"
    protocol            = "Http"
    path                = "/readyz"
    port                = 3000
    host                = "127.0.0.1"
    interval            = 5
    timeout             = 4
    unhealthy_threshold = 2
  }

  backend_http_settings {
    name                  = "siskin"
    protocol              = "Http"
    port                  = 3000
    cookie_based_affinity = "Disabled"
    probe_name            = "ready"
    # Streams say something every 15 s.
    request_timeout = 120

    connection_draining {
      enabled           = true
      drain_timeout_sec = 30
    }
  }

  http_listener {
    name                           = "https"
    frontend_ip_configuration_name = "public"
    frontend_port_name             = "https"
    protocol                       = "Https"
    ssl_certificate_name           = "siskin"
    host_name                      = var.domain
  }

  http_listener {
    name                           = "http"
    frontend_ip_configuration_name = "public"
    frontend_port_name             = "http"
    protocol                       = "Http"
  }

  # The gateway appends the port to the address of who has called; Siskin wants the address alone.
  rewrite_rule_set {
    name = "client-address"

    rewrite_rule {
      name          = "client-address"
      rule_sequence = 1

      request_header_configuration {
        header_name  = "X-Forwarded-For"
        header_value = "{var_add_x_forwarded_for_proxy}"
      }
    }
  }

  request_routing_rule {
    name                       = "https"
    rule_type                  = "Basic"
    priority                   = 10
    http_listener_name         = "https"
    backend_address_pool_name  = "servers"
    backend_http_settings_name = "siskin"
    rewrite_rule_set_name      = "client-address"
  }

  redirect_configuration {
    name                 = "to-https"
    redirect_type        = "Permanent"
    target_listener_name = "https"
    include_path         = true
    include_query_string = true
  }

  request_routing_rule {
    name                        = "http"
    rule_type                   = "Basic"
    priority                    = 20
    http_listener_name          = "http"
    redirect_configuration_name = "to-https"
  }

  depends_on = [azurerm_role_assignment.gateway_certificate]
}
