"""Who somebody of IAM is inside a cluster: access entries first, then the aws-auth ConfigMap, as the mode has it.

Sources: EKS user guide, "Grant IAM users access to Kubernetes with EKS access entries" and "Grant IAM users
access to Kubernetes with a ConfigMap"; aws-iam-authenticator, pkg/server and pkg/mapper (names of the extra keys,
templates).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml

from eks_lab.aws.eks import access_policies
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import ACCESS_ENTRIES, CLUSTERS
from eks_lab.aws.principal import Principal
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.apiserver.rbac import MASTERS, allows
from eks_lab.sim.objects import Key, Obj, User

AWS_AUTH = Key("kube-system", "aws-auth")
CREATOR = "kubernetes-admin"
"""Username of a cluster's creator where no entry says another."""


def user_of(eks: Eks, cluster: str, principal: Principal, *, access_key_id: str = "") -> User | None:
    """Return the user that a principal is in a cluster; None locks it out (`Unauthorized`).

    Args:
        eks: the account's EKS.
        cluster: its name.
        principal: whose token it was.
        access_key_id: with which it was signed, for the user's extra keys.
    """
    record = eks.find(CLUSTERS, "", cluster)
    if record is None or principal.kind == "service":
        return None
    mode = record["spec"]["accessConfig"]["authenticationMode"]
    if mode != "CONFIG_MAP":
        found = entry_of(eks, cluster, principal)
        if found is not None:
            spec = found["spec"]
            return _user(eks, principal, spec["username"], spec["kubernetesGroups"], access_key_id)
    if _is_creator(record, principal, mode):
        return _user(eks, principal, CREATOR, [MASTERS], access_key_id)
    if mode != "API":
        mapping = _aws_auth(eks, cluster, principal)
        if mapping is not None:
            return _user(eks, principal, mapping.username, mapping.groups, access_key_id)
    return None


def entry_of(eks: Eks, cluster: str, principal: Principal) -> Obj | None:
    """Return the access entry of a principal, or None.

    A session carries its role's name without the path; names of roles are unique in an account.
    """
    exact = eks.find(ACCESS_ENTRIES, cluster, principal.iam_arn)
    if exact is not None or principal.kind != "assumed-role":
        return exact
    for record in eks.list(ACCESS_ENTRIES, cluster):
        arn = record["spec"]["principalArn"]
        if (
            arn.startswith(f"arn:aws:iam::{principal.account}:role/")
            and arn.rpartition("/")[2] == principal.name
        ):
            return record
    return None


def _is_creator(record: Obj, principal: Principal, mode: str) -> bool:
    """Say whether a principal made the cluster and no entry can say so.

    With CONFIG_MAP the creator's right is nowhere to be seen and cannot be taken away; with the other modes it is
    an access entry, which the account itself cannot have.
    """
    if record["creator"]["arn"] != principal.iam_arn:
        return False
    is_wished = record["spec"]["accessConfig"]["bootstrapClusterCreatorAdminPermissions"]
    return is_wished and (mode == "CONFIG_MAP" or principal.kind == "root")


def _user(eks: Eks, principal: Principal, template: str, groups: Sequence[str], access_key_id: str) -> User:
    extra = {
        "accessKeyId": (access_key_id,),
        "arn": (principal.arn,),
        "canonicalArn": (principal.iam_arn,),
        "principalId": (principal.unique_id.partition(":")[0],),
        "sessionName": (principal.session,),
    }
    uid = f"aws-iam-authenticator:{principal.account}:{principal.unique_id.partition(':')[0]}"
    return User(filled(eks, template, principal), tuple(groups), uid, extra)


def filled(eks: Eks, template: str, principal: Principal) -> str:
    """Return a username with its templates filled in."""
    if "{{" not in template:
        return template
    values = {
        "{{AccountID}}": principal.account,
        "{{SessionName}}": principal.session.replace("@", "-"),
        "{{SessionNameRaw}}": principal.session,
    }
    if "{{EC2PrivateDNSName}}" in template:
        values["{{EC2PrivateDNSName}}"] = eks.surroundings.instance_name(principal.session)
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


# --- aws-auth -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MappedUser:
    """One line of aws-auth."""

    username: str
    groups: tuple[str, ...]


