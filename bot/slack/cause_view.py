"""The modal "Mark the actual cause", and what comes back from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.analysis.redact import RedactionError, Redactor
from bot.analysis.report import Report, Verdict
from bot.analysis.similar import Marked

CAUSE_ACTION = "rca_mark_cause"
CAUSE_VIEW = "rca_cause"
CAUSE_CHARS = 300

_CAUSE, _MARKED = "cause", "marked"
_WORDS = {
    Marked.AS_SAID: "It was as the bot said",
    Marked.DIFFERENT: "It was something else",
    Marked.NO_INCIDENT: "There was no incident",
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a person filled in: `cause` is redacted, and empty where `fault` says what is wrong."""

    run_id: str
    cause: str = ""
    marked: Marked = Marked.DIFFERENT
    fault: str = ""


def cause_view(report: Report, run_id: str) -> dict[str, Any]:
    """Return the modal; it begins with what the bot said, where that names anything."""
    text: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": _CAUSE,
        "multiline": True,
        "max_length": CAUSE_CHARS,
        "focus_on_load": True,
        "placeholder": _plain("What failed, and why"),
    }
    if report.verdict is not Verdict.UNCLEAR:
        text["initial_value"] = report.cause.text[:CAUSE_CHARS]
    choice = {
        "type": "static_select",
        "action_id": _MARKED,
        "placeholder": _plain("Choose one, or leave it"),
        "options": [{"text": _plain(words), "value": str(name)} for name, words in _WORDS.items()],
    }
    return {
        "type": "modal",
        "callback_id": CAUSE_VIEW,
        "private_metadata": run_id,
        "title": _plain("The actual cause"),
        "submit": _plain("Mark"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(_CAUSE, "What was it, in a sentence or two?", text),
            _input(_MARKED, "And the bot's answer?", choice, optional=True),
        ],
    }


def submitted(view: Mapping[str, Any], said: str) -> Submitted:
    """Return what was filled in; `said` is the cause that the bot named."""
    run_id = str(view.get("private_metadata") or "")
    values = (view.get("state") or {}).get("values") or {}
    text = str(_value(values, _CAUSE).get("value") or "").strip()
    if not any(map(str.isalnum, text)):
        return Submitted(run_id, fault="Say in a sentence what it was.")
    if len(text) > CAUSE_CHARS:
        fault = f"At most {CAUSE_CHARS} characters, please; this has {len(text)}."
        return Submitted(run_id, fault=fault)
    try:
        cause = " ".join(Redactor().redact(text).split())
    except RedactionError:
        return Submitted(run_id, fault="The secrets in this could not be hidden. Leave them out.")
    chosen = (_value(values, _MARKED).get("selected_option") or {}).get("value")
    return Submitted(run_id, cause, _marked(chosen, same=text == said[:CAUSE_CHARS].strip()))


def errors(fault: str) -> dict[str, str]:
    """Return a fault where Slack shows it: beside the input."""
    return {_CAUSE: fault}


def _marked(chosen: Any, *, same: bool) -> Marked:
    if chosen in list(Marked):
        return Marked(chosen)
    return Marked.AS_SAID if same else Marked.DIFFERENT


def _value(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = (values.get(name) or {}).get(name)
    return found if isinstance(found, dict) else {}


def _input(
    name: str, label: str, element: dict[str, Any], *, optional: bool = False
) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}
