"""What does a UART hear when the other end talks at another speed?

Pure. A byte is a start bit (low), eight bits, the low one first, and a stop bit (high); the line rests high.
"""

_BITS = 10


def heard(sent: bytes, *, sent_at: int, heard_at: int) -> bytes:
    """What arrives of bytes that were sent one after another at the baud rate `sent_at`, at a receiver that is set to `heard_at`."""
    if sent_at == heard_at:
        return sent
    line = [level for byte in sent for level in (0, *(byte >> place & 1 for place in range(8)), 1)]
    edges = [at for at, level in enumerate(line) if not level and (at == 0 or line[at - 1])]
    got = bytearray()
    # Time in a unit in which the sender's bit lasts `heard_at` and the receiver's `sent_at`.
    free_from = 0
    for edge in edges:
        start = edge * heard_at
        if start < free_from:
            continue
        middles = [start + (2 * bit + 1) * sent_at // 2 for bit in range(_BITS)]
        levels = [line[middle // heard_at] if middle // heard_at < len(line) else 1 for middle in middles]
        free_from = middles[-1]
        if not levels[0] and levels[-1]:  # otherwise no start or no stop: thrown away
            got.append(sum(level << place for place, level in enumerate(levels[1:-1])))
    return bytes(got)
