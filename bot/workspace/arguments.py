"""A method's arguments: what it takes, out of the three shapes in which a client sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from bot.workspace.errors import SlackError, explained

Kind = Literal["str", "int", "flag", "json"]
_FALSE = ("", "0", "false", "False", 0, False, None)


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    kind: Kind = "str"
    required: bool = False


def arguments(table: str) -> tuple[Argument, ...]:
    """Read a table such as "channel* text blocks:json limit:int"; a star means required."""
    return tuple(_argument(word) for word in table.split())


def _argument(word: str) -> Argument:
    name, _, kind = word.partition(":")
    kinds: dict[str, Kind] = {"": "str", "int": "int", "flag": "flag", "json": "json"}
    return Argument(name.rstrip("*"), kinds[kind], name.endswith("*"))


async def read_raw(request: web.Request, *, reads_json: bool) -> dict[str, Any]:
    """Return what was sent, unchecked: query, then form or JSON body over it.

    A JSON body counts only for the methods that read one; elsewhere Slack ignores it.
    """
    raw: dict[str, Any] = dict(request.query)
    if request.method != "POST" or not request.can_read_body:
        return raw
    if request.content_type == "application/json":
        return {**raw, **(await _json_body(request))} if reads_json else raw
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise SlackError("invalid_post_type")
    return {**raw, **(await request.post())}


async def _json_body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    # a token inside JSON is no credential on Slack, unlike one in a form
    return {key: value for key, value in body.items() if key != "token"}


def checked(table: tuple[Argument, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments by their types, those that were not sent left out.

    Raises invalid_arguments, naming every fault at once.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for argument in table:
        if raw.get(argument.name) is None:
            if argument.required:
                faults.append(f"missing required field: {argument.name}")
            continue
        try:
            values[argument.name] = _typed(argument.kind, raw[argument.name])
        except ValueError as error:
            faults.append(f"{error} [json-pointer:/{argument.name}]")
    if faults:
        raise explained("invalid_arguments", faults)
    return values


def _typed(kind: Kind, value: Any) -> Any:
    if kind == "flag":
        return value not in _FALSE
    if kind == "json":
        return _decoded(value)
    if isinstance(value, (dict, list)):
        raise ValueError(f"must be {'an integer' if kind == 'int' else 'a string'}")
    if kind == "str":
        return str(value)
    return _integer(value)


def _integer(value: Any) -> int | None:
    if value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise ValueError("must be an integer") from error


def _decoded(value: Any) -> Any:
    """Decode JSON that travels inside a form; what is none stays for the method to judge."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
