"""`python -m bot` is `rca-bot`."""

import sys

from bot.cli import main

sys.exit(main())
