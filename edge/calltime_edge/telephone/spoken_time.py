"""How is a time said? `eight oh four`, `wyth dim pedwar`: by the clock of twenty-four hours, so that morning and evening differ."""

from __future__ import annotations

from calltime_edge.words.language import Language

_EN_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty")
_CY_ONES = ("dim", "un", "dau", "tri", "pedwar", "pump", "chwech", "saith", "wyth", "naw")
_CY_TENS = ("", "deg", "dau ddeg", "tri deg", "pedwar deg", "pum deg")
_OH: dict[Language, str] = {"en": "oh", "cy": "dim"}
_OCLOCK: dict[Language, str] = {"en": "o'clock", "cy": "o'r gloch"}


def in_words(hour: int | None, minute: int | None, language: Language) -> str:
    """Hour and minute, or of a time that is put together from recordings: a number alone, the nought before a minute, the full hour."""
    if hour is None:
        return _OH[language] if minute is None else _OCLOCK[language]
    if minute is None:
        return _number(hour, language)
    if minute == 0:
        return f"{_number(hour, language)} {_OCLOCK[language]}"
    return " ".join([_number(hour, language), *([_OH[language]] if minute < 10 else []), _number(minute, language)])


def _number(number: int, language: Language) -> str:
    """From 0 to 59, by modern decimal counting in Welsh."""
    tens, ones = divmod(number, 10)
    if language == "cy":
        if tens == 0:
            return _CY_ONES[ones]
        ten = "un deg" if tens == 1 and ones else _CY_TENS[tens]
        return f"{ten} {_CY_ONES[ones]}" if ones else ten
    if number < 20:
        return _EN_ONES[number]
    return f"{_EN_TENS[tens]} {_EN_ONES[ones]}" if ones else _EN_TENS[tens]
