"""Users, groups, roles and keys as moto's IAM keeps them, read for decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from eks_lab.aws.iam.documents import Document, read
from eks_lab.aws.iam.evaluation import Policy, Rules
from eks_lab.aws.principal import Principal

if TYPE_CHECKING:
    from eks_lab.aws.moto_loading import Moto

BOUNDARY = "permissions_boundary_arn"
"""Attribute of moto's roles; users get it here, moto has none for them."""


class Owner(Protocol):
    """Whose identities these are."""

    id: str
    moto: Moto


class Identities:
    """Reads moto's IAM; what it says is always what IAM holds now."""

    def __init__(self, account: Owner) -> None:
        """Take the account."""
        self._account = account

    @property
    def backend(self) -> Any:
        """Return moto's IAM backend."""
        return self._account.moto.backend("iam")

    def role(self, name: str) -> Any | None:
        """Return moto's role of a name, None when there is none."""
        for role in self.backend.roles.values():
            if role.name == name:
                return role
        return None

    def role_of_arn(self, arn: str) -> Any | None:
        """Return moto's role of an ARN, path included; None when there is none."""
        for role in self.backend.roles.values():
            if role.arn == arn:
                return role
        return None

    def user(self, name: str) -> Any | None:
        """Return moto's user of a name, None when there is none."""
        return self.backend.users.get(name)

    def key(self, access_key: str) -> tuple[Any, Any] | None:
        """Return an access key and its user, as moto keeps them; None when there is none that is active."""
        for user in self.backend.users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key and key.status == "Active":
                    return key, user
        return None

    def tags(self, entity: Any) -> Mapping[str, str]:
        """Return the tags of a user or a role."""
        tags = getattr(entity, "tags", None)
        if isinstance(tags, dict):
            return {each["Key"]: each["Value"] for each in tags.values()}
        if isinstance(tags, list):
            return {each["Key"]: each["Value"] for each in tags}
        return {
            each["Key"]: each["Value"]
            for each in self.backend.tagger.list_tags_for_resource(entity.arn).get("Tags", [])
        }

    def user_principal(self, user: Any) -> Principal:
        """Return a user as a principal."""
        return Principal(
            "user", self._account.id, user.arn, user.id, name=user.name, tags=dict(self.tags(user))
        )

    def fingerprint(self, principal: Principal) -> object:
        """Return what changes whenever something that decides about a principal changes."""
        entity = self._entity(principal)
        if entity is None:
            return None
        groups = self._groups(entity) if principal.kind == "user" else ()
        return tuple(
            (
                tuple(each.policies.items()),
                tuple((arn, _document(policy)) for arn, policy in each.managed_policies.items()),
                self._boundary_document(each),
            )
            for each in (entity, *groups)
        )

    def rules(self, principal: Principal, *, with_sessions: bool = True) -> Rules:
        """Return everything that decides about a principal; nothing is allowed to one that is gone."""
        entity = self._entity(principal)
        if entity is None:
            return Rules()
        identity = [*self._own(entity, principal.kind == "user")]
        if principal.kind == "user":
            for group in self._groups(entity):
                identity += self._own(group, True, source="group")
        arn = getattr(entity, BOUNDARY, None)
        boundary = self.managed_policy(arn, "permissions boundary") if arn else None
        sessions = tuple(
            Policy(f"session-policy-{number}", "session policy", read(text))
            for number, text in enumerate(principal.session_policies, start=1)
        )
        return Rules(identity, boundary, sessions if with_sessions else (), has_boundary=bool(arn))

    def rules_of_group(self, name: str) -> Rules | None:
        """Return what a group gives its members, None when there is no such group."""
        group = self.backend.groups.get(name)
        return Rules([*self._own(group, True, source="group")]) if group is not None else None

    def managed_policy(self, arn: str, kind: Any = "identity-based policy") -> Policy | None:
        """Return the default version of a managed policy, None when there is none of this ARN."""
        found = self.backend.managed_policies.get(arn)
        if found is None:
            return None
        source = "aws-managed" if ":iam::aws:" in arn else "user-managed"
        return Policy(arn, kind, read(_document(found)), source)

    def _own(self, entity: Any, is_user: bool, source: str = "") -> Iterator[Policy]:
        source = source or ("user" if is_user else "role")
        for name, text in entity.policies.items():
            yield Policy(f"{source}_{entity.name}_{name}", "identity-based policy", _inline(text), source)
        for arn in entity.managed_policies:
            policy = self.managed_policy(arn)
            if policy is not None:
                yield policy

    def _groups(self, user: Any) -> list[Any]:
        return [group for group in self.backend.groups.values() if user in group.users]

    def _entity(self, principal: Principal) -> Any | None:
        if principal.kind == "user":
            return self.user(principal.name)
        if principal.kind != "assumed-role":
            return None
        role = self.role(principal.name)
        # A role made anew under the name of a deleted one is another role.
        own_id = principal.unique_id.partition(":")[0]
        return role if role is not None and own_id in ("", role.id) else None

    def _boundary_document(self, entity: Any) -> str:
        arn = getattr(entity, BOUNDARY, None)
        policy = self.backend.managed_policies.get(arn) if arn else None
        return f"{arn}{_document(policy)}" if policy is not None else str(arn or "")


def _document(policy: Any) -> str:
    for version in policy.versions:
        if version.version_id == policy.default_version_id:
            return str(version.document)
    return ""


def _inline(text: Any) -> Document:
    return read(text if str(text).lstrip().startswith("{") else unquote(str(text)))
