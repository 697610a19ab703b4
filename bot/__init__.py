"""The application: it reads an incident, has it analysed, and delivers the answer into Slack."""
