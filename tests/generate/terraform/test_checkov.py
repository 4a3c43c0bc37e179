"""checkov, which knows nothing of us, finds no failed check in the production preset that is not explained."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.generate.terraform.bundles import bundle

_CHECKOV = Path(__file__).parents[3] / ".venv-judges" / "bin" / "checkov"
_EXCEPTIONS: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("checkov_exceptions.yaml").read_text(encoding="utf-8")
)
_KEY_POLICIES = {"aws_iam_policy_document.cluster_key", "aws_iam_policy_document.logs_key"}


@pytest.mark.skipif(not _CHECKOV.exists(), reason="no checkov in .venv-judges: run `make judges` once")
def test_production(tmp_path: Path) -> None:
    for file in bundle("production").files:
        (tmp_path / file.name).write_text(file.text, encoding="utf-8")
    answer = subprocess.run(
        [str(_CHECKOV), "-d", str(tmp_path), "--framework", "terraform", "--skip-download", "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    report = json.loads(answer.stdout)
    assert report["summary"]["passed"] > 100
    assert report["summary"]["parsing_errors"] == 0
    failed = {(check["check_id"], check["resource"]) for check in report["results"]["failed_checks"]}
    assert {check for check, _ in failed} == set(_EXCEPTIONS), "an exception too few, or one too many"
    about_keys = {
        resource for check, resource in failed if check in {"CKV_AWS_109", "CKV_AWS_111", "CKV_AWS_356"}
    }
    assert about_keys == _KEY_POLICIES


def test_every_exception_gives_a_reason() -> None:
    assert all(len(reason) > 40 for reason in _EXCEPTIONS.values())
