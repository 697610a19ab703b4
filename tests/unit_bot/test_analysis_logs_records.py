"""Log records: which lines belong together, whatever wrote them."""

from __future__ import annotations

import json

import pytest

from bot.analysis.logs import looks_like_log
from bot.analysis.records import MAX_RECORD_LINES, Record, clipped, records
from bot.analysis.shapes import Shapes

NEXT = "2026-01-01 12:00:09 INFO next"
JAVA = """2026-01-01 12:00:00 WARN request failed
java.lang.IllegalStateException: no stock
\tat shop.Cart.pay(Cart.java:10)
\tSuppressed: java.io.IOException: closed
\t\tat shop.Cart.close(Cart.java:12)
Caused by: java.net.ConnectException: refused
\t... 12 more"""
PYTHON = """2026-01-01 12:00:00 ERROR cannot pay
Traceback (most recent call last):
  File "pay.py", line 3, in pay
    charge()
KeyError: 'card'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "pay.py", line 9, in pay
    raise PaymentError(card) from None
shop.PaymentError: no card"""
GO = """panic: runtime error: invalid memory address

goroutine 1 [running]:
main.pay(0xc000012345)
\t/src/pay.go:10 +0x1d
created by main.main
\t/src/main.go:5 +0x2a

goroutine 7 [select]:
net/http.(*conn).serve(0xc0001)
\t/go/server.go:1 +0x1
exit status 2"""
NODE = """Error: connect ECONNREFUSED 10.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1494:16) {
  code: 'ECONNREFUSED'
}"""
RUST = """thread 'main' panicked at src/main.rs:2:5:
no stock
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
stack backtrace:
   0: rust_begin_unwind
             at /rustc/1/library/std/src/panicking.rs:1:5"""
RUBY = """2026-01-01 12:00:00 ERROR NoMethodError (undefined method `pay' for nil)
app/carts.rb:10:in `pay'
app/carts.rb:2:in `show'"""
DOTNET = """Unhandled exception. System.InvalidOperationException: no stock
 ---> System.IO.IOException: closed
   at Shop.Cart.Pay() in /src/Cart.cs:line 10
   --- End of inner exception stack trace ---
   at Shop.Program.Main()"""
PHP = """2026-01-01 12:00:00 PHP Fatal error:  Uncaught Error: no stock in /app/cart.php:3
Stack trace:
#0 /app/index.php(2): pay()
#1 {main}
  thrown in /app/cart.php on line 3"""
POSTGRES = """2026-01-01 12:00:00.5 UTC [123] ERROR:  duplicate key value
2026-01-01 12:00:00.5 UTC [123] DETAIL:  Key (id)=(7) already exists.
2026-01-01 12:00:00.5 UTC [123] STATEMENT:  INSERT INTO carts
\tVALUES (7)"""
DOCKER = "\n".join(
    json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "2026-01-01T12:00:00.5Z"})
    for line in JAVA.split("\n")[1:]
)
CRI = "\n".join(f"2026-01-01T12:00:00.5Z stderr F {line}" for line in JAVA.split("\n")[1:])
STAMPED = "\n".join(f"2026-01-01T12:00:00.5Z {line}" for line in JAVA.split("\n"))


def read(text: str, near: float = 0.0) -> list[Record]:
    return list(records([text.split("\n")], Shapes(), near))


@pytest.mark.parametrize(
    ("trace", "level"),
    [
        (JAVA, "warn"),
        (JAVA.split("\n", 1)[1], "error"),
        (PYTHON, "error"),
        (PYTHON.split("\n", 1)[1], "error"),
        (GO, "fatal"),
        (NODE, "error"),
        (RUST, "fatal"),
        (RUBY, "error"),
        (DOTNET, "error"),
        (PHP, "fatal"),
        (POSTGRES, "error"),
        (DOCKER, "error"),
        (CRI, "error"),
        (STAMPED, "warn"),
    ],
)
def test_a_stack_trace_is_one_record_word_for_word(trace: str, level: str) -> None:
    found = read(f"{trace}\n{NEXT}")
    assert [record.text for record in found] == [trace, NEXT]
    assert found[0].level == level


@pytest.mark.parametrize("trace", [JAVA, PYTHON, GO, NODE, RUST, DOTNET, DOCKER, CRI])
def test_a_trace_alone_looks_like_a_log(trace: str) -> None:
    assert looks_like_log(trace.split("\n"))


def test_what_differs_in_what_was_thrown_is_of_two_kinds() -> None:
    other = JAVA.replace("IllegalStateException: no stock", "IllegalArgumentException: bad card")
    first, second = read(f"{JAVA}\n{other}")
    assert first.words != second.words


