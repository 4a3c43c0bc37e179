"""The variables of a run: the sandbox's and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.errors import InputError
from eks_lab.sandbox.terraform.surroundings import NOWHERE, surroundings

SANDBOX = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "AKIASANDBOX", "AWS_PROFILE": ""}
LEARNER = {
    "PATH": "/usr/bin",
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "TF_DATA_DIR": "/somewhere",
    "TF_TOKEN_app_terraform_io": "secret",
    "TF_VAR_region": "us-east-1",
    "HTTPS_PROXY": "http://proxy.corp.example:3128",
    "NO_PROXY": "*",
}


def made(sandbox: dict[str, str] = SANDBOX, *, may_fetch: bool = False, **more: str) -> dict[str, str]:
    return surroundings(
        {**LEARNER, **more}, sandbox, folder=Path("/copy"), plugin_cache=Path("/cache"), may_fetch=may_fetch
    )


def test_the_sandboxs_credentials_and_no_others() -> None:
    found = made()
    assert found["AWS_ACCESS_KEY_ID"] == "AKIASANDBOX"
    assert "AWS_PROFILE" not in found
    assert not {"TF_DATA_DIR", "TF_TOKEN_app_terraform_io"} & found.keys()
    assert (found["PATH"], found["TF_VAR_region"]) == ("/usr/bin", "us-east-1")
    assert (found["PWD"], found["TF_PLUGIN_CACHE_DIR"]) == ("/copy", "/cache")


def test_what_is_for_another_machine_ends_at_a_proxy_that_is_not_there() -> None:
    found = made()
    for name in ("HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        assert found[name] == NOWHERE
    assert found["NO_PROXY"] == found["no_proxy"] == "127.0.0.1,::1,localhost"


def test_init_may_fetch_through_the_learners_proxy() -> None:
    found = made(may_fetch=True)
    assert found["HTTPS_PROXY"] == LEARNER["HTTPS_PROXY"]
    assert found["NO_PROXY"] == "*"


def test_a_cache_of_the_learners_is_kept() -> None:
    assert made(TF_PLUGIN_CACHE_DIR="/mine")["TF_PLUGIN_CACHE_DIR"] == "/mine"


@pytest.mark.parametrize("url", ["", "https://eks.us-east-1.amazonaws.com", "http://127.0.0.1.evil.example"])
def test_a_real_account_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="real AWS account"):
        made({**SANDBOX, "AWS_ENDPOINT_URL": url})
