"""The page about `why` explains every gate that there is, in their order."""

import re

from dialerd.control.reasons import why_target
from dialerd.engine.messages import AskWhy
from tests.docs.blocks import ROOT
from tests.engine.story import Story

PAGE = (ROOT / "docs/howto/why.md").read_text(encoding="utf-8")
STANDING = {"campaign": "spring", "state": "ready", "reason": None, "not_before": None, "attempts": []}


def rules() -> list[str]:
    """What `target why` asks, the gates of the campaign included."""
    story = Story()
    story.campaign()
    answer = why_target("people", STANDING, story.asks(AskWhy("spring")), "2026-03-02T10:00:00Z")
    return [gate["rule"] for gate in answer["gates"]]


def test_the_page_explains_every_gate_in_the_order_in_which_they_are_asked() -> None:
    assert re.findall(r"^### (\w+)$", PAGE, re.MULTILINE) == rules()
