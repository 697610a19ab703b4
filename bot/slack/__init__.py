"""Everything that talks to Slack; the only place that may post there."""
