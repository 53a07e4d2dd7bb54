"""Lists as files: what is read, what is refused, and where."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from dialerd.adapters.target_files import FileRefused, Record, RejectsFile, open_list

HEAD = b"phone,name\n"

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_(content: bytes) -> Path:
        path = tmp_path / "people.csv"
        path.write_bytes(content)
        return path

    return write_


def records(path: Path, delimiter: str = "") -> list[Record]:
    with open_list(path, delimiter) as file:
        return list(file.records())


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused, open_list(path) as file:
        list(file.records())
    return str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(write: Write, delimiter: str) -> None:
    path = write(f'phone{delimiter}"last, first; name|x"\n1{delimiter}2\n'.encode())
    with open_list(path) as file:
        assert file.header == ("phone", "last, first; name|x")
        assert [record.cells for record in file.records()] == [["1", "2"]]


def test_one_column_needs_no_delimiter(write: Write) -> None:
    assert [record.cells for record in records(write(b"phone\n+15550100123\n"))] == [["+15550100123"]]


def test_another_delimiter_can_be_named(write: Write) -> None:
    assert records(write(b"phone:name\n1:2\n"), ":")[0].cells == ["1", "2"]


def test_line_ends_of_all_systems_are_read(write: Write) -> None:
    for end in (b"\n", b"\r\n", b"\r"):
        path = write(end.join([b"phone,name", b"1,Ann", b"", b"2,Bob", b""]))
        assert [(record.line, record.cells[0]) for record in records(path)] == [(2, "1"), (4, "2")]


def test_a_byte_order_mark_is_not_part_of_the_first_name(write: Write) -> None:
    with open_list(write(b"\xef\xbb\xbf" + HEAD)) as file:
        assert file.header == ("phone", "name")


def test_a_record_over_several_lines_has_the_number_of_its_first(write: Write) -> None:
    found = records(write(HEAD + b'1,"a\nb\nc"\n2,d\n'))
    assert [(record.line, record.cells) for record in found] == [(2, ["1", "a\nb\nc"]), (5, ["2", "d"])]


def test_an_unclosed_quote_is_reported_where_its_record_began(write: Write) -> None:
    message = refusal(write(HEAD + b'1,Ann\n2,"Bob\n3,Cid\n4,Dan\n'))
    assert "line 3" in message
    assert "not closed" in message


def test_an_unclosed_quote_that_another_quote_ends_is_reported_too(write: Write) -> None:
    assert "line 2" in refusal(write(HEAD + b'1,"Ann\n2,"Bob"\n3,Cid\n'))


def test_an_unclosed_quote_cannot_swallow_a_huge_file(write: Write) -> None:
    assert "line 2" in refusal(write(HEAD + b'1,"Ann\n' + b"2,Bob\n" * 100_000))


def test_bad_quotes_within_one_line_cost_that_line_only(write: Write) -> None:
    found = records(write(HEAD + b'1,"Ann"x\n2,Bob\n'))
    assert found[0] == Record(2, ['1,"Ann"x'], found[0].fault)
    assert "bad quotes" in found[0].fault
    assert found[1] == Record(3, ["2", "Bob"])


def test_too_few_and_too_many_cells_are_faults_of_the_row(write: Write) -> None:
    found = records(write(HEAD + b"1\n1,2,3\n1,2\n"))
    assert [bool(record.fault) for record in found] == [True, True, False]
    assert found[1].fault == "3 cells where the header has 2"


def test_a_huge_cell_is_a_fault_of_the_row(write: Write) -> None:
    found = records(write(HEAD + b"1," + b"x" * 10_001 + b"\n1," + b"x" * 10_000 + b"\n"))
    assert [bool(record.fault) for record in found] == [True, False]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "header row"),
        (b"\n\n", "header row"),
        (b"+15550100123,Ann\n", "looks like data"),
        (b"phone,,name\n", "column 2 has no name"),
        (b"phone,name,phone\n", "two columns are named 'phone'"),
        (b",".join(b"c%d" % n for n in range(101)) + b"\n", "101 columns"),
        (b'phone,"name\n', "line 1"),
        (HEAD + b"1,J\xf6rg\n", "line 2, byte 14: not UTF-8"),
        (b"phone,n\xe4me\n", "line 1, byte 7: not UTF-8"),
        (HEAD + b"1,J\xc3", "cut off"),
        (HEAD + b"1,a\x00b\n", "line 2, byte 14: a NUL byte"),
        ("phone,name\n".encode("utf-16"), "UTF-16"),
        (b"x" * 3_000_000, "longer than"),
    ],
)
def test_a_file_that_is_no_list_is_refused_before_anything_is_read(
    write: Write, content: bytes, words: str
) -> None:
    path = write(content)
    with pytest.raises(FileRefused) as refused:
        open_list(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_character_cut_by_a_block_is_whole_and_a_wrong_one_has_its_place(write: Write) -> None:
    block = 1024 * 1024
    start = HEAD + b"1,x\n" * 262_140 + b"1,xx"
    assert len(start) == block - 1
    assert records(write(start + "ü\n".encode()))
    assert f"byte {block - 1}:" in refusal(write(start + b"\xc3("))


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(FileRefused, match="No such file"):
        open_list(Path("/nonexistent/people.csv"))


def test_rejects_keep_the_row_and_add_line_and_reason(write: Write, tmp_path: Path) -> None:
    rejects = tmp_path / "people.rejects.csv"
    with open_list(write(HEAD + b"x,Ann\n1\n")) as file, RejectsFile(rejects, file, 0) as out:
        for record in file.records():
            out.write(record, record.fault or "not a number")
        assert out.count == 2
    with rejects.open(newline="") as text:
        rows = list(csv.reader(text))
    assert rows == [
        ["rejected_line", "rejected_reason", "phone", "name"],
        ["2", "not a number", "x", "Ann"],
        ["3", "1 cells where the header has 2", "1"],
    ]


def test_without_rejects_no_file_is_made(write: Write, tmp_path: Path) -> None:
    with open_list(write(HEAD)) as file, RejectsFile(tmp_path / "r.csv", file, 0):
        pass
    assert not (tmp_path / "r.csv").exists()


def test_rejects_are_their_owners_business(write: Write, tmp_path: Path) -> None:
    with open_list(write(HEAD)) as file, RejectsFile(tmp_path / "r.csv", file, 0) as out:
        out.write(Record(2, ["x", "y"]), "why")
    assert (tmp_path / "r.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\tx", "\rx"])
def test_rejects_hold_no_formula(write: Write, tmp_path: Path, cell: str) -> None:
    with open_list(write(HEAD)) as file, RejectsFile(tmp_path / "r.csv", file, 0) as out:
        out.write(Record(2, [cell, cell]), "why")
    with (tmp_path / "r.csv").open(newline="") as text:
        row = list(csv.reader(text))[1]
    assert row[2:] == ["'" + cell, "'" + cell]


def test_a_number_keeps_its_plus_among_the_rejects(write: Write, tmp_path: Path) -> None:
    with open_list(write(HEAD)) as file, RejectsFile(tmp_path / "r.csv", file, 0) as out:
        out.write(Record(2, ["+1 555 010", "+1 555 010"]), "too short")
    with (tmp_path / "r.csv").open(newline="") as text:
        assert list(csv.reader(text))[1][2:] == ["+1 555 010", "'+1 555 010"]


def test_rejects_that_cannot_be_written_end_the_import_with_a_cure(write: Write, tmp_path: Path) -> None:
    with (
        open_list(write(HEAD)) as file,
        RejectsFile(tmp_path / "no" / "r.csv", file, 0) as out,
        pytest.raises(FileRefused, match="choose another"),
    ):
        out.write(Record(2, ["x", "y"]), "why")
