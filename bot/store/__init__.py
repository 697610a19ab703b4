"""What is remembered: of runs in memory, of confirmed causes in a file."""
