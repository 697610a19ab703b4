"""The command line: all that `rca-bot` can be asked to do.

run · analyze · timeline · context · eval · incidents · health · doctor · manifest
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot import doctor, drills, evaluate
from bot.analysis import timeline, timeline_export
from bot.analysis.analyst import prepare
from bot.analysis.hiding.search import Search
from bot.analysis.redact import usual
from bot.analysis.similar import ArchiveUnavailableError, Confirmed
from bot.app import Application, running
from bot.archives import archive_in, runbooks_of
from bot.chain import Chain, build_chain
from bot.connection import StartError
from bot.incident import Incident
from bot.recall import find_for_operator
from bot.scheduler import ScheduleError, crontab
from bot.settings import SettingsError, load_settings
from bot.slack.archive import ArchiveError, load_incident, load_stream
from bot.slack.blocks import report_markdown
from bot.telemetry import configure_logging
from bot.web import VERSION
from providers.errors import ConfigurationError

Result = TypeVar("Result")
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]

_PATH_HELP = "a folder, a thread.json, a log, or stdin"
_FORMATS = {
    "markdown": timeline_export.as_markdown,
    "json": timeline_export.as_json,
    "csv": timeline_export.as_csv,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 1 says that something is wrong, 2 how to ask."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return asyncio.run(command(options))
    except (SettingsError, StartError, ArchiveError, ConfigurationError, ScheduleError) as error:
        print(f"rca-bot: {error}", file=sys.stderr)  # noqa: T201 - what went wrong, for a person
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; nothing more can be said, at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rca-bot", description="Root-cause analysis of incidents, in Slack and here."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "Run the bot; with no Slack configured, in a local workspace.")
    run.add_argument(
        "--incidents",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="show each incident folder in DIR as a channel of the local workspace",
    )

    run.add_argument(
        "--practice",
        action="store_true",
        help="answer by a script on a provider's real wire, to try faults without any model",
    )

    analyze = add("analyze", _analyze, "Analyse an incident folder, a thread.json or a log file.")
    _takes_incident(analyze)
    _takes_provider(analyze, default="auto")
    analyze.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    analyze.add_argument("--question", default="", help="what you want to know")

    moments = add("timeline", _timeline, "Print every moment of an incident, oldest first, in UTC.")
    moments.add_argument("path", metavar="PATH|-", help=_PATH_HELP)
    moments.add_argument("--format", choices=sorted(_FORMATS), default="markdown")

    context = add("context", _context, "Print what a model would be sent of an incident.")
    _takes_incident(context)

    evaluation = add("eval", _eval, "Analyse every incident in a folder, a JSON line each.")
    evaluation.add_argument("folder", type=Path, metavar="DIR")
    evaluation.add_argument("--out", type=Path, required=True, metavar="FILE")
    _takes_provider(evaluation, default="rules")
    _takes_context_chars(evaluation, default=8_000)

    incidents = add("incidents", _incidents, "List the incidents whose cause a person marked.")
    incidents.add_argument(
        "--limit", type=_at_least(1), default=100, metavar="N", help="the newest so many (100)"
    )

    health = add("health", _health, "Ask the running bot how it is, or probe the providers.")
    health.add_argument("--json", action="store_true", help="print JSON")

    examined = add("doctor", _doctor, "Look at tokens, scopes, providers, models and clock.")
    examined.add_argument(
        "--drill",
        action="store_true",
        help="prove each provider of the chain by a short real call; costs a few tokens",
    )

    manifest = add("manifest", _manifest, "Compare manifest.yml with what the bot listens to.")
    manifest.add_argument("--check", action="store_true", required=True)
    manifest.add_argument("--path", type=Path, default=Path("manifest.yml"))
    return parser


def _takes_incident(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH|-", help=_PATH_HELP)
    _takes_context_chars(parser, default=24_000)


def _takes_context_chars(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--context-chars",
        type=_at_least(500),
        default=default,
        metavar="N",
        help=f"evidence that a model is sent, in characters ({default})",
    )


def _takes_provider(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--provider",
        default=default,
        metavar="NAME|rules|auto",
        help=f"one provider, the rules alone, or the configured chain ({default})",
    )


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a number of at least {least}")
        return int(text)

    return number


async def _run(options: argparse.Namespace) -> int:
    settings = load_settings()
    crontab(settings.rca_health_schedule)
    configure_logging(settings.rca_log_level)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, over.set)
    async with running(
        settings, incidents=options.incidents, practice=options.practice
    ) as application:
        _say(_welcome(application))
        await over.wait()
        _say("stopping: open threads are told")
    return 0


def _welcome(application: Application) -> str:
    where = "Slack" if application.workspace is None else "a local workspace, no Slack needed"
    lines = [
        f"RCA Insight Engine {VERSION} is running in {where}",
        f"  team     {application.identity.team}, as @{application.identity.name}",
        f"  models   {application.chain.description}",
        f"  health   {application.url}/api/health/ready",
    ]
    if application.workspace is not None:
        lines += [
            f"  channels {_some(application.channels) or 'none loaded; see --incidents DIR'}",
            "",
            *_to_try(application),
        ]
    return "\n".join(lines)


def _to_try(application: Application) -> list[str]:
    channel = next(iter(application.channels), "general")
    fault = "break a provider under “Try a fault” while it answers"
    if not application.chain.practice:
        fault += " (start with --practice to have two that break at will)"
    return [
        f"Open {application.url} and",
        f"  1. type /rca in #{channel}, watch the answer grow, and follow a link to its evidence",
        f"  2. {fault}: the answer arrives in the same message",
        "  3. paste a log of yours into a channel and mention @rca with a question",
    ]


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"#{name}" for name in names[:most]) + more


async def _analyze(options: argparse.Namespace) -> int:
    incident = _incident(options.path, options.question)
    chain = await _chain(options.provider)
    search = _search()
    started = time.monotonic()
    settings = load_settings(slack=False)
    recall = partial(
        find_for_operator, archive=archive_in(settings), runbooks=runbooks_of(settings)
    )
    work = evaluate.answer(
        incident, chain, context_chars=options.context_chars, search=search, recall=recall
    )
    answered = await _closing(chain, work)
    if options.json:
        prepared = prepare(incident, context_chars=options.context_chars, search=search)
        _say(json.dumps(evaluate.as_json(answered, prepared), ensure_ascii=False, indent=2))
        return 0
    _say(report_markdown(answered.report))
    _say(f"\n{evaluate.footer(answered, time.monotonic() - started)}")
    return 0


async def _timeline(options: argparse.Namespace) -> int:
    evidence = prepare(_incident(options.path, ""), search=_search()).evidence
    _say(_FORMATS[options.format](timeline.whole(evidence), evidence).rstrip("\r\n"))
    return 0


async def _incidents(options: argparse.Namespace) -> int:
    settings = load_settings(slack=False)
    archive = archive_in(settings)
    try:
        kept = archive.newest(options.limit) if archive else []
    except ArchiveUnavailableError as error:
        raise ArchiveError(str(error)) from error
    _say("\n".join(map(_line, kept)) or f"no marked cause is kept in {settings.rca_data_dir}")
    return 0


def _line(incident: Confirmed) -> str:
    date = datetime.fromtimestamp(incident.at, UTC).date().isoformat()
    return f"{date}  {incident.channel}  {incident.marked:<11}  {incident.cause}  {incident.link}"


async def _context(options: argparse.Namespace) -> int:
    incident = _incident(options.path, "")
    _say(prepare(incident, context_chars=options.context_chars, search=_search()).context)
    return 0


def _search() -> Search:
    return usual(addresses=load_settings(slack=False).rca_redact_addresses)


async def _eval(options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise ArchiveError(f"{options.folder} is no folder")
    chain = await _chain(options.provider)
    work = evaluate.evaluate(
        options.folder, options.out, chain, context_chars=options.context_chars
    )
    cases = await _closing(chain, work)
    if not cases:
        raise ArchiveError(f"{options.folder} holds no folder with a thread.json")
    _say(f"{cases} incidents, answers in {options.out}")
    return 0


async def _health(options: argparse.Namespace) -> int:
    settings = load_settings(slack=False)
    report = await doctor.ask_running(f"http://{settings.rca_host}:{settings.rca_port}")
    if report is None:
        chain = await build_chain(settings)
        report = await _closing(chain, doctor.probe(chain))
    _say(json.dumps(report, indent=2) if options.json else doctor.describe(report))
    return 0


async def _doctor(options: argparse.Namespace) -> int:
    settings = load_settings(slack=not options.drill)
    chain = await build_chain(settings)
    if options.drill:
        return await _closing(chain, _drill(chain, settings.rca_data_dir))
    drills.remember(chain, settings.rca_data_dir)
    checks = await _closing(chain, doctor.examine(settings, chain))
    _say(doctor.report(checks))
    return 0 if all(check.fine for check in checks) else 1


async def _drill(chain: Chain, folder: Path) -> int:
    if not chain.names:
        _say(f"nothing to drill: {chain.description}")
        return 1
    _say(f"asking {', '.join(chain.names)} one short question each; that costs a few tokens")
    failed = 0
    async for attempt, sentence in drills.drill(chain, folder):
        _say(sentence)
        failed += attempt.outcome != "ok"
    _say(f"{failed} of {len(chain.names)} need you" if failed else "every provider answered")
    return 1 if failed else 0


async def _manifest(options: argparse.Namespace) -> int:
    if not options.path.is_file():
        raise ArchiveError(f"{options.path} is no file; name it with --path")
    differences = doctor.compare_manifest(options.path)
    _say("\n".join(differences) or f"{options.path} says what the bot listens to")
    return 1 if differences else 0


async def _chain(provider: str) -> Chain | None:
    if provider == "rules":
        return None
    settings = load_settings(slack=False)
    return await build_chain(settings, only=None if provider == "auto" else provider)


async def _closing(chain: Chain | None, work: Awaitable[Result]) -> Result:
    try:
        return await work
    finally:
        if chain is not None:
            await chain.manager.close()


def _incident(path: str, question: str) -> Incident:
    if path == "-":
        return load_stream("standard input", sys.stdin.buffer, question)
    return load_incident(Path(path), question)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the command line's own output
