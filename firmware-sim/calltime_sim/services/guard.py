"""How does a service end for certain when its parent dies, even by SIGKILL? This stands between the two and listens on a pipe.

Run as a script: `guard.py SIGNAL COMMAND …`. The parent holds the other end of standard input and writes STOP or KILL. When that end
closes, for whatever reason, the service gets SIGNAL and, ten seconds later, SIGKILL. Only the standard library: it starts at once.
"""

import os
import signal
import subprocess
import sys
import threading

STOP = b"s"
KILL = b"k"
PATIENCE_SECONDS = 10


def listen(service: subprocess.Popen[bytes], polite: int) -> None:
    """Pass on what the parent says. Only the guard signals the service: it alone knows whether that process id is still the service's."""
    while said := os.read(0, 1):
        os.killpg(service.pid, signal.SIGKILL if said == KILL else polite)
    os.killpg(service.pid, polite)
    try:
        service.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(service.pid, signal.SIGKILL)


def main() -> None:
    service = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, process_group=0)
    threading.Thread(target=listen, args=(service, int(sys.argv[1])), daemon=True).start()
    status = service.wait()
    os._exit(0 if status == 0 else 1)  # the listening thread is still reading; an ordinary exit would wait for it


if __name__ == "__main__":
    main()
