"""A botocore session of one named profile, deaf to the environment, and what the profile says about itself.

Whoever sits at the machine may have AWS_* variables, container credentials and instance metadata of any account lying
about. A session made here reads `~/.aws/config` and `~/.aws/credentials`, the named profile, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.configprovider import (
    BOTOCORE_DEFAUT_SESSION_VARIABLES,
    ConfigChainFactory,
    ConfigValueStore,
    SectionConfigProvider,
)
from botocore.credentials import CredentialResolver
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from eks_lab.errors import InputError

FILES = ("~/.aws/config", "~/.aws/credentials")
_FORBIDDEN_PROVIDERS = ("env", "ec2-credentials-file", "boto-config", "container-role", "iam-role")
"""Ways to credentials that lead past the profile (botocore.credentials, METHOD of each provider)."""
_MOST_SOURCES = 10
"""Profiles that one may be based on, one after the other."""


class ProfileSession(Session):  # type: ignore[misc]
    """A session that takes nothing from the environment."""

    def _register_config_store(self) -> None:
        """Build the settings as botocore does, without the variables of the environment."""
        factory = ConfigChainFactory(session=self, environ={})
        mapping: dict[str, Any] = {
            name: factory.create_config_chain(
                instance_name=name,
                config_property_names=entry[0],
                default=entry[2],
                conversion_func=entry[3],
            )
            for name, entry in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
        }
        for section in ("s3", "proxies_config"):
            mapping[section] = SectionConfigProvider(section, self)
        self._components.register_component("config_store", ConfigValueStore(mapping=mapping))

    def _create_csm_monitor(self) -> None:
        """Report to nobody what is called."""

    def _add_configured_endpoint_provider(self, client_name: str, config_store: Any) -> None:
        """Leave every client at AWS's own endpoint: AWS_ENDPOINT_URL would be looked up here."""

    def _create_credential_resolver(self) -> CredentialResolver:
        """Return the ways to credentials that begin at the profile."""
        found: CredentialResolver = super()._create_credential_resolver()
        for name in _FORBIDDEN_PROVIDERS:
            found.remove(name)
        return found


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile says; nothing of it is secret, and nothing was asked to find out."""

    name: str
    region: str
    """Empty when it names none."""
    way: str
    """How the credentials come, as a sentence without its full stop."""
    also_asks: tuple[str, ...]
    """Requests that getting credentials takes, beside our own: `sts:AssumeRole for ROLE`."""
    needs_code: bool = False
    """Whether the code of an MFA device is asked for at the terminal."""


def session_of(name: str) -> Session:
    """Return a session of a profile; nothing is asked, no credentials are looked for.

    Args:
        name: of the profile.
    """
    session = ProfileSession(profile=name)
    session.register_component("data_loader", _models())
    session.user_agent_name = "eks-lab"
    return session


@cache
def _models() -> Loader:
    """Return what reads the descriptions of the services, once a process: botocore's own, and those in ~/.aws/models."""
    return Loader()


def read(name: str) -> Profile:
    """Return what a profile says.

    Raises:
        InputError: there is no such profile, it points elsewhere than at AWS, or its credentials come from the
            environment or the machine.
    """
    session = session_of(name)
    try:
        profiles: Mapping[str, Mapping[str, Any]] = session.full_config.get("profiles", {})
    except BotoCoreError as error:
        raise InputError(
            f"--profile: {' and '.join(FILES)} cannot be read: {error}",
            hint="See: aws configure list-profiles",
        ) from error
    if name not in profiles:
        there = ", ".join(sorted(profiles)) or "none"
        raise InputError(
            f"--profile: {' and '.join(FILES)} have no profile {name!r}",
            hint=f"Profiles: {there}. A new one: aws configure --profile {name}",
        )
    own = profiles[name]
    if own.get("endpoint_url") or own.get("services"):
        where = own.get("endpoint_url") or f"the services section {own['services']!r}"
        raise InputError(
            f"--profile: {name!r} does not point at AWS but at {where}",
            hint="Name a profile without endpoint_url and services.",
        )
    way, asks = _way(name, profiles)
    source = profiles.get(str(own.get("source_profile") or name), {})
    needs_code = bool(own.get("mfa_serial") or source.get("mfa_serial"))
    if needs_code:
        way += ", with a code of your MFA device"
    return Profile(name, str(own.get("region") or ""), way, asks, needs_code)


def _way(name: str, profiles: Mapping[str, Mapping[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """Return how credentials come, and what has to be asked for them."""
    asks: list[str] = []
    present, passed = name, [name]
    while True:
        own = profiles.get(present, {})
        role = own.get("role_arn")
        if role and own.get("credential_source"):
            raise InputError(
                f"--profile: {present!r} takes its credentials from {own['credential_source']}",
                hint="Only a profile with credentials of its own is used: keys, a source_profile, sso or"
                " credential_process.",
            )
        source = own.get("source_profile")
        if not role or not source:
            break
        asks.insert(0, f"sts:AssumeRole for {role}")
        if source == present:
            # A profile may hold the keys, too, with which its role is taken.
            break
        if source in passed or len(passed) > _MOST_SOURCES:
            raise InputError(f"--profile: {present!r} and {source!r} are based on one another")
        passed.append(source)
        present = str(source)
    way, more = _root(present, own)
    if asks:
        way += ", then a role is taken" if len(asks) == 1 else f", then {len(asks)} roles are taken in turn"
    return way, (*more, *asks)


_SSO: tuple[str, ...] = ("sso:GetRoleCredentials, and sso-oidc:CreateToken when the session has run out",)
_ROOTS: tuple[tuple[str, Callable[[Mapping[str, Any]], tuple[str, tuple[str, ...]]]], ...] = (
    (
        "web_identity_token_file",
        lambda own: (
            f"the token in {own['web_identity_token_file']}",
            (f"sts:AssumeRoleWithWebIdentity for {own.get('role_arn')}",),
        ),
    ),
    ("sso_session", lambda own: (f"IAM Identity Center, session {own['sso_session']}", _SSO)),
    ("sso_start_url", lambda own: (f"IAM Identity Center, {own['sso_start_url']}", _SSO)),
    ("aws_access_key_id", lambda own: ("an access key in ~/.aws", ())),
    ("login_session", lambda own: ("the session of `aws login`", ("signin:CreateOAuth2Token",))),
    (
        "credential_process",
        lambda own: (f"the program {own['credential_process']!r}", ("whatever that program asks",)),
    ),
)


def _root(name: str, own: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    for key, told in _ROOTS:
        if own.get(key):
            return told(own)
    raise InputError(
        f"--profile: {name!r} has no credentials",
        hint=f"Give it some: aws configure --profile {name}, or aws configure sso --profile {name}",
    )
