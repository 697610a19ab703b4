"""What is remembered between runs; in memory."""
