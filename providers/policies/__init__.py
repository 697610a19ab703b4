"""What to do when a model fails: small decisions, each in a file of its own, tested by tables."""
