"""The command line, run as a person runs it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.analysis.similar import Confirmed, Marked, signatures_in
from bot.cli import main
from bot.store.incidents import FILE, IncidentFile

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "incidents"
PREFIXES = ("RCA_", "SLACK_", "OPENAI_", "ANTHROPIC_", "OLLAMA_", "VLLM_", "LMSTUDIO_")
CLOSED = "http://127.0.0.1:9"
THREAD = [
    {
        "type": "message",
        "ts": "1763632900.000100",
        "bot_id": "B1",
        "username": "Alertmanager",
        "text": "FIRING: orders error rate 37 %",
    },
    {
        "type": "message",
        "ts": "1763632960.000100",
        "user": "U1",
        "text": "orders-db says `FATAL: remaining connection slots are reserved` &amp; we set "
        "pool_size=200 at 10:02",
        "thread_ts": "1763632900.000100",
    },
]


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    # Whatever model server runs on this machine is not the one to ask.
    for name in ("OLLAMA", "VLLM", "LMSTUDIO"):
        monkeypatch.setenv(f"{name}_BASE_URL", CLOSED)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def incident(tmp_path) -> Path:
    folder = tmp_path / "incidents" / "pool"
    folder.mkdir(parents=True)
    (folder / "thread.json").write_text(json.dumps(THREAD))
    return folder


def test_an_incident_folder_is_analysed(incident, capsys):
    assert main(["analyze", str(incident), "--provider", "rules"]) == 0
    said = capsys.readouterr().out
    assert "remaining connection slots" in said
    assert "Answered by rules" in said
    assert "read 2 of 2 messages" in said


def test_a_reader_that_leaves_early_is_no_error(incident):
    command = [sys.executable, "-m", "bot", "context", str(incident)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_json_holds_everything_a_program_wants(incident, capsys):
    assert main(["analyze", str(incident / "thread.json"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {
        *("verdict", "cause", "quotes", "answer", "report"),
        *("context", "coverage", "provider", "reason", "attempts"),
    }
    assert answer["verdict"] == "cause"
    assert answer["provider"] == "rules"
    assert answer["attempts"] == []
    assert len(answer["cause"]) <= 300


def test_a_log_on_standard_input_is_analysed(monkeypatch, capsys):
    log = "10:02:11 INFO deployed orders 2.14\n10:02:40 ERROR pool exhausted: 5 of 5 in use\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.encode())))
    assert main(["analyze", "-", "--provider", "rules"]) == 0
    assert "pool exhausted" in capsys.readouterr().out


def test_the_context_is_what_a_model_would_be_sent(incident, capsys):
    assert main(["context", str(incident), "--context-chars", "500"]) == 0
    said = capsys.readouterr().out
    assert "remaining connection slots" in said
    assert len(said.rstrip("\n")) <= 500


def test_a_named_provider_that_is_down_leaves_the_rules(incident, capsys):
    assert main(["analyze", str(incident), "--provider", "vllm"]) == 0
    said = capsys.readouterr().out
    assert "vllm cannot be reached" in said
    assert "rules" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyze", "no-such-folder"], "no-such-folder"),
        (["analyze", ".", "--provider", "rules"], "thread.json"),
        (["eval", "no-such-folder", "--out", "x"], "is no folder"),
        (["eval", ".", "--out", "x"], "thread.json"),
        (["manifest", "--check"], "manifest.yml is no file"),
        (["analyze", "{incident}", "--provider", "chatgpt"], "chatgpt"),
    ],
)
def test_bad_input_is_told_in_one_sentence(incident, capsys, arguments, said):
    arguments = [argument.format(incident=incident) for argument in arguments]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["context", ".", "--context-chars", "few"], ["eval", "."]]
)
def test_wrong_usage_is_told_with_how_it_goes(capsys, arguments):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: rca-bot" in capsys.readouterr().err


def test_every_incident_of_a_folder_gets_a_line(incident, tmp_path, capsys):
    out = tmp_path / "answers.jsonl"
    assert main(["eval", str(incident.parent), "--out", str(out), "--context-chars", "900"]) == 0
    (line,) = out.read_text().splitlines()
    row = json.loads(line)
    assert set(row) == {
        *("case", "verdict", "cause", "quotes", "answer", "context", "provider", "attempts")
    }
    assert row["case"] == "pool"
    assert len(row["context"]) <= 900
    assert "1 incidents" in capsys.readouterr().out


def test_an_evaluation_quotes_links_as_slack_wrote_them(tmp_path):
    said = "<https://ci.example/1> fails because the disk of the runner is full"
    thread = [
        {"ts": f"{n}.000000", "user": "U1", "text": text} for n, text in enumerate(["a", said])
    ]
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "thread.json").write_text(json.dumps(thread))
    assert main(["eval", str(tmp_path), "--out", str(tmp_path / "answers.jsonl")]) == 0
    assert json.loads((tmp_path / "answers.jsonl").read_text())["quotes"][0] == said


def test_an_evaluation_fails_where_a_case_cannot_be_asked(incident, tmp_path, capsys):
    (incident.parent / "lost").mkdir()
    (incident.parent / "lost" / "truth.yaml").write_text("root_cause: nobody was asked")
    assert main(["eval", str(incident.parent), "--out", str(tmp_path / "answers.jsonl")]) == 1
    assert "1 of 2 cases" in (error := capsys.readouterr().err)
    assert "the first: lost" in error


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared incidents are not here")
def test_every_shared_incident_is_answered_with_quotes_from_it(tmp_path):
    out = tmp_path / "answers.jsonl"
    cases = sorted(SHARED.glob("holmes-*"))
    folder = tmp_path / "cases"
    folder.mkdir()
    for case in cases:
        (folder / case.name).symlink_to(case)
    assert main(["eval", str(folder), "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["case"] for row in rows] == [case.name for case in cases]
    assert all(row["cause"] and len(row["quotes"]) <= 3 for row in rows)
    assert all(len(row["context"]) <= 8_000 for row in rows)


def test_health_without_a_running_bot_probes_the_providers(monkeypatch, capsys):
    monkeypatch.setenv("RCA_PORT", "9")
    monkeypatch.setenv("RCA_PRIMARY_PROVIDER", "vllm")
    assert main(["health"]) == 0
    said = capsys.readouterr().out
    assert "vllm" in said
    assert "no bot runs here" in said
    assert main(["health", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["providers"][0]["name"] == "vllm"


def test_the_doctor_names_what_is_wrong_and_what_to_do(monkeypatch, capsys):
    monkeypatch.setenv("RCA_PRIMARY_PROVIDER", "vllm")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "PROBLEM  provider vllm" in said
    assert "-> check its key" in said


def test_a_half_set_configuration_stops_the_start(monkeypatch, capsys):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    assert main(["run"]) == 1
    error = capsys.readouterr().err
    assert "SLACK_APP_TOKEN" in error
    assert "secret" not in error


def test_a_schedule_that_cannot_be_read_stops_the_start(monkeypatch, capsys):
    monkeypatch.setenv("RCA_HEALTH_SCHEDULE", "hourly")
    assert main(["run"]) == 1
    assert "'hourly' is no cron expression" in capsys.readouterr().err


def test_the_manifest_says_what_the_bot_listens_to(capsys):
    assert main(["manifest", "--check", "--path", str(ROOT / "manifest.yml")]) == 0


def test_a_manifest_that_differs_is_told_apart(tmp_path, capsys):
    text = (ROOT / "manifest.yml").read_text().replace("/rca-health", "/rca-state")
    (tmp_path / "manifest.yml").write_text(text.replace("      - users:read\n", ""))
    assert main(["manifest", "--check"]) == 1
    said = capsys.readouterr().out
    assert "command /rca-state is in the manifest, but nothing uses it" in said
    assert "command /rca-health is used, but not in the manifest" in said
    assert "scope users:read is used" in said


def test_marked_causes_are_listed_and_found_again(incident, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RCA_DATA_DIR", "kept")
    monkeypatch.setenv("RCA_RUNBOOKS", "books")
    assert main(["incidents"]) == 0
    assert "no marked cause is kept in kept" in capsys.readouterr().out
    assert not (tmp_path / "kept").exists()
    text = "orders-db says `FATAL: remaining connection slots are reserved`"
    past = Confirmed(
        *("C1", "1700000000.000001", 1_700_000_000.0, 1_700_000_900.0, "U1"),
        *(Marked.DIFFERENT, "The pool was too small", text, "https://a.slack.com/archives/C1/p1"),
        signatures=signatures_in(text),
    )
    IncidentFile(tmp_path / "kept").keep(past)
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "db.md").write_text(f"# Full\n{text}")
    assert main(["incidents", "--limit", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        "2023-11-14  C1  different    The pool was too small  https://a.slack.com/archives/C1/p1"
    )
    assert main(["analyze", str(incident), "--provider", "rules"]) == 0
    said = capsys.readouterr().out
    assert "marked as the cause then: The pool was too small" in said
    assert "### Runbooks\n- `db.md`, Full (same signature" in said


def test_a_broken_file_of_causes_costs_no_analysis(incident, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RCA_DATA_DIR", "kept")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / FILE).write_bytes(b"no database" * 999)
    assert main(["analyze", str(incident), "--provider", "rules"]) == 0
    assert "remaining connection slots" in capsys.readouterr().out
    assert main(["incidents"]) == 1
    assert "file is not a database" in capsys.readouterr().err


def test_run_starts_says_where_it_is_and_stops_when_told(incident, tmp_path):
    environment = {**os.environ, "RCA_PORT": "0"}
    arguments = [sys.executable, "-m", "bot", "run", "--incidents", str(incident.parent)]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    said = "".join(lines)
    assert "is running in a local workspace" in said
    assert "rules alone will answer" in said
    assert "type /rca in #inc-pool" in said
    assert "stopping" in rest
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("chosen", "holds"),
    [
        ([], "| 2025-11-20T10:01:40.000Z | alert | Alertmanager | FIRING: orders error rate"),
        (["--format", "csv"], "2025-11-20T10:01:40.000Z,alert,message,Alertmanager,FIRING"),
        (["--format", "json"], '"schema": "rca-timeline/1"'),
    ],
)
def test_the_timeline_is_printed_as_data(incident, capsys, chosen, holds):
    assert main(["timeline", str(incident), *chosen]) == 0
    said = capsys.readouterr().out
    assert holds in said
    assert "pool_size=200" in said
