"""The list of all signatures as Markdown, between the two marks of a page.

`python -m bot.analysis.signatures.page docs/signatures.md` writes it anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bot.analysis.signatures import Signature, load

_LIST = re.compile(
    r"(?<=<!-- signatures -->\n).{0,1000000}?(?=<!-- end of signatures -->)", re.DOTALL
)


def listed(signatures: Sequence[Signature]) -> str:
    """Return one table a domain."""
    return "\n".join(_lines(signatures))


def renewed(page: str) -> str:
    """Return the page with the list of today between its marks."""
    return _LIST.sub(lambda _: listed(load()), page)


def _lines(signatures: Sequence[Signature]) -> Iterator[str]:
    names = sum(1 for signature in signatures if signature.role == "cause")
    yield f"{len(signatures)} signatures, {names} of them name a cause.\n"
    for domain, group in groupby(signatures, key=lambda signature: signature.domain):
        yield f"### {domain}\n"
        yield "| id | title | role | weight | what it means |"
        yield "|---|---|---|---|---|"
        yield from map(_row, group)
        yield ""


def _row(one: Signature) -> str:
    return f"| `{one.id}` | {one.title} | {one.role} | {one.weight} | {one.means} |"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
