"""Who calls whom: from tables, JSON, and the arrows of text, Mermaid and DOT."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from bot.analysis.series import number

Graph = Mapping[str, tuple[str, ...]]

_EDGE_HEADERS = (
    ["source", "target"],
    ["caller", "callee"],
    ["from", "to"],
    ["src", "dst"],
    ["client", "server"],
    ["parent", "child"],
    ["upstream", "downstream"],
    ["source", "destination"],
)
_MOST_EDGES = 50_000
_MOST_LINES = 5_000
_HEAD = 8_000
_LONGEST = 1_000_000
_MOSTLY = 0.6
_NAME = r'(?:"[^"\n]{1,120}"|[\w.:/@*](?:[\w.:/@*]|-(?![->.])){0,120})'
_SHAPED = r"(?:\[\"?[^\]\n]{1,120}\]|\(\(?\"?[^()\n]{1,120}\)\)?|\{[^{}\n]{1,120}\})"
_NODE = re.compile(rf"\s{{0,20}}({_NAME})({_SHAPED})?\s{{0,20}}")
_ARROW = re.compile(
    r"(?:--[^->|\n]{1,60}-->|-{1,3}>|={1,3}>|-\.{1,3}->|→|calls\b)(?:\|[^|\n]{0,60}\|)?"
)
_FRAME = re.compile(
    r"\s{0,40}(?:(?:strict )?(?:(?:di|sub)?graph|flowchart)(?:\s.{0,80})?|end|[{}]|```\w{0,12}"
    r"|(?:%%|//|#).{0,200}|(?:rankdir|node|edge|classDef|class|style)\b.{0,200})?\s{0,40};?"
)
_ATTRIBUTES = re.compile(r"\s{0,9}(?:\[[^\]\n]{0,200}\])?\s{0,9};?")
_DRAWN = re.compile(rf"\s{{0,20}}({_NAME})\s{{0,3}}({_SHAPED})\s{{0,9}};?")
_LABELLED = re.compile(r'.{0,60}\blabel\s?=\s?"([^"\n]{1,120})"')


def read_graph(rows: list[list[str]], document: Any, text: str) -> Graph:
    """Return who calls whom, from a text, its rows where it is a table, or its JSON."""
    if document is not None:
        return _joined(_of_json(document))
    return _of_rows(rows) or _of_arrows(text)


def _of_rows(rows: list[list[str]]) -> Graph:
    """Read a square matrix of 0 and 1, or rows of caller and callee."""
    if len(rows) < 2:
        return {}
    names = rows[0][1:]
    if rows[0][0] == "" and names and all(row[0] in names for row in rows[1:]):
        return {row[0]: _called(names, row[1:]) for row in rows[1:]}
    if [cell.strip().lower() for cell in rows[0][:2]] in _EDGE_HEADERS:
        return _joined((row[0].strip(), row[1].strip()) for row in rows[1:] if len(row) > 1)
    return {}


def _called(names: list[str], cells: list[str]) -> tuple[str, ...]:
    return tuple(name for name, cell in zip(names, cells, strict=False) if number(cell))


def _joined(edges: Iterable[tuple[str, str]]) -> Graph:
    calls: dict[str, dict[str, None]] = {}
    for count, (caller, callee) in enumerate(edges):
        if count >= _MOST_EDGES:
            break
        if caller and callee and caller != callee:
            calls.setdefault(caller, {})[callee] = None
    return {caller: tuple(callees) for caller, callees in calls.items()}


def _of_json(document: Any) -> Iterator[tuple[str, str]]:
    """Read a list of edges, alone or under a usual key, or callees by caller."""
    edges = document
    names: dict[str, str] = {}
    if isinstance(document, dict):
        keys = ("edges", "links", "data", "dependencies", "relations", "calls")
        edges = next((document[key] for key in keys if isinstance(document.get(key), list)), None)
        names = _names(document.get("nodes"))
        if edges is None:
            yield from _adjacency(document)
    for edge in edges if isinstance(edges, list) else ():
        if pair := _edge(edge):
            yield names.get(pair[0], pair[0]), names.get(pair[1], pair[1])


def _names(nodes: Any) -> dict[str, str]:
    found = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and "id" in node:
            found[str(node["id"])] = str(node.get("name") or node.get("label") or node["id"])
    return found


def _edge(edge: Any) -> tuple[str, str] | None:
    if isinstance(edge, list) and len(edge) == 2 and all(isinstance(end, str) for end in edge):
        return edge[0], edge[1]
    if isinstance(edge, dict):
        lowered = {key.lower(): value for key, value in edge.items()}
        for one, other in _EDGE_HEADERS:
            if isinstance(lowered.get(one), str | int) and isinstance(
                lowered.get(other), str | int
            ):
                return str(lowered[one]), str(lowered[other])
    return None


def _adjacency(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Read callees by caller; lists of which none names another key are of something else."""
    lists = [value for value in document.values() if isinstance(value, list)]
    named = {one for callees in lists for one in callees if isinstance(one, str)}
    if len(lists) == len(document) and not named.isdisjoint(document):
        for caller, callees in document.items():
            for callee in callees:
                if isinstance(callee, str):
                    yield caller, callee


def _of_arrows(text: str) -> Graph:
    """Read lines such as "web -> cart -> db"; a text with more than those is no graph."""
    if not _ARROW.search(text[:_HEAD]):
        return {}
    statements = re.split(r"[;{}\n]" if "digraph" in text[:_HEAD] else r"[;\n]", text[:_LONGEST])
    lines = [line for line in statements[:_MOST_LINES] if not _FRAME.fullmatch(line)]
    labels: dict[str, str] = {}
    chains = [_chain(line, labels) for line in lines if not _is_node(line, labels)]
    drawn = sum(bool(chain) for chain in chains)
    if not drawn or drawn < _MOSTLY * len(chains):
        return {}
    named = ([labels.get(name, name) for name in chain] for chain in chains)
    return _joined(pair for chain in named for pair in pairwise(chain))


def _is_node(line: str, labels: dict[str, str]) -> bool:
    """Say whether a line only draws a node, and note its label."""
    found = _DRAWN.fullmatch(line)
    if not found:
        return False
    label = _LABELLED.match(found[2])
    labels[found[1].strip('"')] = label[1] if label else _bare(found[2])
    return True


def _bare(shaped: str) -> str:
    return shaped.strip('[](){}"').strip()


def _chain(line: str, labels: dict[str, str]) -> list[str]:
    """Return the nodes of a line in their order; a node's label is noted where one is drawn."""
    names: list[str] = []
    position = 0
    while node := _NODE.match(line, position):
        name = node[1].strip('"')
        names.append(name)
        if node[2]:
            labels[name] = _bare(node[2])
        arrow = _ARROW.match(line, node.end())
        if not arrow:
            is_end = _ATTRIBUTES.fullmatch(line, node.end()) is not None
            return names if is_end and len(names) > 1 else []
        position = arrow.end()
    return []
