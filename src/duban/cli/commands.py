"""`duban COMMAND`: exit code 0 when done, 1 when refused, 2 when called wrongly. Commands register themselves when they are imported."""

from __future__ import annotations

from duban.cli import answer_commands as answer_commands
from duban.cli import entry_commands as entry_commands
from duban.cli import forecast_commands as forecast_commands
from duban.cli import rulebook_commands as rulebook_commands
from duban.cli import site_commands as site_commands
from duban.cli import tick_commands as tick_commands
from duban.cli import work_commands as work_commands
from duban.cli import workbook_commands as workbook_commands
from duban.cli.frame import duban as duban
