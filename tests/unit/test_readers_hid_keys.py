"""Do the keys of an American keyboard type what stands on them?"""

from evdev import ecodes

from calltime_edge.readers.hid_keys import DOWN, KEYS, LEFT_SHIFT, NO_TEXT, RIGHT_SHIFT, UP, Keys

REPEATED = 2

NAMED = {
    **{f"KEY_{letter.upper()}": letter + letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{f"KEY_{digit}": digit + sign for digit, sign in zip("1234567890", "!@#$%^&*()", strict=True)},
    "KEY_MINUS": "-_",
    "KEY_EQUAL": "=+",
    "KEY_LEFTBRACE": "[{",
    "KEY_RIGHTBRACE": "]}",
    "KEY_SEMICOLON": ";:",
    "KEY_APOSTROPHE": "'\"",
    "KEY_GRAVE": "`~",
    "KEY_BACKSLASH": "\\|",
    "KEY_COMMA": ",<",
    "KEY_DOT": ".>",
    "KEY_SLASH": "/?",
    "KEY_SPACE": "  ",
    "KEY_ENTER": "\r\r",
    "KEY_TAB": "\r\r",
    "KEY_KPENTER": "\r\r",
}


def test_each_key_types_what_linux_calls_it() -> None:
    assert {code: plain + shifted for code, (plain, shifted) in KEYS.items()} == {ecodes.ecodes[name]: pair for name, pair in NAMED.items()}


def test_the_shifts_and_the_values_are_those_of_linux() -> None:
    assert (LEFT_SHIFT, RIGHT_SHIFT) == (ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT)


def test_either_shift_counts_until_both_are_up() -> None:
    keys, a = Keys(), ecodes.KEY_A
    held = ((LEFT_SHIFT, DOWN), (a, DOWN), (RIGHT_SHIFT, DOWN), (LEFT_SHIFT, UP), (a, DOWN), (RIGHT_SHIFT, UP), (a, DOWN))

    assert b"".join(keys.typed(*event) for event in held) == b"AAa"


def test_a_key_that_repeats_by_itself_or_goes_up_types_nothing() -> None:
    keys = Keys()

    assert [keys.typed(ecodes.KEY_A, value) for value in (DOWN, REPEATED, REPEATED, UP)] == [b"a", b"", b"", b""]


def test_a_shift_that_repeats_by_itself_is_still_held() -> None:
    keys = Keys()

    assert b"".join(keys.typed(*event) for event in ((LEFT_SHIFT, DOWN), (LEFT_SHIFT, REPEATED), (ecodes.KEY_A, DOWN))) == b"A"


def test_a_key_that_would_change_what_is_typed_spoils_the_line_and_a_number_lock_does_not() -> None:
    keys = Keys()

    assert [keys.typed(key, DOWN) for key in (ecodes.KEY_CAPSLOCK, ecodes.KEY_LEFTALT, ecodes.KEY_NUMLOCK)] == [NO_TEXT, NO_TEXT, b""]


def test_when_events_were_lost_no_shift_is_held_any_more() -> None:
    keys = Keys()
    keys.typed(LEFT_SHIFT, DOWN)

    assert keys.lost() == NO_TEXT
    assert keys.typed(ecodes.KEY_A, DOWN) == b"a"
