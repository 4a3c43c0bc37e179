"""STS of one account.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/ (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.denials import sentence
from eks_lab.aws.iam.documents import Statement, read
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.principal import Principal
from eks_lab.aws.service import Action, Call
from eks_lab.aws.sts.sessions import (
    SHORTEST,
    described,
    lifetime_of,
    packed_size,
    session_principal,
    trust_decision,
    wish_of,
)
from eks_lab.aws.sts.web_identity import WebIdentity, accepted

LONGEST_SESSION_TOKEN = 129_600
"""Seconds that GetSessionToken gives a user at most."""


class Issuers(Protocol):
    """Who knows the keys of the clusters' issuers."""

    def keys_of(self, issuer: str) -> Mapping[str, Any] | None:
        """Return public keys (JWKS), None when no cluster has this issuer."""
        ...


class Owner(Protocol):
    """The account, as far as STS looks."""

    id: str
    iam: Iam

    @property
    def kubernetes(self) -> Issuers:
        """Return the control planes, which publish the keys of their issuers."""
        ...


class StsService:
    """Hands out temporary credentials."""

    name = "sts"

    def __init__(self, account: Owner) -> None:
        """Take the account."""
        self._account = account
        self._handlers: dict[str, Callable[[dict[str, Any], Call], dict[str, Any]]] = {
            "AssumeRole": self._assume_role,
            "AssumeRoleWithWebIdentity": self._assume_role_with_web_identity,
            "DecodeAuthorizationMessage": self._decode,
            "GetAccessKeyInfo": self._access_key_info,
            "GetCallerIdentity": self._caller_identity,
            "GetSessionToken": self._session_token,
        }
        self.operations = tuple(self._handlers)

    def handle(self, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Perform an operation; see `Service`.

        Raises:
            AwsError: STS refuses.
            NotImplementedError: the operation is not simulated.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            raise NotImplementedError
        return handler(params, context)

    def actions(self, operation: str, params: dict[str, Any], context: Call) -> Iterable[Action]:
        """Return what IAM must allow: of these only decoding; roles have their own trust policies."""
        if operation in (
            "DecodeAuthorizationMessage",
            "GetFederationToken",
            "GetWebIdentityToken",
            "AssumeRoot",
        ):
            return (Action(f"sts:{operation}"),)
        return ()

    # --- roles ----------------------------------------------------------------------------------------------

    def _assume_role(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        iam, caller = self._account.iam, context.principal
        wish = wish_of(iam, params)
        if caller.kind == "root":
            raise AwsError("AccessDenied", "Roles may not be assumed by root accounts.", status=403)
        keys: dict[str, str | list[str]] = {"sts:RoleSessionName": wish.session}
        if params.get("ExternalId"):
            keys["sts:ExternalId"] = str(params["ExternalId"])
        if wish.tags:
            keys |= {f"aws:RequestTag/{key}": value for key, value in wish.tags.items()}
            keys["aws:TagKeys"] = list(wish.tags)
            keys["sts:TransitiveTagKeys"] = list(wish.transitive)
        role = iam.identities.role_of_arn(wish.role_arn)
        if role is None:
            raise _denied(caller, "sts:AssumeRole", wish.role_arn, "")
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if wish.tags else [])]
        if params.get("SourceIdentity"):
            keys["sts:SourceIdentity"] = str(params["SourceIdentity"])
            actions.append("sts:SetSourceIdentity")
        for action in actions:
            decision = trust_decision(iam, role, caller, action, keys)
            if not decision.allowed:
                raise _denied(caller, action, wish.role_arn, decision.reason)
        lifetime = lifetime_of(role, wish.seconds, is_chained=caller.kind == "assumed-role")
        session = session_principal(iam, self._account.id, role, wish, caller)
        result: dict[str, Any] = {
            "Credentials": described(iam.session(session, lifetime, by_wall=context.is_over_http)),
            "AssumedRoleUser": {"AssumedRoleId": session.unique_id, "Arn": session.arn},
        }
        if wish.policies or wish.tags:
            result["PackedPolicySize"] = packed_size(wish)
        if params.get("SourceIdentity"):
            result["SourceIdentity"] = str(params["SourceIdentity"])
        return result

    def _assume_role_with_web_identity(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        iam = self._account.iam
        wish = wish_of(iam, params)
        identity, provider = accepted(
            str(params["WebIdentityToken"]),
            iam.identities.backend.open_id_providers,
            self._account.kubernetes.keys_of,
            context.now,
        )
        role = iam.identities.role_of_arn(wish.role_arn)
        if role is None or not self._trusts(role, str(provider.arn), identity, wish.session):
            raise AwsError(
                "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", status=403
            )
        lifetime = lifetime_of(role, wish.seconds, is_chained=False)
        session = session_principal(iam, self._account.id, role, wish, None)
        audience = next(each for each in identity.audiences if each in provider.client_id_list)
        return {
            "Credentials": described(iam.session(session, lifetime, by_wall=context.is_over_http)),
            "SubjectFromWebIdentityToken": identity.subject,
            "AssumedRoleUser": {"AssumedRoleId": session.unique_id, "Arn": session.arn},
            "Provider": str(provider.arn),
            "Audience": audience,
        }

    def _trusts(self, role: Any, provider_arn: str, identity: WebIdentity, session: str) -> bool:
        """Return whether a role trusts a token of a provider."""
        given = [
            (f"{identity.provider}:sub", (identity.subject,)),
            (f"{identity.provider}:aud", identity.audiences),
            ("aws:FederatedProvider", (provider_arn,)),
            ("sts:RoleSessionName", (session,)),
        ]
        nobody = Principal("user", self._account.id, "", "")
        keys = self._account.iam.context(nobody, given)
        action = "sts:assumerolewithwebidentity"

        def applies(statement: Statement) -> bool:
            named = any(
                (kind == "Federated" and name in (provider_arn, "*")) or name == "*"
                for kind, name in statement.principals or ()
            )
            return named != statement.not_principal and statement.covers(action, str(role.arn), keys)

        found = [each for each in read(str(role.assume_role_policy_document)).statements if applies(each)]
        return bool(found) and all(each.allows for each in found)

    # --- the rest -------------------------------------------------------------------------------------------

    def _caller_identity(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        principal = context.principal
        return {"UserId": principal.unique_id, "Account": principal.account, "Arn": principal.arn}

    def _session_token(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        principal = context.principal
        if principal.kind == "assumed-role":
            raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", status=403)
        seconds = int(params.get("DurationSeconds") or 43_200)
        longest = 3600 if principal.kind == "root" else LONGEST_SESSION_TOKEN
        if not SHORTEST <= seconds <= LONGEST_SESSION_TOKEN:
            bound = "greater than or equal to 900" if seconds < SHORTEST else "less than or equal to 129600"
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy "
                f"constraint: Member must have value {bound}",
            )
        lifetime = timedelta(seconds=min(seconds, longest))
        return {
            "Credentials": described(
                self._account.iam.session(principal, lifetime, by_wall=context.is_over_http)
            )
        }

    def _decode(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        text = self._account.iam.seal.open(str(params["EncodedMessage"]))
        if text is None:
            raise AwsError("InvalidAuthorizationMessageException", "Message is not valid")
        return {"DecodedMessage": text}

    def _access_key_info(self, params: dict[str, Any], context: Call) -> dict[str, Any]:
        return {"Account": self._account.id}


def _denied(caller: Principal, action: str, resource: str, reason: str) -> AwsError:
    return AwsError("AccessDenied", sentence(caller, action, resource, reason), status=403)
