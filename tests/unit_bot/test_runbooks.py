"""A folder of runbooks: which files are read, in which sections, and when anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.analysis.similar import Signs
from bot.store import runbooks
from bot.store.runbooks import RunbookFolder, passages_of

TEXT = """Who to call: the database team.

# Databases

## orders-db is full ##
Look at `pg_stat_activity`.

```
# no heading: a comment in a script of orders-db
```

## Failover

"""


def headings(folder: RunbookFolder, *terms: str) -> list[str]:
    found = folder.search(Signs((), terms, " ".join(terms))).candidates
    return sorted(f"{passage.file}: {passage.heading}" for passage in found)


def test_a_runbook_is_cut_at_its_headings() -> None:
    cut = list(passages_of("db/orders.md", TEXT))
    assert [(passage.heading, passage.file) for passage in cut] == [
        ("orders", "db/orders.md"),
        ("orders-db is full", "db/orders.md"),
    ]
    assert "# no heading" in cut[1].text
    assert cut[1].text.startswith("orders-db is full\nLook at")


def test_a_section_shows_its_signatures() -> None:
    (passage,) = passages_of("a.md", "# Memory\nThe kernel says OutOfMemoryError.")
    assert "jvm-heap" in passage.signatures


def test_all_folders_are_read_but_hidden_ones_and_other_files(tmp_path: Path) -> None:
    for name in ("a.md", "deep/er/b.MD", ".git/c.md", "d.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Steps\nrestart orders-db")
    assert headings(RunbookFolder(tmp_path), "orders-db") == ["a.md: Steps", "deep/er/b.MD: Steps"]


def test_a_link_that_leads_out_or_nowhere_is_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "books"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.md").write_text("# Secret\norders-db")
    (folder / "own.md").write_text("# Own\norders-db")
    (folder / "file.md").symlink_to(outside / "secret.md")
    (folder / "folder").symlink_to(outside)
    (folder / "gone.md").symlink_to(folder / "nowhere.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "again.md").symlink_to(folder / "own.md")
    os.mkfifo(folder / "pipe.md")
    assert headings(RunbookFolder(folder), "orders-db") == ["again.md: Own", "own.md: Own"]


def test_a_changed_file_is_read_anew_and_a_deleted_one_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Old\norders-db")
    folder = RunbookFolder(tmp_path)
    assert headings(folder, "orders-db") == ["a.md: Old"]
    path.write_text("# New\norders-db")
    os.utime(path, ns=(1, 1))
    assert headings(folder, "orders-db") == ["a.md: New"]
    path.unlink()
    assert headings(folder, "orders-db") == []


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Old\norders-db")
    folder = RunbookFolder(tmp_path)
    stamp = path.stat().st_mtime_ns
    assert headings(folder, "orders-db") == ["a.md: Old"]
    path.write_text("# New\norders-db")
    os.utime(path, ns=(stamp, stamp))
    assert headings(folder, "orders-db") == ["a.md: Old"]


def test_secrets_in_a_runbook_are_hidden(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7" + "EXAMPLQ"
    (tmp_path / "a.md").write_text(f"# Key {key}\norders-db wants {key}")
    (passage,) = RunbookFolder(tmp_path).search(Signs((), ("orders-db",), "")).candidates
    assert key not in passage.text + passage.heading
    assert "[SECRET:aws-key:1]" in passage.heading


@pytest.mark.parametrize(
    ("size", "files", "said"),
    [(runbooks.MOST_BYTES + 1, 1, "is over"), (20, runbooks.MOST_FILES + 1, "more than 500")],
)
def test_what_is_too_much_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, size: int, files: int, said: str
) -> None:
    for number in range(files):
        (tmp_path / f"{number:03}.md").write_text("orders-db ".ljust(size))
    folder = RunbookFolder(tmp_path)
    for _ in range(2):
        found = folder.search(Signs((), ("orders-db",), ""))
    assert found.total == (0 if files == 1 else runbooks.MOST_FILES)
    assert caplog.text.count(said) == 1


def test_too_many_sections_are_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("# A\norders-db\n" * 2_500)
    folder = RunbookFolder(tmp_path)
    for _ in range(2):
        assert folder.search(Signs((), ("orders-db",), "")).total == 5_000
    assert caplog.text.count("more than 5,000 sections; c.md is not read") == 1


def test_a_folder_that_is_not_there_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = RunbookFolder(tmp_path / "none")
    assert headings(folder, "orders-db") == headings(folder, "orders-db") == []
    assert caplog.text.count("is no folder") == 1
