"""Pictures of a try box: before a run, asking, and after one; see `test_snapshots`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from eks_lab.tui.try_access import Ending, Standing
from tests.fake_try import NODES, FakeTry
from tests.tui.test_snapshots import SIZES, Snap, still
from tests.tui.test_try_boxes import THREE, app_with, box_in_sight

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="pictures are made with Textual 8.2.8")
PODS = "NAMESPACE     NAME             READY   STATUS    RESTARTS   AGE     IP             NODE                          NOMINATED\n"
WIDE_AND_LONG = PODS + "".join(
    f"kube-system   aws-node-{number:05}   2/2     Running   0          3m12s   10.0.{number}.10      "
    f"ip-10-0-{number}-10.ec2.internal     <none>\n"
    for number in range(100, 120)
)
ANSWERS = (
    (NODES, Ending(0, 0.2)),
    (WIDE_AND_LONG, Ending(0, 0.3)),
    ("error: Metrics API not available\n", Ending(1, 0.1)),
)
STATES: dict[str, tuple[Standing, tuple[str, ...]]] = {
    "before": (Standing(), ()),
    "asking": (Standing(is_on=False, lab="The nodes are full, and idle"), ("r",)),
    "after": (Standing(), ("r",)),
}
"""Name → how things stand, and keys to press."""


@SIZES
@pytest.mark.parametrize("name", STATES)
def test_try_box(snap_compare: Snap, tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    standing, keys = STATES[name]
    app = app_with(FakeTry(*ANSWERS, standing=standing), tmp_path, THREE)

    async def run(pilot: Pilot[Any]) -> None:
        await box_in_sight(pilot)
        await pilot.press(*keys)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)
