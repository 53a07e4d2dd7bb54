"""The people of the demo."""

import csv
import re
from importlib.resources import files

FICTIONAL = re.compile(r"\+1[2-9]\d{2}55501\d{2}|\+447700900\d{3}")


def test_the_sample_has_280_different_numbers_that_belong_to_nobody() -> None:
    text = (files("dialerd.simulator") / "samples" / "people.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["number"] for row in rows}) == len(rows) == 280
    assert all(FICTIONAL.fullmatch(row["number"]) for row in rows)
    assert all(row["name"] and row["city"] for row in rows)
    assert len({row["number"][2:5] for row in rows if row["number"].startswith("+1")}) == 10
