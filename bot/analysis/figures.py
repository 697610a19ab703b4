"""What one file holds of figures: series, a call graph, or neither."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.analysis.answers import parsed, read_answer
from bot.analysis.callgraphs import Graph, read_graph
from bot.analysis.samples import read_samples
from bot.analysis.series import Series
from bot.analysis.tables import read_table, rows_of


@dataclass(frozen=True, slots=True)
class Read:
    """The series of a file or, where it has none, who calls whom in it."""

    series: tuple[Series, ...] = ()
    calls: Graph = field(default_factory=dict)


def read(text: str) -> Read:
    """Read a file whatever its name; a text of another kind gives neither."""
    text = text.strip("\ufeff\r\n")
    document = parsed(text.lstrip())
    if document is not None:
        series = read_answer(document)
        return Read(series) if series else Read(calls=read_graph([], document, text))
    rows = rows_of(text)
    series = read_table(rows) or read_samples(text)
    return Read(series) if series else Read(calls=read_graph(rows, None, text))
