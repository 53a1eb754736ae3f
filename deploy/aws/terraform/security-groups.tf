# Who may talk to whom: people to the load balancer, it to the servers, they to the database. Nobody to port 22:
# people get onto a server by Session Manager, which asks IAM and writes down who it was.

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The load balancer"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-balancer" }
}

resource "aws_security_group" "servers" {
  name        = "${var.name}-servers"
  description = "The servers"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-servers" }
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "The private endpoint of the database"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "balancer_https" {
  security_group_id = aws_security_group.balancer.id
  description       = "Everybody"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "balancer_http" {
  #checkov:skip=CKV_AWS_260:Port 80 only says where HTTPS is: people type names without https://.
  security_group_id = aws_security_group.balancer.id
  description       = "Everybody, to be sent to HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_egress_rule" "balancer_servers" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "The servers"
  referenced_security_group_id = aws_security_group.servers.id
  ip_protocol                  = "tcp"
  from_port                    = 3000
  to_port                      = 3000
}

resource "aws_vpc_security_group_ingress_rule" "servers_balancer" {
  security_group_id            = aws_security_group.servers.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 3000
  to_port                      = 3000
}

# The metrics have no password: a network of yours or nobody.
resource "aws_vpc_security_group_ingress_rule" "servers_metrics" {
  count = var.metrics_from == "" ? 0 : 1

  security_group_id = aws_security_group.servers.id
  description       = "Prometheus"
  cidr_ipv4         = var.metrics_from
  ip_protocol       = "tcp"
  from_port         = 9464
  to_port           = 9464
}

resource "aws_vpc_security_group_egress_rule" "servers_database" {
  security_group_id            = aws_security_group.servers.id
  description                  = "The database: the members of an Atlas cluster are ports from 1024 on"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 1024
  to_port                      = 65535
}

resource "aws_vpc_security_group_ingress_rule" "database_servers" {
  #checkov:skip=CKV_AWS_25:It is open to the servers' group only, and to no address.
  security_group_id            = aws_security_group.database.id
  description                  = "The servers"
  referenced_security_group_id = aws_security_group.servers.id
  ip_protocol                  = "tcp"
  from_port                    = 1024
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "servers_out" {
  # 80: Ubuntu's security updates (signed, so that HTTP will do); 443: AWS, OpenID providers; 465, 587: mail.
  for_each = toset(["80", "443", "465", "587"])

  security_group_id = aws_security_group.servers.id
  description       = "Updates, AWS, OpenID providers, mail"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}
