"""Is the line of each value in a TOML file found, whatever else stands in it?"""

from calltime_server.payment.toml_lines import line_of, lines_of

TEXT = '''\
# not = "a key"
council = "example"
says = """
[[step]]
clause = "in a text"
"""
roles = [
  "one",  # [price]
  "two",
]

[price.rate]
"pounds per hour" = "18.72"

[[step]]
step = "a"
[[step]]
step = "b"
given.by.clause = "3.1"
[[step.part]]
name = "x"
'''


def test_tables_keys_and_entries_have_the_line_where_they_begin() -> None:
    lines = lines_of(TEXT)

    assert lines[("council",)] == 2
    assert lines[("says",)] == 3
    assert lines[("roles",)] == 7
    assert lines[("price", "rate")] == 12
    assert lines[("price", "rate", "pounds per hour")] == 13
    assert lines[("step", 0)] == 15
    assert lines[("step", 1, "step")] == 18
    assert lines[("step", 1, "given", "by", "clause")] == 19
    assert lines[("step", 1, "part", 0, "name")] == 21


def test_what_is_missing_has_the_line_of_the_table_in_which_it_is_missing() -> None:
    lines = lines_of(TEXT)

    assert line_of(("step", 1, "clause"), lines) == 17
    assert line_of(("roles", 1), lines) == 7
    assert line_of(("starts",), lines) == 1


def test_lines_are_the_same_with_the_line_ends_of_windows() -> None:
    assert lines_of(TEXT.replace("\n", "\r\n")) == lines_of(TEXT)
