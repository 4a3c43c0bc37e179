"""A small account for the tests of the gateway, IAM, STS and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws.account_fake import FakeAccount
from tests.aws.served import Served, serve


@pytest.fixture(autouse=True)
def no_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's AWS environment is seen."""
    for name in (
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.fixture
def fake_account() -> Iterator[FakeAccount]:
    account = FakeAccount()
    yield account
    account.moto.reset()


@pytest.fixture
def served(fake_account: FakeAccount) -> Iterator[Served]:
    with serve(fake_account) as found:
        yield found


def code_of(error: Any) -> str:
    """Return `Code: message` of botocore's ClientError."""
    found = error.value.response["Error"]
    return f"{found['Code']}: {found['Message']}"
