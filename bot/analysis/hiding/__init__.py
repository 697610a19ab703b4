"""What is looked for in a text before it may go anywhere; `bot.analysis.redact` does the hiding."""
