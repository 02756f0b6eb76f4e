"""A disk that is full or broken is told in a sentence, and nothing that was there is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import Unavailable
from warehouse import disk
from warehouse.lake import Lake

# Files may grow to 400 kB from here on, which is what a full disk looks like to every library involved.
_TIGHT = """
import resource, sys
from pathlib import Path
from store.errors import Unavailable
from warehouse.lake import Lake

lake = Lake.create(Path(sys.argv[1]) / "lake")
with lake.writer() as connection:
    connection.execute("CREATE TABLE kept AS SELECT range AS i FROM range(10)")
lake.publish()
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
for number in range(2):
    try:
        if number == 0:
            with lake.writer() as connection:
                connection.execute("CREATE TABLE large AS SELECT range AS i, random() AS r FROM range(1000000)")
        else:
            lake.publish()
            print("said published")
    except Unavailable as error:
        print("said", error.code)
print("said", sorted(lake.current().tables)[0])
"""


def test_a_full_disk_is_a_sentence_and_what_was_there_stays(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TIGHT, str(tmp_path)], capture_output=True, text=True, timeout=120, check=True
    )
    said = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("said ")]
    assert said == ["disk_error", "published", "kept"]
    with Lake.open(tmp_path / "lake").writer() as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (10,)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), "disk_error"),
        (RuntimeError("Failed to probe metadata: disk I/O error"), "disk_error"),
        (subprocess.CalledProcessError(1, "copy", stderr="OperationalError: database or disk is full"), "disk_error"),
        (OSError(5, "Input/output error"), "lake_unavailable"),
    ],
)
def test_what_happened_is_told_apart(tmp_path: Path, error: Exception, code: str) -> None:
    found = disk.trouble(tmp_path / "not" / "there", error)
    assert found.code == code
    assert found.hint and str(tmp_path) not in str(found)


def test_errors_of_the_house_pass(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught, disk.guarded(tmp_path):
        raise Unavailable("Another load is writing.", code="lake_busy")
    assert caught.value.code == "lake_busy"
