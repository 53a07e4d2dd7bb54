"""The page about crashes names the log of channels as it is written and read."""

from pathlib import Path

from dialerd.adapters.asterisk import trail
from dialerd.adapters.asterisk.dialplan import TRAIL_FILE
from dialerd.domain.identifiers import AttemptId
from tests.docs.blocks import ROOT, blocks

(ROTATION,) = (block.text for block in blocks(ROOT / "docs/howto/recover.md") if block.language == "conf")
ATTEMPT = AttemptId("dlr-aaaaaa-0123456789abcdefghjkmnpqrs")
ROW = f'"CHAN_START","1795424617.5","{ATTEMPT}","{ATTEMPT}","PJSIP/trunk-00000001",""\n'


def test_the_file_that_is_rotated_is_the_one_that_asterisk_writes() -> None:
    assert ROTATION.split()[0] == f"/var/log/asterisk/{TRAIL_FILE}"


def test_what_was_rotated_out_last_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "dialerd.csv.1").write_text(ROW)
    assert not {"compress", "dateext"} & set(ROTATION.split())
    found = trail.find(tmp_path / "dialerd.csv", [ATTEMPT])[ATTEMPT]
    assert found.started_at == 1_795_424_617_500
