"""Links between documents lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")


def documents() -> list[Path]:
    """Every Markdown file of the project: those at the top, and those of its folders."""
    folders = ("docs", "benchmarks", "tests", "asterisk", "systemd", "etc", "dialerd")
    nested = (path for folder in folders for path in (ROOT / folder).rglob("*.md"))
    return sorted([*ROOT.glob("*.md"), *nested])


def prose(document: Path) -> str:
    """The text without code, in which brackets are no links."""
    return CODE.sub("", FENCE.sub("", document.read_text(encoding="utf-8")))


def links(document: Path) -> Iterator[tuple[str, str]]:
    """Yield path and anchor of each link into the project."""
    for found in LINK.finditer(prose(document)):
        if not found[1].startswith(ELSEWHERE):
            path, _, anchor = found[1].partition("#")
            yield path, anchor


def anchor_of(heading: str) -> str:
    """The name under which a heading is reached: lower case, spaces as dashes, no other signs."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    return {anchor_of(found[1].replace("`", "")) for found in HEADING.finditer(text)}


def broken(document: Path, root: Path = ROOT) -> list[str]:
    """The links of the document that lead nowhere, or out of the project."""
    wrong = []
    for path, anchor in links(document):
        target = (document.parent / path).resolve() if path else document
        if not target.is_relative_to(root) or not target.exists():
            wrong.append(path)
        elif anchor and anchor not in anchors(target):
            wrong.append(f"{path}#{anchor}")
    return wrong


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_or_heading_that_exists(document: Path) -> None:
    assert broken(document) == []


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# A page\n[here](#a-page) [gone](gone.md) `[code](no)` [web](https://example.org/x)\n"
    )
    assert list(links(document)) == [("", "a-page"), ("gone.md", "")]
    assert broken(document, tmp_path) == ["gone.md"]


def test_every_page_is_in_the_index() -> None:
    folder = ROOT / "docs"
    indexed = {(folder / path).resolve() for path, _ in links(folder / "README.md")}
    pages = {page for page in folder.rglob("*.md") if page.parent.name != "decisions"}
    assert pages - indexed == {folder / "README.md"}


def test_every_decision_is_in_the_index_and_short() -> None:
    folder = ROOT / "docs/decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    indexed = {path for path, _ in links(folder / "README.md")}
    assert {record.name for record in records} == indexed
    numbers = [int(record.name[:4]) for record in records]
    assert numbers == list(range(1, len(numbers) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, record.name
        sections = [found[1] for found in HEADING.finditer(text)]
        assert sections[1:] == ["Context", "Decision", "Consequences"], record.name


def test_every_dependency_has_its_sentence() -> None:
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = listed[listed.index("\ndependencies = [") :].split("]", 1)[0]
    names = re.findall(r'"([A-Za-z0-9_-]+)', block)
    told = (ROOT / "docs/decisions/0010-dependencies.md").read_text(encoding="utf-8")
    assert names
    assert [name for name in names if f"**{name}**" not in told] == []
