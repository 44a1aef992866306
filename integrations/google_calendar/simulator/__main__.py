"""``python -m integrations.google_calendar.simulator``."""

from integrations.google_calendar.simulator.simulator import GoogleCalendarSimulator
from integrations.kit.simulator.serving import main

main(GoogleCalendarSimulator)
