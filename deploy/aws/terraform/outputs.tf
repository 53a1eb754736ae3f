output "address" {
  description = "Where Siskin is."
  value       = "https://${var.domain}"
}

output "mongodb_endpoint_id" {
  description = "Tell Atlas this id, under Network Access, Private Endpoint; then the endpoint becomes available."
  value       = aws_vpc_endpoint.mongodb.id
}

output "secret_arn" {
  description = "Where the database's address is to be put."
  value       = aws_secretsmanager_secret.database_url.arn
}

output "log_group" {
  description = "aws logs tail NAME --follow"
  value       = aws_cloudwatch_log_group.servers.name
}

output "autoscaling_group" {
  description = "The servers."
  value       = aws_autoscaling_group.this.name
}
