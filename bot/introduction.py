"""How people call the app, as `manifest.yml` declares it to Slack."""

from __future__ import annotations

from bot.workspace.pages import CommandHint, MessageShortcut

COMMANDS = (
    CommandHint(
        "/rca",
        "Analyse this channel, or the thread behind a link",
        "[question | link to a message | help]",
    ),
    CommandHint("/rca-health", "Show the state of the model providers"),
)
SHORTCUTS = (MessageShortcut("analyse_thread", "Analyse this thread"),)
