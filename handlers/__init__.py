"""What Slack, or the clock, sends us: the table of contents."""
