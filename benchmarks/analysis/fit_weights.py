"""Fit what each feature of a sentence is worth, and say how well that holds on incidents held out.

    python benchmarks/analysis/fit_weights.py INCIDENTS [--write]

INCIDENTS holds a folder a case, with its `thread.json` and a `truth.yaml`: `root_cause_lines` are
the decisive lines, `must_mention` groups of words that name the cause, `group` what must not be
split between what is learned from and what is held out. The prior is what a person would say; the
data may move a weight away from it only as far as it pays. A fifth of the groups is held out in
turn, and both parts are reported. With --write, all cases together give the new weights.
"""

from __future__ import annotations

import argparse
import html
import math
import random
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.analysis import features, rules
from bot.analysis.collect import collect
from bot.analysis.ranking import HEALTHY, is_same
from bot.analysis.report import Coverage, Verdict
from bot.analysis.scene import Scene
from bot.analysis.scoring import Judge, scored
from bot.analysis.sentences import sentences
from bot.slack.archive import load_incident

WEIGHTS = Path(__file__).parents[2] / "bot" / "analysis" / "weights.yaml"
PRIOR = {
    "stated_1": 3.0,
    "stated_2": 2.5,
    "stated_3": 1.8,
    "stated_4": 1.4,
    "stated_5": 0.6,
    "stated_in_log": 0.8,
    "stated_openly": 0.3,
    "sign_cause_3": 2.0,
    "sign_cause_2": 1.4,
    "sign_cause_1": 0.8,
    "signs": 0.2,
    "sign_symptom_3": 0.8,
    "sign_symptom_2": 0.6,
    "sign_symptom_1": 0.4,
    "note_setting": 2.5,
    "note_state": 1.8,
    "note_consumer": 1.8,
    "note_diff": 1.5,
    "note_healthy": -2.0,
    "marked": 2.0,
    "sign_of_root": -0.5,
    "sign_said": -0.3,
    "leads_on": 1.0,
    "points_back": -0.8,
    "announces": -0.6,
    "changes": 0.2,
    "deed": 0.4,
    "deed_before_onset": 0.5,
    "before_onset": 0.2,
    "symptom": 0.5,
    "failed": 0.2,
    "remedy": -0.3,
    "dated": 0.4,
    "over": -0.6,
    "mechanism": 0.5,
    "fix": -0.2,
    "fix_named": 0.3,
    "fix_follows": 0.0,
    "taken_back": 0.5,
    "trail_back": 1.0,
    "trail_cleared": -1.5,
    "near_onset": 0.2,
    "ruled_out": -1.5,
    "without_effect": -1.0,
    "process": -1.0,
    "plans": -1.0,
    "unsure": -0.5,
    "wonders": -0.8,
    "question": -0.8,
    "routine": -1.0,
    "calm": -1.0,
    "calm_and_cause": -0.2,
    "no_statement": -2.0,
    "says_nothing": -1.5,
    "field": -0.8,
    "empty": -1.0,
    "short": -0.6,
    "long": -0.2,
    "specific": 0.6,
    "asked": 0.4,
    "of_title": 0.3,
    "recurs": 0.0,
    "says_info": -0.2,
    "says_warn": 0.3,
    "says_error": 0.5,
    "is_debug": -0.3,
    "is_info": -0.3,
    "is_warn": 0.2,
    "is_error": 0.5,
    "is_fatal": 0.8,
    "often_failing": 0.4,
    "rare": 0.2,
    "in_root": -1.0,
    "pasted": 0.0,
    "is_said": 0.2,
    "late": 0.4,
    "is_alert": -0.3,
    "explained": 0.6,
}
RIDGE = 0.3
"""How dear it is to leave the prior; chosen among 0.03, 0.1 and 0.3 by what was held out."""
STEPS, RATE, SHARPNESS, FOLDS = 300, 0.1, 3.0, 5
SHOWN = (1, 2, 3, 4, 6, 10, 20)
_LONGEST = 2_000

Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence: its features, whether a decisive line is in it, and how it names the cause."""

    found: features.Features
    text: str
    decisive: bool
    share: float


@dataclass(frozen=True, slots=True)
class Case:
    """One incident's sentences and how well each would do, as a distribution."""

    name: str
    group: str
    rows: tuple[Row, ...]
    wanted: tuple[float, ...]


