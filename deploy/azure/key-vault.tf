# The database's address and the certificate. Terraform makes the place; you put the values there, so that they are in no
# state file (from one of operator_addresses):
#   az keyvault secret set --vault-name NAME --name database-url --file FILE
#   az keyvault certificate import --vault-name NAME --name siskin --file FILE.pfx

resource "azurerm_key_vault" "this" {
  #checkov:skip=CKV_AZURE_189:Its public side lets in the operators' addresses only; without it nobody could put a secret there from outside of the network.
  name                       = "${var.name}-${substr(sha256(azurerm_resource_group.this.id), 0, 8)}"
  location                   = azurerm_resource_group.this.location
  resource_group_name        = azurerm_resource_group.this.name
  tenant_id                  = data.azurerm_client_config.this.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  network_acls {
    default_action = "Deny"
    # The application gateway fetches renewed certificates as a service of Azure.
    bypass   = "AzureServices"
    ip_rules = var.operator_addresses
  }
}

resource "azurerm_private_endpoint" "key_vault" {
  name                = "${var.name}-key-vault"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = "key-vault"
    private_connection_resource_id = azurerm_key_vault.this.id
    subresource_names              = ["vault"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "key-vault"
    private_dns_zone_ids = [azurerm_private_dns_zone.key_vault.id]
  }
}

# In this network the vault's name is the endpoint's address.
resource "azurerm_private_dns_zone" "key_vault" {
  name                = "privatelink.vaultcore.azure.net"
  resource_group_name = azurerm_resource_group.this.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "key_vault" {
  name                  = var.name
  resource_group_name   = azurerm_resource_group.this.name
  private_dns_zone_name = azurerm_private_dns_zone.key_vault.name
  virtual_network_id    = azurerm_virtual_network.this.id
}
