"""What the bot asks of Slack, and why: `manifest.yml` must say the same."""

from __future__ import annotations

SCOPES = {
    "app_mentions:read": "to hear when it is mentioned",
    "channels:history": "to read the thread that it is asked about",
    "channels:read": "to know a channel's name, and who may read it",
    "chat:write": "to answer",
    "commands": "for /rca and the message shortcut",
    "files:read": "to read logs that were attached",
    "groups:history": "the same in private channels that it was invited to",
    "groups:read": "the same in private channels that it was invited to",
    "im:history": "to answer direct messages",
    "im:read": "to answer direct messages",
    "users:read": "to show names instead of ids, and to tell guests from members",
}
"""Bot scopes by name, with the reason that an administrator is told."""