def read(folder: Path) -> list[Case]:
    """Return the cases whose cause is in a line; those of figures only teach nothing here."""
    cases = []
    for path in sorted(folder.glob("*/truth.yaml")):
        truth = yaml.safe_load(path.read_text(encoding="utf-8"))
        if truth["root_cause_lines"] and truth["answerable"] and not truth["expect_no_incident"]:
            rows = tuple(_rows(path.parent, truth))
            sizes = [math.exp(SHARPNESS * (row.decisive + 0.7 * row.share**2)) - 1 for row in rows]
            if total := sum(sizes):
                wanted = tuple(size / total for size in sizes)
                cases.append(Case(path.parent.name, str(truth["group"]), rows, wanted))
    return cases


def _rows(folder: Path, truth: dict[str, object]) -> Iterable[Row]:
    collected = collect(load_incident(folder))
    scene = Scene(collected.items, collected.question)
    for item in collected.items:
        said = [] if item.measured else sentences(item.text)
        for text, line in ((text[:_LONGEST], line) for text, line in said if len(text) >= 8):
            found, sign = features.of_words(text)
            if "no_statement" not in found:
                found = found | dict(scene.of_place(text, item, sign))
                yield _row(found, text, line, sign.title if sign else "", truth)
        for note in item.stands_out:
            if note.kind != HEALTHY:
                found = features.of_note(note) | dict(scene.of_place(note.text, item))
                yield _row(found, note.text, note.line, "", truth)


def _row(
    found: features.Features, text: str, line: str, title: str, truth: dict[str, object]
) -> Row:
    groups: Sequence[Sequence[str]] = truth["must_mention"] or []  # type: ignore[assignment]
    lines: Sequence[str] = truth["root_cause_lines"]  # type: ignore[assignment]
    named = _plain(f"{title}: {text}")
    hits = sum(any(_has(word, named) for word in group) for group in groups)
    return Row(found, text, _shows(line, lines), hits / max(1, len(groups)))


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def _plain(text: str) -> str:
    return _fold(text.lower().replace("\u2019", "'").replace("`", "").replace("*", ""))


def _has(word: str, plain: str) -> bool:
    return re.search(r"(?<![a-z0-9])" + re.escape(_plain(word)), plain) is not None


def _shows(line: str, decisive: Sequence[str], most: int = 400) -> bool:
    folded = _fold(line)[:most]
    parts = (one[: max(40, int(len(one) * 0.6))] for one in map(_fold, decisive))
    return any(part and part in folded for part in parts)


def fit(cases: Sequence[Case]) -> Weights:
    """Return the weights that make the wanted sentences likely, near the prior (Adam)."""
    weights, first, second = dict(PRIOR), dict.fromkeys(PRIOR, 0.0), dict.fromkeys(PRIOR, 0.0)
    for step in range(1, STEPS + 1):
        slope = {name: RIDGE * (weights[name] - PRIOR[name]) for name in PRIOR}
        for case in cases:
            for row, chance, wanted in zip(
                case.rows, _chances(case, weights), case.wanted, strict=True
            ):
                for name, value in row.found.items():
                    slope[name] += value * (chance - wanted) / len(cases)
        for name, by in slope.items():
            first[name] = 0.9 * first[name] + 0.1 * by
            second[name] = 0.999 * second[name] + 0.001 * by * by
            size = math.sqrt(second[name] / (1 - 0.999**step)) + 1e-8
            weights[name] -= RATE * first[name] / (1 - 0.9**step) / size
    return weights


def _score(row: Row, weights: Weights) -> float:
    return sum(weights[name] * value for name, value in row.found.items())


def _chances(case: Case, weights: Weights) -> list[float]:
    scores = [_score(row, weights) for row in case.rows]
    top = max(scores)
    sizes = [math.exp(score - top) for score in scores]
    return [size / sum(sizes) for size in sizes]


