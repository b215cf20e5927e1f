"""A PN532 and its cards that are not there: where does an NFC reader without hardware get its tags from?"""

from calltime_sim.pn532.badges import Badge, Desfire, Telephone
from calltime_sim.pn532.cable import SimulatedPn532
from calltime_sim.pn532.ntag21x import Ntag213, Ntag215, Ntag216
from calltime_sim.pn532.ntag424 import Ntag424

__all__ = ["Badge", "Desfire", "Ntag213", "Ntag215", "Ntag216", "Ntag424", "SimulatedPn532", "Telephone"]
