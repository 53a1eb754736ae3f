# The load balancer: HTTPS and HTTP/2 outside, the servers that are ready inside. It does not buffer answers, so
# live events pass as they come.

resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28:Siskin limits by address and account itself (docs/SECURITY.md); a web application firewall costs more than a server. Add one if you are attacked.
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = [for subnet in aws_subnet.public : subnet.id]
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  # The address of who has called is put at the right end of X-Forwarded-For, where Siskin looks.
  xff_header_processing_mode = "append"
  enable_deletion_protection = true
  # Streams say something every 15 s.
  idle_timeout = 120

  access_logs {
    enabled = true
    bucket  = aws_s3_bucket.logs.id
    prefix  = "balancer"
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:Between the load balancer and the servers it is HTTP: that way is inside the network, and the servers let nobody else in.
  name        = var.name
  vpc_id      = aws_vpc.this.id
  port        = 3000
  protocol    = "HTTP"
  target_type = "instance"
  # A server that goes gets nothing new, and has so long for what it has. Streams come back elsewhere.
  deregistration_delay = 30
  # Streams last: counting requests in turn would not spread them.
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = "/readyz"
    port                = "traffic-port"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 5
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.this.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
