# Who may talk to whom: people to the gateway, it to the servers, they to the endpoints. Nobody to port 22.

resource "azurerm_network_security_group" "gateway" {
  #checkov:skip=CKV_AZURE_160:Port 80 only says where HTTPS is: people type names without https://.
  name                = "${var.name}-gateway"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name

  security_rule {
    name                       = "people"
    description                = "HTTPS, and HTTP to be sent there"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = "Internet"
    source_port_range          = "*"
    destination_address_prefix = cidrsubnet(var.cidr, 8, 0)
    destination_port_ranges    = ["80", "443"]
  }

  security_rule {
    name                       = "azure"
    description                = "Azure looks after the gateway by these ports, and demands them"
    priority                   = 110
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = "GatewayManager"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "65200-65535"
  }

  security_rule {
    name                       = "health"
    description                = "Azure's load balancer asks whether the gateway is there"
    priority                   = 120
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "*"
    source_address_prefix      = "AzureLoadBalancer"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }

  security_rule {
    name                       = "nobody-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_network_security_group" "servers" {
  name                = "${var.name}-servers"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name

  security_rule {
    name                       = "gateway"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = cidrsubnet(var.cidr, 8, 0)
    source_port_range          = "*"
    destination_address_prefix = cidrsubnet(var.cidr, 8, 1)
    destination_port_range     = "3000"
  }

  # The metrics have no password: a network of yours or nobody.
  dynamic "security_rule" {
    for_each = var.metrics_from == "" ? [] : [var.metrics_from]

    content {
      name                       = "prometheus"
      priority                   = 110
      direction                  = "Inbound"
      access                     = "Allow"
      protocol                   = "Tcp"
      source_address_prefix      = security_rule.value
      source_port_range          = "*"
      destination_address_prefix = cidrsubnet(var.cidr, 8, 1)
      destination_port_range     = "9464"
    }
  }

  security_rule {
    name                       = "nobody-else"
    description                = "Neither the rest of the network"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_network_security_group" "endpoints" {
  name                = "${var.name}-endpoints"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name

  security_rule {
    name                       = "key-vault"
    description                = "The servers and the gateway fetch secrets"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefixes    = [cidrsubnet(var.cidr, 8, 0), cidrsubnet(var.cidr, 8, 1)]
    source_port_range          = "*"
    destination_address_prefix = cidrsubnet(var.cidr, 8, 2)
    destination_port_range     = "443"
  }

  security_rule {
    name                       = "database"
    description                = "The members of an Atlas cluster are ports from 1024 on"
    priority                   = 110
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = cidrsubnet(var.cidr, 8, 1)
    source_port_range          = "*"
    destination_address_prefix = cidrsubnet(var.cidr, 8, 2)
    destination_port_range     = "1024-65535"
  }

  security_rule {
    name                       = "nobody-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet_network_security_group_association" "gateway" {
  subnet_id                 = azurerm_subnet.gateway.id
  network_security_group_id = azurerm_network_security_group.gateway.id
}

resource "azurerm_subnet_network_security_group_association" "servers" {
  subnet_id                 = azurerm_subnet.servers.id
  network_security_group_id = azurerm_network_security_group.servers.id
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  subnet_id                 = azurerm_subnet.endpoints.id
  network_security_group_id = azurerm_network_security_group.endpoints.id
}
