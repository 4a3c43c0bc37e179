"""Golden scenarios: `<controller>/cases/<name>.input.yaml` is played, `<name>.output.yaml` is what came of it.

`pytest tests/sim/controllers/test_scenarios.py --update-scenarios` writes the outputs anew: read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.sim.controllers.telling import play, written

_HERE = Path(__file__).parent
_INPUTS = sorted(_HERE.glob("*/cases/*.input.yaml"))


@pytest.mark.parametrize("path", _INPUTS, ids=[str(path.relative_to(_HERE)) for path in _INPUTS])
def test_scenario_comes_out_as_written(path: Path, request: pytest.FixtureRequest) -> None:
    output = path.with_name(path.name.replace(".input.", ".output."))
    found = play(path)
    if request.config.getoption("--update-scenarios", default=False):
        output.write_text(written(found), encoding="utf-8")
    assert found == yaml.safe_load(output.read_text(encoding="utf-8"))


def test_every_output_has_an_input() -> None:
    outputs = {path.name.replace(".output.", ".input.") for path in _HERE.glob("*/cases/*.output.yaml")}
    assert outputs <= {path.name for path in _INPUTS}
