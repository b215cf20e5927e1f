"""With which number does a command end?"""

WELL = 0
NOT_DONE = 1
"""The message says what, why and what next."""
NOT_UNDERSTOOD = 2
"""The words or the settings are wrong; all of it is told."""
START_AGAIN = 3
"""What holds the records is damaged: the next start sets it aside and saves what it can."""
