"""From an incident to a report: code decides what is evidence, the model proposes what it means.

Knows neither Slack nor a vendor.
"""
