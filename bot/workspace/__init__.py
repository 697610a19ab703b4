"""A Slack-compatible workspace on loopback: try the bot without Slack, and test it for real."""
