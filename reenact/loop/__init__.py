"""Live: the newest frame to the performer, what it makes to every sink, until the end. Nothing queues up anywhere."""

from reenact.loop.live import PATIENCE, Performer, run
from reenact.loop.mailbox import Closed, Mailbox
from reenact.loop.pace import Pace
from reenact.loop.stats import STILL, WINDOW, LiveStats, SinkStats

__all__ = ["PATIENCE", "STILL", "WINDOW", "Closed", "LiveStats", "Mailbox", "Pace", "Performer", "SinkStats", "run"]
