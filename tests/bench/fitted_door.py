"""What is a door with buzzer, lights and display, on a machine that has none? Run as `python -m bench.fitted_door` like `calltime-edge`.

It is the same program. The pins are gpiozero's own for tests, and what it says to the display goes into luma's bus that leads nowhere.
"""

import os

from luma.core.interface import serial

from calltime_edge import cli

FITTED = {"BUZZER_PIN": "17", "GREEN_PIN": "22", "AMBER_PIN": "23", "RED_PIN": "24", "DISPLAY": "ssd1306"}

if __name__ == "__main__":
    os.environ["GPIOZERO_PIN_FACTORY"] = "mock"
    os.environ.update({f"CALLTIME_EDGE_FEEDBACK_{name}": value for name, value in FITTED.items()})
    serial.i2c = lambda **_: serial.noop()
    cli.main()
