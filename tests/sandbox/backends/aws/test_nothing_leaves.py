"""Without the typed yes not one request leaves, whatever stands in the environment and in `~/.aws`."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.errors import EksLabError, InputError
from eks_lab.sandbox.backends import switching
from eks_lab.sandbox.backends.aws import profile
from eks_lab.sandbox.backends.aws.backend import Aws
from eks_lab.sandbox.backends.aws.requests import Allowed, Api, NotAllowedError, is_read
from eks_lab.sandbox.backends.interface import Cancel, Plan, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory

KEY, SECRET = "AKIAZ7REALLOOKING42Q", "dG9wLXNlY3JldA"
ELSEWHERE = "http://198.51.100.7:8080"
"""An address that nobody has (RFC 5737)."""
VARIABLES = {
    "AWS_PROFILE": ["production", "school", "default", ""],
    "AWS_DEFAULT_PROFILE": ["production"],
    "AWS_ACCESS_KEY_ID": [KEY],
    "AWS_SECRET_ACCESS_KEY": [SECRET],
    "AWS_SESSION_TOKEN": ["FwoGZXIvYXdzEXAMPLEtoken"],
    "AWS_REGION": ["eu-west-1", "us-east-1"],
    "AWS_DEFAULT_REGION": ["eu-west-1"],
    "AWS_ENDPOINT_URL": [ELSEWHERE],
    "AWS_ENDPOINT_URL_STS": [ELSEWHERE],
    "AWS_ENDPOINT_URL_EKS": [ELSEWHERE],
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ["false", "true"],
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": [f"{ELSEWHERE}/credentials"],
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ["/credentials"],
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": ["token"],
    "AWS_WEB_IDENTITY_TOKEN_FILE": ["/nowhere/token"],
    "AWS_ROLE_ARN": ["arn:aws:iam::123456789012:role/somebody"],
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": [ELSEWHERE],
    "AWS_EC2_METADATA_DISABLED": ["false"],
    "AWS_CONFIG_FILE": ["{home}/other-config", "/nowhere"],
    "AWS_SHARED_CREDENTIALS_FILE": ["{home}/other-credentials", "/nowhere"],
    "AWS_DEFAULTS_MODE": ["auto"],
    "AWS_CSM_ENABLED": ["true"],
    "AWS_USE_FIPS_ENDPOINT": ["true"],
    "AWS_DATA_PATH": ["{home}/models"],
    "HTTPS_PROXY": [ELSEWHERE],
    "HTTP_PROXY": [ELSEWHERE],
}
PROFILES = (
    f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n",
    "role_arn = arn:aws:iam::123456789012:role/somebody\nsource_profile = production\n",
    "role_arn = arn:aws:iam::123456789012:role/somebody\ncredential_source = Ec2InstanceMetadata\n",
    "role_arn = arn:aws:iam::123456789012:role/somebody\ncredential_source = Environment\n",
    "credential_process = {home}/give-credentials\n",
    (
        "sso_start_url = https://school.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\n"
        "sso_role_name = student\n"
    ),
    f"endpoint_url = {ELSEWHERE}\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n",
    "",
)
environments = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in VARIABLES.items()}
)


class LeftError(AssertionError):
    """Something was about to leave."""


@contextlib.contextmanager
def shut() -> Iterator[list[str]]:
    """Let nothing out: no connection, no name asked for, no program started."""
    seen: list[str] = []

    def refuse(what: str) -> Any:
        def refused(*arguments: Any, **named: Any) -> Any:
            seen.append(what)
            raise LeftError(f"{what} {arguments[1:2]}")

        return refused

    with contextlib.ExitStack() as stack:
        for place, name in (
            (socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto"),
            (socket, "getaddrinfo"), (socket, "create_connection"), (subprocess.Popen, "__init__"),
            (urllib.request, "urlopen"),
        ):  # fmt: skip
            stack.enter_context(mock.patch.object(place, name, refuse(name)))
        yield seen


@contextlib.contextmanager
def machine(environment: dict[str, str], own: str) -> Iterator[Path]:
    """Yield the home of somebody with many credentials lying about."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        (home / ".aws").mkdir()
        (home / ".aws" / "config").write_text(
            f"[default]\nregion = eu-west-1\n[profile production]\n{keys}\n[profile school]\nregion = us-east-1\n"
            + own.replace("{home}", folder)
        )
        for name in ("other-config", "other-credentials", ".aws/credentials"):
            (home / name).write_text(f"[default]\n{keys}\n[other]\n{keys}")
        own_variables = {name: value.replace("{home}", folder) for name, value in environment.items()}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with mock.patch.dict(os.environ, {**clean, **own_variables, "HOME": folder}, clear=True):
            yield home


