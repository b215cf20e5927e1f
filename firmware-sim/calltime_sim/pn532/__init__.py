"""A PN532 and its cards that are not there: where does an NFC reader without hardware get its tags from?"""

from calltime_sim.pn532.cable import SimulatedPn532
from calltime_sim.pn532.tags import Badge, Ntag213

__all__ = ["Badge", "Ntag213", "SimulatedPn532"]