def found_at(case: Case, weights: Weights) -> int:
    """Return the place of the first decisive sentence among those that differ, from 0."""
    kept: list[Row] = []
    for row in sorted(case.rows, key=lambda row: -_score(row, weights)):
        if not any(is_same(row.text, other.text) for other in kept):
            if row.decisive:
                return len(kept)
            kept.append(row)
    return len(case.rows)


def answers(folder: Path, cases: Sequence[Case], weights: Weights | None, out: set[str]) -> int:
    """Return how many of the groups in `out` the rules name and show the cause of."""
    return sum(_is_right(folder / case.name, weights) for case in cases if case.group in out)


def _is_right(path: Path, weights: Weights | None) -> bool:
    truth = yaml.safe_load((path / "truth.yaml").read_text(encoding="utf-8"))
    collected = collect(load_incident(path))
    judge = Judge(collected.question, collected.items, weights)
    report = rules.analyse(scored(collected.items, judge), judge, Coverage())
    named = _plain(report.cause.text)
    is_named = all(any(_has(word, named) for word in group) for group in truth["must_mention"])
    is_claimed = any(_has(word, named) for word in truth.get("must_not_claim") or [])
    is_shown = _shows("\n".join(report.quotes), truth["root_cause_lines"], most=1_000)
    return report.verdict is Verdict.CAUSE and is_named and is_shown and not is_claimed


def table(name: str, places: Sequence[int]) -> str:
    shares = (f"{sum(place < most for place in places) / len(places):.1%}" for most in SHOWN)
    return f"| {name} | " + " | ".join(shares) + " |"


def held_out(
    folder: Path, cases: Sequence[Case], seed: int = 0
) -> tuple[list[int], list[int], int, int]:
    """Return places and right answers in what was learned from and in what was held out.

    (places seen, places unseen, right answers seen: the mean of the folds, right answers unseen)
    """
    groups = sorted({case.group for case in cases})
    random.Random(seed).shuffle(groups)  # noqa: S311 - the same folds every time
    seen: list[int] = []
    unseen: list[int] = []
    right_seen = right_unseen = 0
    for fold in range(FOLDS):
        out = set(groups[fold::FOLDS])
        weights = fit([case for case in cases if case.group not in out])
        for case in cases:
            (unseen if case.group in out else seen).append(found_at(case, weights))
        right_seen += answers(folder, cases, weights, set(groups) - out)
        right_unseen += answers(folder, cases, weights, out)
    return seen, unseen, right_seen // (FOLDS - 1), right_unseen


def main() -> int:
    """Print the tables; with --write, write the weights that all cases give."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("incidents", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    options = parser.parse_args()
    cases = read(options.incidents)
    if not cases:
        sys.exit(f"{options.incidents} holds no case with a decisive line")
    say = sys.stdout.write
    say(f"| a decisive line is among the first | {' | '.join(map(str, SHOWN))} |\n")
    say("|---|" + "---:|" * len(SHOWN) + "\n")
    say(table("the prior alone", [found_at(case, PRIOR) for case in cases]) + "\n")
    seen, unseen, right_seen, right_unseen = held_out(options.incidents, cases)
    say(table("fitted, on what it learned from", seen) + "\n")
    say(table("fitted, on what was held out", unseen) + "\n\n")
    groups = {case.group for case in cases}
    of = f"of {len(cases)} with a decisive line"
    by_prior = answers(options.incidents, cases, PRIOR, groups)
    say(f"named and shown, the prior alone: {by_prior} {of}\n")
    say(f"named and shown, learned from (mean): {right_seen} {of}\n")
    say(f"named and shown, held out: {right_unseen} {of}\n")
    if options.write:
        weights = sorted(fit(cases).items(), key=lambda pair: (-pair[1], pair[0]))
        head = (
            "# What a feature of a sentence is worth (logits): benchmarks/analysis/fit_weights.py"
        )
        rows = [f"{name}: {weight:.2f}" for name, weight in weights]
        WEIGHTS.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
