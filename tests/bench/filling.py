"""Where does a backlog come from? This fills an outbox, run as `python -m bench.filling FOLDER COUNT`."""

import sys
from pathlib import Path

from bench.confirming import fill
from calltime_edge.outbox import Outbox

if __name__ == "__main__":
    outbox = Outbox(Path(sys.argv[1]) / "outbox.sqlite")
    fill(outbox, int(sys.argv[2]))
    outbox.close()
