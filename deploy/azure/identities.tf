# Who may do what: identities without passwords, which Azure hands to the machines.

resource "azurerm_user_assigned_identity" "servers" {
  name                = "${var.name}-servers"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
}

resource "azurerm_user_assigned_identity" "gateway" {
  name                = "${var.name}-gateway"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
}

# The servers read these secrets, not the vault.
resource "azurerm_role_assignment" "servers_secret" {
  for_each = toset(concat(["database-url"], var.secrets))

  scope                = "${azurerm_key_vault.this.id}/secrets/${each.key}"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.servers.principal_id
}

resource "azurerm_role_assignment" "servers_package" {
  scope                = var.package.account_id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.servers.principal_id
}

# The gateway reads the certificate, which is a secret to the vault.
resource "azurerm_role_assignment" "gateway_certificate" {
  scope                = "${azurerm_key_vault.this.id}/secrets/${basename(var.certificate_secret_id)}"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.gateway.principal_id
}
