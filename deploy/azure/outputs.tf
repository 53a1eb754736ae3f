output "address" {
  description = "Where Siskin is."
  value       = "https://${var.domain}"
}

output "address_ip" {
  description = "What the domain's A record must say."
  value       = azurerm_public_ip.gateway.ip_address
}

output "key_vault" {
  description = "Where the database's address and the certificate are to be put."
  value       = azurerm_key_vault.this.name
}

output "mongodb_endpoint" {
  description = "Tell Atlas these two, under Network Access, Private Endpoint; then the endpoint becomes available."
  value = {
    id      = azurerm_private_endpoint.mongodb.id
    address = azurerm_private_endpoint.mongodb.private_service_connection[0].private_ip_address
  }
}
