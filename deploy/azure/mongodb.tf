# MongoDB Atlas by private link: the database has an address in this network, and none of it crosses the Internet.
#
# Why not Cosmos DB: it speaks MongoDB's protocol without all of its promises. Siskin needs transactions over collections,
# change streams, causally consistent sessions and killSessions (docs/STORES.md), and was tested with nothing like Cosmos DB.

resource "azurerm_private_endpoint" "mongodb" {
  name                = "${var.name}-mongodb"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = "mongodb"
    private_connection_resource_id = var.mongodb_service_alias
    # Atlas agrees once it is told the endpoint's id and address (the outputs).
    is_manual_connection = true
    request_message      = "Siskin"
  }
}
