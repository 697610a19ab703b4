"""Alert storms become one item, people's words stay, and the end of the alerts is known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.alerts import Alert
from bot.analysis.collect import collect
from bot.analysis.evidence import Evidence
from bot.analysis.storms import outcome
from bot.incident import Attachment, Incident, Marks, Message

START = 1_767_268_800  # 2026-01-01T12:00:00Z


def bot(minute: float, text: str, *files: Attachment, tone: str = "") -> Message:
    ts = f"{START + 60 * minute:.6f}"
    return Message(ts, "Alertmanager", text, is_bot=True, attachments=files, tone=tone)  # type: ignore[arg-type]


def ann(minute: float, text: str) -> Message:
    return Message(f"{START + 60 * minute:.6f}", "ann", text)


def read(*messages: Message) -> tuple[Evidence, ...]:
    return collect(Incident(messages)).items


def firing(minute: float, pod: str = "mail-1") -> Message:
    return bot(minute, f"[FIRING:1] QueueFull (mail page)\npod: {pod}")


def resolved(minute: float) -> Message:
    return bot(minute, "[RESOLVED] QueueFull (mail page)")


def test_a_storm_is_one_item_with_its_first_text_its_count_and_its_end() -> None:
    storm = [firing(n, f"mail-{n % 4}") for n in range(1, 40)]
    items = read(ann(0, "mail is slow"), *storm, resolved(40), ann(41, "all good now"))
    assert [item.id for item in items] == ["E1", "E2", "E3"]
    one = items[1]
    assert one.text == storm[0].text
    assert (one.count, one.at, one.last_at) == (40, START + 60, START + 2400)
    assert one.note == (
        "40 times, 12:01 to 12:40 UTC; at 4 places: mail-1, mail-2, mail-3, …;"
        " resolved at 12:40 UTC"
    )
    assert outcome(items).all_resolved


def test_a_storm_that_goes_on_says_so() -> None:
    items = read(ann(0, "mail is slow"), *(firing(n) for n in range(1, 4)), ann(9, "and now?"))
    assert items[1].note == "3 times, 12:01 to 12:03 UTC; last told as firing"
    assert not outcome(items).all_resolved


def test_a_storm_that_ended_in_part_says_how_many_go_on() -> None:
    end = bot(3, "[RESOLVED] QueueFull (mail page)\npod: mail-1")
    items = read(ann(0, "slow"), firing(1), firing(2, "mail-2"), end, ann(9, "and now?"))
    assert items[1].note.endswith("last told as firing (1 of 2)")
    assert [alert.state for alert in outcome(items).firing + outcome(items).resolved] == [
        "firing",
        "resolved",
    ]


def test_the_root_and_the_newest_message_stay_items_of_their_own() -> None:
    items = read(*(firing(n) for n in range(5)))
    assert [item.count for item in items] == [1, 3, 1]


def test_a_start_and_its_end_stay_two_items() -> None:
    items = read(ann(0, "slow"), firing(1), resolved(2), ann(3, "ok"))
    assert [item.count for item in items] == [1, 1, 1, 1]
    assert outcome(items).all_resolved
    assert outcome(items).ended_at == START + 120


def test_what_people_say_never_folds_whatever_it_says() -> None:
    said = [ann(n, "[FIRING:1] QueueFull (mail page)") for n in range(6)]
    assert len(read(*said)) == 6


def test_other_alerts_and_other_bots_messages_stay() -> None:
    others = [bot(n, f"deploy of mail build {n} is done") for n in range(1, 4)]
    items = read(
        ann(0, "slow"),
        firing(1),
        bot(2, "[FIRING:1] DiskFull (db page)"),
        *others,
        firing(5),
        ann(6, "?"),
    )
    assert [item.count for item in items] == [1, 2, 1, 1, 1, 1, 1]


def test_a_bots_message_with_a_log_is_not_folded() -> None:
    log = "\n".join(f"2026-01-01 12:00:0{n} ERROR no route to db" for n in range(6))
    with_log = [bot(n, f"[FIRING:1] QueueFull\n```\n{log}\n```") for n in (1, 2)]
    items = read(ann(0, "slow"), *with_log, ann(3, "?"))
    assert sum(item.text == "[FIRING:1] QueueFull" for item in items) == 2


def test_files_of_a_folded_message_stay() -> None:
    file = Attachment("graph.txt", "p99 over the day")
    second = bot(2, "[FIRING:1] QueueFull (mail page)", file)
    items = read(ann(0, "slow"), bot(1, second.text), second, ann(3, "?"))
    assert [item.source for item in items] == ["message", "message", "graph.txt", "message"]


def test_a_payload_in_a_file_or_in_a_fence_is_an_alert_with_its_own_time() -> None:
    payload = json.dumps(
        {"labels": {"alertname": "DiskFull"}, "startsAt": "2026-01-01T11:00:00Z"}, indent=1
    )
    items = read(ann(0, f"got\n```{payload}```"), Message("x", "ann", "see"))
    assert [alert.name for item in items for alert in item.alerts] == ["DiskFull"]
    of_file = read(Message("", "ann", "", attachments=(Attachment("alert.json", payload),)))
    assert of_file[0].alerts[0].started_at == START - 3600
    assert of_file[0].at == START - 3600


def test_marks_reach_the_evidence_of_the_message_and_not_of_its_files() -> None:
    marks = Marks(reactions=(("bulb", 2),), pinned=True)
    message = Message(
        "1.0", "ann", "it is the disk", marks=marks, attachments=(Attachment("a", "x"),)
    )
    assert [item.marked > 0 for item in read(message, ann(1, "no"))] == [True, False, False]


def alert(state: str, minute: float, vendor: str = "", **labels: str) -> Alert:
    at = START + 60 * minute
    return Alert(
        "QueueFull",
        state,  # type: ignore[arg-type]
        started_at=None if state == "resolved" else at,
        ended_at=at if state == "resolved" else None,
        labels=tuple(sorted(labels.items())),
        vendor=vendor,
    )


@pytest.mark.parametrize(
    ("alerts", "firing", "resolved", "all_resolved"),
    [
        ([], 0, 0, False),
        ([alert("firing", 0)], 1, 0, False),
        ([alert("firing", 0), alert("resolved", 1)], 0, 1, True),
        ([alert("resolved", 1), alert("firing", 0)], 0, 1, True),
        ([alert("firing", 0), alert("resolved", 1), alert("firing", 2)], 1, 0, False),
        (
            [
                alert("firing", 0, pod="a"),
                alert("firing", 1, pod="b"),
                alert("resolved", 2, pod="a"),
            ],
            1,
            1,
            False,
        ),
        (
            [alert("firing", 0, pod="a"), alert("firing", 1, pod="b"), alert("resolved", 2)],
            0,
            2,
            True,
        ),
        ([alert("firing", 0, "grafana"), alert("resolved", 1, "datadog")], 1, 1, False),
        ([alert("firing", 0, "grafana"), alert("resolved", 1)], 0, 1, True),
        ([alert("unknown", 0), alert("resolved", 1, "grafana", pod="a")], 0, 1, True),
        ([alert("resolved", 1)], 0, 1, True),
        ([alert("unknown", 0)], 0, 0, False),
        ([alert("firing", 0, number="1"), alert("resolved", 1, number="2")], 1, 1, False),
        ([alert("firing", 0, value="1"), alert("resolved", 1, value="2")], 0, 1, True),
    ],
)
def test_how_the_alerts_ended(
    alerts: list[Alert], firing: int, resolved: int, all_resolved: bool
) -> None:
    items = [Evidence(f"E{n}", "x", "bot", alerts=(one,)) for n, one in enumerate(alerts)]
    ended = outcome(items)
    assert (len(ended.firing), len(ended.resolved)) == (firing, resolved)
    assert ended.all_resolved is all_resolved
    assert (ended.ended_at is not None) is all_resolved


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(firing, st.integers(0, 99), st.sampled_from("abc")),
            st.builds(resolved, st.integers(0, 99)),
            st.builds(ann, st.integers(0, 99), st.text("ab ", min_size=1, max_size=5)),
        ),
        min_size=1,
        max_size=25,
        unique_by=lambda message: message.ts,
    )
)
def test_nothing_of_people_the_root_or_the_newest_is_ever_lost(messages: list[Message]) -> None:
    ordered = sorted(messages, key=lambda message: float(message.ts))
    items = read(*ordered)
    kept = {item.message_ts for item in items}
    own = [one for one in (ordered[0], ordered[-1]) if one.text.strip()]
    own += [one for one in ordered if not one.is_bot and one.text.strip()]
    assert {one.ts for one in own} <= kept
    assert [item.id for item in items] == [f"E{n}" for n in range(1, len(items) + 1)]
    assert sum(item.count for item in items) == sum(bool(one.text.strip()) for one in ordered)
    assert all(item.text in {one.text.strip() for one in ordered} for item in items)
