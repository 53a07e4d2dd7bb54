"""YAML is read strictly, and every part keeps its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialerd.config.problems import ConfigError
from dialerd.config.reader import MOST_LEVELS, MOST_PARTS, read
from dialerd.config.source import MOST_BYTES


def refusals(source: str | bytes) -> list[str]:
    """Return what is wrong with the source, however it is told."""
    try:
        return [str(problem) for problem in read(source, "f").problems]
    except ConfigError as error:
        return [str(problem) for problem in error.problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-7", -7),
        ("42", 42),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("+15550100", "+15550100"),
        ("0044", "0044"),
        ("-044", "-044"),
        ("09:00", "09:00"),
        ("20:00", "20:00"),
        ("1:30:00", "1:30:00"),
        ("NO", "NO"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1e3", "1e3"),
        ("1.", "1."),
        (".5", ".5"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-01-31", "2026-01-31"),
        ("=", "="),
        ("١٢", "١٢"),
        ("1234567890123456789", "1234567890123456789"),
        ("'5'", "5"),
        ('"true"', "true"),
        ('""', ""),
        ("25s", "25s"),
    ],
)
def test_a_scalar_is_what_it_looks_like(written: str, value: object) -> None:
    read_value = read(f"key: {written}\n", "f").get("key")

    assert read_value == value
    assert type(read_value) is type(value)


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_every_decimal_integer_comes_back_as_itself(number: int) -> None:
    assert read(f"key: {number}", "f").get("key") == number


@given(st.from_regex(r"[+0][0-9]{1,15}", fullmatch=True))
def test_no_number_with_a_plus_or_a_leading_zero_loses_a_character(written: str) -> None:
    assert read(f"key: {written}", "f").get("key") == written


def test_a_key_is_the_text_that_was_written() -> None:
    document = read("600: a\ntrue: b\nno: c\n'x y': d\n", "f")

    assert document.names() == ("600", "true", "no", "x y")


def test_every_key_and_value_knows_its_line_and_column() -> None:
    document = read("a:\n  b: [x,\n      y]\n  c: {d: 1}\n", "f")

    assert document.place(("a",), of_key=True) == (1, 1)
    assert document.place(("a",)) == (2, 3)
    assert document.place(("a", "b"), of_key=True) == (2, 3)
    assert document.place(("a", "b", 1)) == (3, 7)
    assert document.place(("a", "c", "d")) == (4, 10)


def test_what_is_not_there_is_placed_at_the_nearest_key_above_it() -> None:
    document = read("x: 1\na:\n  b: {}\n", "f")

    assert document.place(("a", "b", "missing", 3)) == (3, 3)
    assert document.place(("missing",)) == (1, 1)


def test_lines_may_end_as_on_another_system() -> None:
    document = read("a: 1\r\nb: x\r\n", "f")

    assert document.data == {"a": 1, "b": "x"}
    assert document.place(("b",)) == (2, 4)


def test_a_byte_order_mark_is_passed_over_and_moves_no_column() -> None:
    document = read(b"\xef\xbb\xbfa: 1\n", "f")

    assert document.data == {"a": 1}
    assert document.place(("a",), of_key=True) == (1, 1)


@pytest.mark.parametrize("source", ["", "\n", "# only a comment\n", "---\n", "---\n...\n"])
def test_a_file_without_content_is_empty(source: str) -> None:
    assert read(source, "f").data is None


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3:1: a: the key stands already in line 1; keep one of the two"),
        ("a: {b: 1, 'b': 2}\n", "f:1:11: a.b: the key stands already in line 1; keep one of the two"),
        ("a: &x 1\n", "f:1:4: a: an anchor (&) is not taken; write each value out, or in quotes"),
        ("a: &x [1]\n", "f:1:4: a: an anchor (&) is not taken; write each value out, or in quotes"),
        ("a: *x\n", "f:1:4: a: an alias (*) is not taken; write the value out, or in quotes"),
        ("a: !!str 1\n", "f:1:4: a: a tag (!) is not taken; delete it, or write the value in quotes"),
        ("a: ! 1\n", "f:1:4: a: a tag (!) is not taken; delete it, or write the value in quotes"),
        ("a: !!map {}\n", "f:1:4: a: a tag (!) is not taken; delete it, or write the value in quotes"),
        ("!!x a: 1\n", "f:1:1: a: a tag (!) is not taken; delete it, or write the value in quotes"),
        ("a:\n  <<: {b: 1}\n", "f:2:3: a.'<<': a merge key (<<) is not taken; write the keys out"),
        ("? [a]\n: 1\n", "f:1:3: '?': a key must be a plain text; write `key: value`"),
        ("*x : 1\n", "f:1:1: '?': a key must be a plain text; write `key: value`"),
        (
            ": 1\n",
            "f:1:1: not valid YAML: expected <block end>, but found ':'; write a name before the colon",
        ),
        ('"": 1\n', "f:1:1: '': this cannot be a key; write a name before the colon"),
        ('"a\\nb": 1\n', "f:1:1: 'a\\nb': this cannot be a key; write a name before the colon"),
        ("a: 1\n---\nb: 2\n", "f:2:1: a second document begins here; one file holds one; delete `---`"),
        ("%YAML 1.1\n---\na: 1\n", "f:1:1: a line that begins with % is not taken; delete it"),
        ("a:\tb\n", "f:1:3: a tab is not taken; use spaces"),
        ("a: b\n\tc: d\n", "f:2:1: a tab is not taken; use spaces"),
        (
            "a: b # x\rsecret: 1\r\n",
            "f:1:9: a carriage return inside a line is not taken; end lines with LF or CR LF",
        ),
        ("a: b # x\u2028secret: 1\n", "f:1:9: an invisible line break (U+2028) is not taken; delete it"),
        ("a: b # x\u0085secret: 1\n", "f:1:9: an invisible line break (U+0085) is not taken; delete it"),
        ("a: 1\nb: \x00\n", "f:2:4: the character U+0000 is not taken; delete it"),
        ("a: \x1b[2J\n", "f:1:4: the character U+001B is not taken; delete it"),
        (b"a: 1\nb: \xff\n", "f:2:4: byte 8 (0xff) is not UTF-8; save the file as UTF-8"),
        (
            "gr\u00fc\u00df: 1\n".encode("latin-1"),
            "f:1:3: byte 2 (0xfc) is not UTF-8; save the file as UTF-8",
        ),
        (
            "a: b: c\n",
            (
                "f:1:5: not valid YAML: mapping values are not allowed here; "
                "check the indentation; put a text that holds a colon in quotes"
            ),
        ),
        (
            "a: @b\n",
            "f:1:4: not valid YAML: found character '@' that cannot start any token; put the text in quotes",
        ),
        (
            "a: [1, 2\n",
            (
                "f:2:1: not valid YAML: expected ',' or ']', but got the end of the file "
                "(while parsing a flow sequence that begins in line 1); close the quotes or the bracket"
            ),
        ),
        (
            "a: 'x\n",
            (
                "f:2:1: not valid YAML: found the end of the file "
                "(while scanning a quoted scalar that begins in line 1); close the quotes or the bracket"
            ),
        ),
        (
            'a: "\\UFFFFFFFF"\n',
            (
                "f:1:7: not valid YAML: a number out of range; "
                "check indentation, colons and quotes here and in the line above"
            ),
        ),
    ],
)
def test_what_can_mislead_is_refused(source: str | bytes, refusal: str) -> None:
    assert refusals(source) == [refusal]


def test_all_that_is_refused_is_told_at_once() -> None:
    found = refusals("a: &x 1\nb: *x\na: 2\nc: !!str 3\n")

    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "4"]


def test_the_first_of_two_equal_keys_keeps_its_value_and_its_place() -> None:
    document = read("a: {b: 1}\na: {b: 2}\n", "f")

    assert document.data == {"a": {"b": 1}}
    assert document.place(("a", "b")) == (1, 8)


def test_a_file_of_the_greatest_size_is_read_and_one_byte_more_is_not() -> None:
    fill = "a: " + "x" * (MOST_BYTES - 3)

    assert refusals(fill) == []
    assert refusals(fill + "x") == [f"f:1:1: the file is too large; at most {MOST_BYTES} bytes are read"]


def test_the_deepest_nesting_is_read_and_one_level_more_is_not() -> None:
    assert refusals("[" * MOST_LEVELS + "]" * MOST_LEVELS) == []
    assert refusals("[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1)) == [
        f"f:1:{MOST_LEVELS + 1}: nested more than {MOST_LEVELS} levels deep; check the brackets"
    ]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "{a,"])
def test_endless_nesting_ends_early(opening: str) -> None:
    found = refusals(opening * 3000)

    assert any("levels deep" in line for line in found)


def test_a_bomb_of_aliases_does_not_grow() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    document = read(bomb, "f")

    assert document.get("i") == [None, None]
    assert len(document.problems) == 9 + 16


def test_a_file_of_too_many_parts_is_refused() -> None:
    found = refusals("[" + "a," * MOST_PARTS + "]")

    assert found[0].endswith(
        f"the file has too many parts; at most {MOST_PARTS} keys, values and brackets are read"
    )


@given(st.one_of(st.text(), st.binary(), st.text(alphabet=" \n-:[]{}?!&*|>'\"%@#,.0a\\xU~<=")))
def test_whatever_is_read_either_comes_back_or_is_refused(source: str | bytes) -> None:
    try:
        document = read(source, "f")
    except ConfigError as error:
        assert error.problems
        assert all(problem.line >= 1 and problem.column >= 1 for problem in error.problems)
        str(error).encode()
    else:
        assert all(line >= 1 and column >= 1 for line, column in document.values.values())