def test_lines_of_two_processes_are_not_mixed() -> None:
    lines = POSTGRES.replace("[123] DETAIL", "[124] DETAIL").split("\n")
    assert [record.text for record in read("\n".join(lines[:2]))] == lines[:2]


@pytest.mark.parametrize(
    "lines",
    [
        ["INFO a", "Error: b", "Error: c"],
        ["2026-01-01 12:00:00 INFO a", "", "  indented after a blank line"],
        ["plain", "lines", "each alone"],
    ],
)
def test_what_does_not_belong_together_stays_apart(lines: list[str]) -> None:
    found = [record.text for record in read("\n".join(lines))]
    assert found == [line for line in lines if line]


def test_a_record_may_go_on_in_the_next_chunk() -> None:
    chunks = [line.split("\n") for line in JAVA.split("\n")]
    assert [record.text for record in records(chunks, Shapes())] == [JAVA]


def test_a_long_trace_keeps_its_head_its_tail_and_what_was_thrown() -> None:
    lines = ["2026-01-01 12:00:00 ERROR x", *(f"  at frame {n}" for n in range(90))]
    lines[60] = "Caused by: java.io.IOException: disk full"
    kept = clipped("\n".join(lines)).split("\n")
    assert len(kept) <= MAX_RECORD_LINES
    assert (kept[0], kept[-1]) == (lines[0], lines[-1])
    assert lines[60] in kept
    assert set(kept) - set(lines) == {"…"}


def test_a_short_record_is_not_clipped() -> None:
    assert clipped(JAVA) == JAVA


def test_a_record_without_end_is_held_in_bounded_memory() -> None:
    lines = ["2026-01-01 12:00:00 ERROR x", *(f"  line {n} {'y' * 100}" for n in range(50_000))]
    (record,) = read("\n".join(lines))
    assert len(record.text) < 100_000
    assert record.text.endswith(lines[-1])


def test_a_private_key_is_one_record_with_the_line_before_it() -> None:
    body = "\n".join("MIIEowIBAAKCAQEA" + "A" * 48 for _ in range(600))
    text = (
        "2026-01-01 12:00:00 INFO loaded -----BEGIN RSA PRIVATE KEY-----\n"
        f"{body}\n-----END RSA PRIVATE KEY-----"
    )
    found = read(f"{text}\n{NEXT}")
    assert [record.text.split("\n")[0] for record in found] == [text.split("\n")[0], NEXT]
    # None of it stands in a record of its own, where nothing would tell it as a key.
    assert found[0].text.count("MIIE") < 600


def test_a_key_that_never_ends_does_not_swallow_the_log() -> None:
    found = read(f"2026-01-01 12:00:00 x -----BEGIN PRIVATE KEY-----\nMIIE\n{NEXT}")
    assert found[-1].text == NEXT


def test_a_record_knows_the_lines_around_it() -> None:
    first, second, third = read("one\ntwo\nthree")
    assert (second.before, second.after) == ("one", "three")
    assert (first.before, third.after) == ("", "")


@pytest.mark.parametrize(
    ("lines", "is_log"),
    [
        ([f"2026-01-01 12:00:0{n} INFO x" for n in range(5)], True),
        ([f'{{"msg":"x{n}"}}' for n in range(5)], True),
        (["NAME READY", "web-1 1/1", "web-2 0/1"], False),
        (["2026-01-01 12:00:00 only one"], False),
        (["a: 1", "b:", "  - c", "  - d"], False),
        ([], False),
    ],
)
def test_what_looks_like_a_log(lines: list[str], is_log: bool) -> None:
    assert looks_like_log(lines) is is_log


def test_lines_of_one_shape_differ_in_what_hangs_on_their_numbers() -> None:
    access = '1.2.3.4 - - [01/Jan/2026:12:00:{:02d} +0000] "GET / HTTP/1.1" {} 12'
    found = read("\n".join(access.format(n, status) for n, status in enumerate((200, 503, 404))))
    assert [record.level for record in found] == ["info", "error", "warn"]
    assert [record.at for record in found] == [1767268800.0, 1767268801.0, 1767268802.0]


def test_a_klog_line_is_not_taken_for_one_of_another_level() -> None:
    found = read("I0101 12:00:00.000000 1 a.go:1] x1\nE0101 12:00:00.000000 1 a.go:1] x2")
    assert [record.level for record in found] == ["info", "error"]


def test_timed_lines_that_name_errors_are_each_their_own() -> None:
    lines = [f"2026-01-01T12:00:0{n}Z {text}" for n, text in enumerate(("INFO a", "Error: b", "x"))]
    assert [record.text for record in read("\n".join(lines))] == lines
    assert looks_like_log(lines)
