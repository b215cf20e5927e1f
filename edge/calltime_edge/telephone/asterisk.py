"""How does a call in an Asterisk become a dialogue? It answers, plays recordings, and gathers the keys that are pressed."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from calltime_edge.readers.sightings import Called, ReaderGone
from calltime_edge.telephone.asterisk_link import Account, Link, connected
from calltime_edge.telephone.calls import Calls
from calltime_edge.telephone.desk import Desk
from calltime_edge.telephone.dialogue import DIGITS, Reply
from calltime_wire.status import ReaderState

log = logging.getLogger(__name__)

PATIENCE_S = 8.0
"""Seconds of silence after what was played."""
LOOK_EVERY_S = 0.5


class _Channel:
    """One call: what was asked last, and what was pressed since."""

    def __init__(self, channel: str, caller: str) -> None:
        self.id = channel
        self.caller = caller
        self.step = 0
        self.reply: Reply | None = None
        self.keys = ""
        self.playing = ""
        self.until: float | None = None  # of time.monotonic; None while something is played


class Asterisk:
    """Listens to what an Asterisk hands over to the application; watched as a reader is, because it is what carers tap."""

    name = "Asterisk"

    def __init__(self, account: Account, calls: Calls, desk: Desk) -> None:
        """Nothing is opened yet."""
        self._account, self._calls, self._desk = account, calls, desk

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Called]:
        """Yield what callers keyed in, as long as the Asterisk is there. Raises ReaderGone."""
        over = threading.Event()
        why: list[ReaderGone] = []
        with connected(self._account) as link:
            listening = threading.Thread(target=self._listen, args=(link, over, why), name="Asterisk: listening", daemon=True)
            listening.start()

            def look() -> None:
                if why:
                    raise why[0]
                if not listening.is_alive():
                    raise ReaderGone("Listening to the Asterisk has stopped, and should not have. Calling it again.")
                tell("ready")

            try:
                yield from self._desk.asked(stop, look)
            finally:
                over.set()
                listening.join(timeout=2 * LOOK_EVERY_S)

    def _listen(self, link: Link, over: threading.Event, why: list[ReaderGone]) -> None:
        channels: dict[str, _Channel] = {}
        try:
            while not over.is_set():
                event = link.event(LOOK_EVERY_S)
                if event is not None:
                    self._heard(link, channels, event)
                for channel in [each for each in channels.values() if each.until is not None and time.monotonic() > each.until]:
                    self._go_on(link, channel)
        except ReaderGone as gone:
            why.append(gone)

    def _heard(self, link: Link, channels: dict[str, _Channel], event: Mapping[str, Any]) -> None:
        kind, of = event.get("type"), event.get("channel")
        of = of if isinstance(of, dict) else {}
        channel = channels.get(str(of.get("id")))
        if kind == "StasisStart" and channel is None and of.get("id"):
            caller = of.get("caller")
            began = channels[str(of["id"])] = _Channel(str(of["id"]), str(caller.get("number", "")) if isinstance(caller, dict) else "")
            self._do(link, began, "POST", "channels", began.id, "answer")
            self._go_on(link, began)
        elif kind == "ChannelDtmfReceived" and channel is not None:
            self._pressed(link, channel, str(event.get("digit", "")))
        elif kind == "PlaybackFinished":
            playback = event.get("playback")
            ended = str(playback.get("id")) if isinstance(playback, dict) else ""
            for each in [each for each in channels.values() if each.playing and each.playing == ended]:
                self._played(link, each)
        elif kind in ("StasisEnd", "ChannelDestroyed") and channel is not None:
            del channels[channel.id]
            self._calls.forget(channel.id)

    def _pressed(self, link: Link, channel: _Channel, key: str) -> None:
        """Whoever knows what she is asked need not hear it out."""
        if channel.reply is None or channel.reply.wants is None:
            return
        if channel.playing:
            self._do(link, channel, "DELETE", "playbacks", channel.playing)
            channel.playing = ""
        channel.keys += key.replace("#", "")
        channel.until = time.monotonic() + PATIENCE_S
        if key == "#" or len(channel.keys) >= DIGITS[channel.reply.wants]:
            self._go_on(link, channel)

    def _played(self, link: Link, channel: _Channel) -> None:
        channel.playing = ""
        if channel.reply is not None and channel.reply.wants is None:
            self._do(link, channel, "DELETE", "channels", channel.id)
        else:
            channel.until = time.monotonic() + PATIENCE_S

    def _go_on(self, link: Link, channel: _Channel) -> None:
        """Bring what was pressed before the dialogue, and play its answer."""
        channel.step, channel.reply = self._calls.answer(channel.id, step=channel.step, caller=channel.caller, digits=channel.keys)
        channel.keys, channel.until, channel.playing = "", None, str(uuid.uuid4())
        media = ",".join(f"sound:calltime/{name}" for spoken in channel.reply.said for name in spoken.recordings)
        if not self._do(link, channel, "POST", "channels", channel.id, "play", media=media, playbackId=channel.playing):
            self._played(link, channel)

    @staticmethod
    def _do(link: Link, channel: _Channel, method: str, *path: str, **query: str) -> bool:
        try:
            link.command(method, *path, **query)
        except OSError as error:
            log.warning("call %s: the Asterisk did not do as it was told (%s); she may have hung up", channel.id, error)
            return False
        return True
