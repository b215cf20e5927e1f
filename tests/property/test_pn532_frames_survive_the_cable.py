"""Does every frame come out of the cable as it went in, however the bytes are cut?"""

from hypothesis import given
from hypothesis import strategies as st

from calltime_sim.pn532.frames import LONGEST_BODY, Ack, Frame, Heard, Nack, parse, to_bytes

BODIES = st.one_of(st.binary(min_size=1, max_size=12), st.binary(min_size=250, max_size=LONGEST_BODY))
FRAMES = st.one_of(st.builds(Frame, body=BODIES), st.builds(Ack), st.builds(Nack))


@given(FRAMES)
def test_what_was_said_is_what_is_heard(frame: Heard) -> None:
    assert parse(to_bytes(frame))[0] == (frame,)


@given(st.lists(FRAMES, max_size=4), st.lists(st.integers(min_value=1, max_value=300), min_size=1, max_size=20))
def test_it_does_not_matter_where_the_bytes_are_cut(frames: list[Heard], sizes: list[int]) -> None:
    cable = b"".join(to_bytes(frame) for frame in frames)
    heard: list[Heard] = []
    rest = b""
    for size in [*sizes, len(cable)]:
        part, cable = cable[:size], cable[size:]
        found, rest = parse(rest + part)
        heard.extend(found)
    assert heard == frames


@given(st.binary(max_size=2000))
def test_babble_raises_nothing_and_leaves_little_to_remember(babble: bytes) -> None:
    _, rest = parse(babble)
    assert len(rest) <= len(to_bytes(Frame(body=bytes(LONGEST_BODY))))


@given(st.binary(max_size=40).filter(lambda noise: b"\xff" not in noise), FRAMES)
def test_noise_without_a_start_code_hides_no_frame(noise: bytes, frame: Heard) -> None:
    assert parse(noise + to_bytes(frame))[0] == (frame,)