@settings(max_examples=25, deadline=None)
@given(
    environments,
    st.sampled_from(PROFILES),
    st.sampled_from(["", "yes", "production", "123456789012", "SCHOOL"]),
)
def test_without_the_profiles_name_nothing_leaves(environment: dict[str, str], own: str, typed: str) -> None:
    """Every way in is tried: preflight, plan, a wrong answer, an `up` without a yes, status, environment, down."""
    with machine(environment, own) as home, shut() as seen:
        directory = StateDirectory(home / "sandbox")
        backend = Aws(directory)
        backend.preflight()
        wishes = Wishes(profile="school", region="us-east-1")
        asked: list[Plan] = []

        def ask(plan: Plan) -> str:
            asked.append(plan)
            return typed

        with pytest.raises(InputError):
            switching.bring_up(directory, "aws", wishes, tell_nobody, Cancel(), ask)
        assert len(asked) <= 1
        for consent in ("", "yes", "school", "12345678901"):
            with pytest.raises(EksLabError):
                backend.up(wishes, tell_nobody, Cancel(), consent)
        assert not backend.status().running
        backend.environment(os.environ)
        backend.down(purge=True, tell=tell_nobody)
        assert seen == []


@settings(max_examples=25, deadline=None)
@given(environments)
def test_after_it_only_the_named_profile_counts(environment: dict[str, str]) -> None:
    """The keys are the profile's own, the endpoint is AWS's, whatever the environment says."""
    own = "aws_access_key_id = AKIAOWN\naws_secret_access_key = own\n"
    with machine(environment, own), shut() as seen:
        api = Api("school", "us-east-1", lambda cancel, seconds: True)
        api.allow(Allowed.IDENTITY)
        client = api.client("sts")
        assert client.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
        found = api.session.get_credentials().get_frozen_credentials()
        assert (found.access_key, found.secret_key, found.token) == ("AKIAOWN", "own", None)
        assert seen == []


@pytest.mark.parametrize("own", PROFILES[2:4])
def test_a_profile_that_only_points_at_the_environment(own: str) -> None:
    with machine({}, own), pytest.raises(InputError, match="takes its credentials from"):
        profile.read("school")


def test_a_profile_that_points_elsewhere() -> None:
    with machine({}, PROFILES[6]), pytest.raises(InputError, match="does not point at AWS"):
        profile.read("school")


def test_a_profile_without_credentials_finds_none() -> None:
    environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with machine(environment, ""), shut() as seen:
        assert profile.session_of("school").get_credentials() is None
        assert seen == []


@given(
    st.sampled_from(["EC2", "EKS", "IAM", "STS", "S3", "Budgets"]),
    st.from_regex(r"(Create|Delete|Put|Run|Update|Attach|Modify|Assume|Start|Tag|Describe|List|Get)[A-Z][a-z]{2,9}", fullmatch=True),
)  # fmt: skip
def test_looking_lets_only_reads_out(service: str, operation: str) -> None:
    from eks_lab.sandbox.backends.aws.requests import refuse_beyond

    is_allowed = operation.startswith(("Describe", "List", "Get"))
    assert is_read(operation) is is_allowed
    if is_allowed:
        refuse_beyond(Allowed.READING, service, operation)
    else:
        with pytest.raises(NotAllowedError):
            refuse_beyond(Allowed.READING, service, operation)
    with pytest.raises(NotAllowedError):
        refuse_beyond(Allowed.NOTHING, service, operation)


@pytest.mark.parametrize("operation", ["GetSessionToken", "GetFederationToken", "GetAuthorizationToken"])
def test_handing_out_credentials_is_no_read(operation: str) -> None:
    assert not is_read(operation)
