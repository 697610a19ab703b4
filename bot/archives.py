"""What is kept of past incidents, and the runbooks, as the settings say."""

from __future__ import annotations

import logging

from bot.recall import Recall
from bot.settings import Settings
from bot.slack.reader import Reader
from bot.store.incidents import IncidentFile, missing_search
from bot.store.incidents_in_memory import IncidentsInMemory
from bot.store.runbooks import RunbookFolder

logger = logging.getLogger(__name__)


def recall_of(settings: Settings, reader: Reader, *, practice: bool) -> Recall:
    """Return what finds and keeps them."""
    # What was marked for practice is no experience.
    archive = IncidentsInMemory() if practice else archive_in(settings)
    return Recall(archive, runbooks_of(settings), reader)


def archive_in(settings: Settings) -> IncidentFile | None:
    """Return the archive of confirmed incidents; None, and a line in the log, without FTS5."""
    if lacking := missing_search():
        logger.warning("similar incidents are left out: %s", lacking)
        return None
    return IncidentFile(settings.rca_data_dir)


def runbooks_of(settings: Settings) -> RunbookFolder | None:
    """Return the runbooks; None where no folder is set."""
    return RunbookFolder(settings.rca_runbooks) if settings.rca_runbooks else None
