# MongoDB Atlas by PrivateLink: the database has an address in this network, and none of it crosses the Internet.
#
# Why not DocumentDB: it speaks MongoDB's protocol without all of its promises. Siskin needs transactions, change streams,
# causally consistent sessions, retryable writes and killSessions (docs/STORES.md); DocumentDB has not all of them.

resource "aws_vpc_endpoint" "mongodb" {
  vpc_id             = aws_vpc.this.id
  service_name       = var.mongodb_endpoint_service
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids = [aws_security_group.database.id]

  tags = { Name = "${var.name}-mongodb" }
}

# The address with its password. Terraform makes the place; you put the value there, so that it is in no state file:
#   aws secretsmanager put-secret-value --secret-id siskin/database-url --secret-string "$(cat FILE)"
resource "aws_secretsmanager_secret" "database_url" {
  #checkov:skip=CKV2_AWS_57:Atlas owns the password: it is changed there, put here, and read at the next restart of a server.
  name        = "${var.name}/database-url"
  description = "SISKIN_DATABASE_URL, as Atlas gives it for the private endpoint, with name and password"
  kms_key_id  = aws_kms_key.this.arn
}