def _aws_auth(eks: Eks, cluster: str, principal: Principal) -> MappedUser | None:
    control_plane = eks.control_plane(cluster)
    config = control_plane.api.get("configmaps", AWS_AUTH) if control_plane is not None else None
    if config is None:
        return None
    data = config.get("data") or {}
    for part, member in (("mapRoles", "rolearn"), ("mapUsers", "userarn")):
        for row in _rows(data.get(part, "")):
            # The authenticator compares lower-case ARNs; a role's path has to be left out by whoever writes it.
            if str(row.get(member, "")).lower() == principal.iam_arn.lower():
                groups = row.get("groups") or ()
                return MappedUser(
                    str(row.get("username") or principal.arn),
                    tuple(str(each) for each in groups) if isinstance(groups, list) else (),
                )
    if principal.account in {str(each) for each in _rows(data.get("mapAccounts", ""), dict_rows=False)}:
        return MappedUser(principal.arn, ())
    return None


def _rows(text: Any, *, dict_rows: bool = True) -> list[Any]:
    """Return the rows of one part; a part that cannot be read maps nobody, as on EKS."""
    return [row for row in _loaded(str(text or "")) if isinstance(row, Mapping) or not dict_rows]


@functools.lru_cache(maxsize=32)
def _loaded(text: str) -> tuple[Any, ...]:
    """Return the list that a part is: it is asked with every request, and seldom changes."""
    try:
        loaded = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return ()
    return tuple(loaded) if isinstance(loaded, list) else ()


def with_node_role(data: Mapping[str, str], role_arn: str) -> dict[str, str] | None:
    """Return aws-auth's data with a node role in mapRoles; None when it is there.

    Args:
        data: of the ConfigMap.
        role_arn: without path, as aws-auth wants it.
    """
    rows = _rows(data.get("mapRoles", ""))
    if any(row.get("rolearn") == role_arn for row in rows):
        return None
    row = {
        "groups": ["system:bootstrappers", "system:nodes"],
        "rolearn": role_arn,
        "username": "system:node:{{EC2PrivateDNSName}}",
    }
    return {**data, "mapRoles": yaml.safe_dump([*rows, row], sort_keys=True)}


# --- access policies as an authorizer -------------------------------------------------------------------------


class AccessPolicyAuthorizer:
    """Judges by the access policies of the caller's entry, beside RBAC."""

    def __init__(self, eks: Eks, cluster: str) -> None:
        """Judge for one cluster.

        Args:
            eks: the account's EKS.
            cluster: its name.
        """
        self._eks = eks
        self._cluster = cluster

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        """Say whether an access policy allows a request; the reason names it, as EKS's audit log does."""
        for policy, scope in self._policies(user):
            if not _covers(scope, request):
                continue
            name = access_policies.name_of(policy)
            if name is not None and any(allows(rule, request) for rule in access_policies.rules(name)):
                return True, f"EKS Access Policy: allowed by {policy}"
        return False, ""

    def rules_of(self, user: User, namespace: str) -> tuple[Obj, ...]:
        """Return the rules that a user's policies give in a namespace, in the form of RBAC."""
        found: list[Obj] = []
        for policy, scope in self._policies(user):
            name = access_policies.name_of(policy)
            if name is not None and (scope["type"] == "cluster" or _is_named(scope, namespace)):
                rules = access_policies.rules(name)
                is_everywhere = scope["type"] == "cluster"
                found += [rule for rule in rules if is_everywhere or rule.get("resources")]
        return tuple(found)

    def _policies(self, user: User) -> list[tuple[str, Obj]]:
        # Whoever is impersonated has no extra keys of the authenticator, and no policies.
        arns = user.extra.get("canonicalArn")
        if not arns:
            return []
        record = self._eks.find(CLUSTERS, "", self._cluster)
        if record is None or record["spec"]["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
            return []
        entry = self._entry(arns[0])
        if entry is None:
            return []
        return [(each["policyArn"], each["accessScope"]) for each in entry["policies"]]

    def _entry(self, arn: str) -> Obj | None:
        exact = self._eks.find(ACCESS_ENTRIES, self._cluster, arn)
        if exact is not None or ":role/" not in arn:
            return exact
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        role = Principal("assumed-role", account, arn, "", name=name)
        return entry_of(self._eks, self._cluster, role)


def _covers(scope: Obj, request: AccessRequest) -> bool:
    if scope["type"] == "cluster":
        return True
    return request.is_resource and _is_named(scope, request.namespace)


def _is_named(scope: Obj, namespace: str) -> bool:
    return bool(namespace) and any(fnmatchcase(namespace, pattern) for pattern in scope["namespaces"])
