# What somebody is woken for, by what the load balancer sees. What Siskin itself measures is for a Prometheus of yours (metrics_from,
# deploy/monitoring); without one nobody watches that.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  # name => what the load balancer measured, and from when on it is too much
  alarms = {
    unhealthy = { metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, minutes = 5, of_group = true, why = "A server is not ready and has not been replaced: look at its log." }
    errors    = { metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 20, minutes = 5, of_group = true, why = "Siskin answers with errors." }
    slow      = { metric = "TargetResponseTime", statistic = "p99", above = 1, minutes = 10, of_group = true, why = "One in a hundred answers takes longer than a second." }
    refused   = { metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", above = 20, minutes = 5, of_group = false, why = "The load balancer found nobody to answer." }
  }
}

resource "aws_cloudwatch_metric_alarm" "balancer" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.why
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  dimensions = merge(
    { LoadBalancer = aws_lb.this.arn_suffix },
    each.value.of_group ? { TargetGroup = aws_lb_target_group.this.arn_suffix } : {},
  )
}
