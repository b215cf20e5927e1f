"""How does a program that expects a PN532 on a serial port get to the simulated one?"""

import os
import selectors
import threading
import tty
from contextlib import suppress
from types import TracebackType
from typing import Self

from calltime_edge.readers.sightings import MISSES_UNTIL_GONE
from calltime_sim.pn532 import frames
from calltime_sim.pn532.chip import Chip
from calltime_sim.pn532.tags import Contactless


class SimulatedPn532:
    """A PN532 on a pty, plugged in from the start until `unplug` or the end of its `with`. `port` is the path to give to the reader."""

    def __init__(self) -> None:
        self._chip = Chip()
        # The chip's side holds the host's end open too, so that a reader may close and open its port without the line going dead.
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.port = os.ttyname(self._theirs)
        self._stop_seen, self._stop = os.pipe()
        self._thread: threading.Thread | None = threading.Thread(target=self._serve, name="simulated PN532", daemon=True)
        self._thread.start()

    def present(self, card: Contactless) -> None:
        """Hold a card to the reader."""
        self._chip.lay(card)

    def remove(self) -> None:
        """Take the card away. To present again as a new presentation, let the reader notice first: `wait_until_noticed`."""
        self._chip.lay(None)

    def wait_until_noticed(self, *, looks: int = MISSES_UNTIL_GONE, timeout: float = 5.0) -> None:
        """Wait until the reader has looked often enough since the last `present` or `remove`; TimeoutError if it does not look."""
        if not self._chip.wait_for_looks(looks, timeout):
            raise TimeoutError(f"Nobody looked for cards at {self.port} {looks} times in {timeout} s. Is a reader running on it?")

    def unplug(self) -> None:
        """Pull the cable: the reader's port hangs up. Once is enough, twice does no harm."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        os.write(self._stop, b"!")
        thread.join()
        for end in (self._ours, self._theirs, self._stop, self._stop_seen):
            os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()

    def _serve(self) -> None:
        rest = b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._ours, selectors.EVENT_READ)
            waiting.register(self._stop_seen, selectors.EVENT_READ)
            while self._stop_seen not in {key.fd for key, _ in waiting.select()}:
                heard, rest = frames.parse(rest + os.read(self._ours, 4096))
                for frame in heard:
                    self._hear(frame)

    def _hear(self, frame: frames.Heard) -> None:
        """Confirm and answer a command. The host's ACK asks to drop an answer, and here each was given already."""
        if isinstance(frame, frames.Frame):
            answer = frames.Frame(body=self._chip.answer(frame.body))
            # A host that sends and never reads loses what it does not take, as on a real line.
            with suppress(BlockingIOError):
                os.write(self._ours, frames.to_bytes(frames.Ack()) + frames.to_bytes(answer))
