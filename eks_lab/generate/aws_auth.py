"""The aws-auth ConfigMap read and turned into access entries, with everything that cannot be carried over.

Sources: EKS user guide, "Create access entries" and "Migrating existing aws-auth ConfigMap entries"
(read 2026-11-22); kubernetes-sigs/aws-iam-authenticator, full configuration format (mapRoles, mapUsers,
mapAccounts, {{SessionName}}).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from eks_lab.errors import InputError

FIELD = "aws_auth"
ADMIN_GROUP = "system:masters"
ADMIN_POLICY = "AmazonEKSClusterAdminPolicy"
RESERVED_PREFIXES = ("system:", "eks:", "aws:", "amazon:", "iam:")
"""What names of groups and users in an access entry may not start with."""

EntryType = Literal["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"]

_LARGEST_CHARACTERS = 1_500_000
"""Kubernetes keeps a ConfigMap below 1 MiB; the rest is indentation of a dump."""
_NODE_GROUPS = frozenset({"system:bootstrappers", "system:nodes"})
_WINDOWS_GROUP = "eks:kube-proxy-windows"
_FARGATE_GROUP = "system:node-proxier"
_EC2_NODE_NAME = "system:node:{{EC2PrivateDNSName}}"
_SESSION_NODE_NAME = "system:node:{{SessionName}}"
_TEMPLATES = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SESSION_TEMPLATES = frozenset({"SessionName", "SessionNameRaw"})
_ARN = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b):(?P<service>iam|sts)::(?P<account>\d{12})"
    r":(?P<kind>root|[a-z-]+)(?:/(?P<path>(?:[\w+=,.@-]+/)*)(?P<name>[\w+=,.@-]{1,64}))?",
    re.ASCII,
)
_SAFE_WORD = re.compile(r"[\w:.@/{}+=,-]{1,200}", re.ASCII)
_SSO_PREFIX = "AWSReservedSSO_"


@dataclass(frozen=True, slots=True)
class Entry:
    """One access entry to make."""

    principal_arn: str
    """IAM role or user."""
    type: EntryType
    """`STANDARD` for people and tools, the others for nodes."""
    username: str = ""
    """Empty when EKS should choose it."""
    groups: tuple[str, ...] = ()
    """Kubernetes groups, for `STANDARD`."""
    is_admin: bool = False
    """Whether it stood in `system:masters`, which becomes an access policy."""
    remarks: tuple[str, ...] = ()
    """What is different from the line in aws-auth."""

    @property
    def is_node(self) -> bool:
        """Whether nodes use it."""
        return self.type != "STANDARD"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of an aws-auth ConfigMap."""

    entries: tuple[Entry, ...]
    """In the order of the ConfigMap."""
    left_out: tuple[str, ...]
    """What has no access entry, each with the reason."""


class _NoAliasLoader(yaml.SafeLoader):
    """Refuses aliases: a few of them can stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not read here")
        return super().compose_node(parent, index)


def convert(document: str) -> Conversion:
    """Return the access entries that stand for an aws-auth ConfigMap.

    Args:
        document: the ConfigMap as kubectl prints it in YAML or JSON, a List with it, or only its data.

    Raises:
        InputError: it cannot be read as such; the message says where.
    """
    data = _data_of(_load(document, FIELD))
    entries: dict[str, Entry] = {}
    left_out: list[str] = []
    for key, arn_key in (("mapRoles", "rolearn"), ("mapUsers", "userarn")):
        for position, mapping in enumerate(_mappings(data, key)):
            place = f"{key}[{position}]"
            found = _entry(mapping, arn_key, place)
            if isinstance(found, str):
                left_out.append(found)
                continue
            if found.principal_arn in entries:
                left_out.append(
                    f"{place}: {found.principal_arn} stands there twice; the later line counts, as it did in aws-auth."
                )
                del entries[found.principal_arn]
            entries[found.principal_arn] = found
    left_out += [
        f"mapAccounts: account {_shown(account)} as a whole cannot be carried over; make one entry for each of its principals"
        " that needs access."
        for account in _accounts(data)
    ]
    left_out += [
        f"{_shown(key)}: not a part of aws-auth that means anything." for key in sorted(_unknown_keys(data))
    ]
    return Conversion(tuple(entries.values()), tuple(left_out))


def _load(text: str, place: str) -> Any:
    if len(text) > _LARGEST_CHARACTERS:
        raise InputError(f"{place}: {len(text):,} characters are more than a ConfigMap can hold")
    try:
        documents = [part for part in yaml.load_all(text, Loader=_NoAliasLoader) if part is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1}" if mark else ""
        raise InputError(
            f"{place}:{where} is not YAML: {error.problem or error}",
            hint="Give what kubectl -n kube-system get configmap aws-auth -o yaml prints.",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise InputError(f"{place} is not YAML: {str(error)[:120]}") from None
    if len(documents) > 1:
        raise InputError(
            f"{place} holds {len(documents)} documents", hint="Give only the ConfigMap aws-auth."
        )
    return documents[0] if documents else None


def _data_of(document: Any) -> Mapping[str, Any]:
    if isinstance(document, dict) and document.get("kind") == "List":
        items = document.get("items")
        maps = [item for item in items if _is_aws_auth(item)] if isinstance(items, list) else []
        if len(maps) != 1:
            raise InputError(
                f"{FIELD}: the List holds {len(maps)} ConfigMaps named aws-auth", hint="Give one."
            )
        document = maps[0]
    if isinstance(document, dict) and "kind" in document:
        if not _is_aws_auth(document):
            metadata = document.get("metadata")
            name = metadata.get("name") if isinstance(metadata, dict) else None
            raise InputError(
                f"{FIELD}: this is {str(document['kind'])[:40]} {str(name)[:60]}, not ConfigMap aws-auth",
                hint="Give what kubectl -n kube-system get configmap aws-auth -o yaml prints.",
            )
        document = document.get("data", {}) or {}
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise InputError(
            f"{FIELD} is neither a ConfigMap nor its data",
            hint="Give what kubectl -n kube-system get configmap aws-auth -o yaml prints.",
        )
    return document


def _is_aws_auth(item: Any) -> bool:
    if not isinstance(item, dict) or item.get("kind") != "ConfigMap":
        return False
    metadata = item.get("metadata")
    return isinstance(metadata, dict) and metadata.get("name", "aws-auth") == "aws-auth"


def _unknown_keys(data: Mapping[str, Any]) -> set[str]:
    return {key[:60] for key in data} - {"mapRoles", "mapUsers", "mapAccounts"}


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    # In the ConfigMap each value is text that holds YAML of its own.
    if isinstance(value, str):
        value = _load(value, f"{FIELD}: {key}")
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{FIELD}: {key} is not a list", hint="Each entry starts with a dash.")
    return value


def _mappings(data: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    for position, item in enumerate(_list(data, key)):
        if not isinstance(item, dict):
            raise InputError(f"{FIELD}: {key}[{position}] is not an object with an ARN, a name and groups")
        yield item


def _accounts(data: Mapping[str, Any]) -> Iterator[str]:
    for item in _list(data, "mapAccounts"):
        # Twelve digits without quotes are a number to YAML, which loses zeros in front.
        yield f"{item:012d}" if isinstance(item, int) and not isinstance(item, bool) else str(item)[:40]


def _entry(mapping: Mapping[str, Any], arn_key: str, place: str) -> Entry | str:
    """Return the access entry for one line, or the reason why there is none."""
    given = {str(key).lower(): value for key, value in mapping.items()}
    arn = given.get(arn_key)
    if not isinstance(arn, str) or not arn.strip():
        return f"{place}: it has no {arn_key}, so nobody is meant."
    arn = arn.strip()
    refusal = _arn_refusal(arn, arn_key)
    if refusal:
        return f"{place}: {_shown(arn)} {refusal}"
    groups, username = _groups(given.get("groups"), place), given.get("username")
    if username is not None and not isinstance(username, str):
        username = str(username)
    username = (username or "").strip()
    remarks = _arn_remarks(arn)
    node_type = _node_type(groups, username) if arn_key == "rolearn" else None
    if node_type is not None:
        rest = sorted(set(groups) - _NODE_GROUPS - {_WINDOWS_GROUP, _FARGATE_GROUP})
        if rest:
            remarks.append(
                f"An entry for nodes has no groups of its own: left out {', '.join(map(_shown, rest))}."
            )
        return Entry(arn, node_type, remarks=tuple(remarks))
    kept: list[str] = []
    dropped: list[str] = []
    for group in groups:
        if group == ADMIN_GROUP:
            continue
        (dropped if group.startswith(RESERVED_PREFIXES) or not _SAFE_WORD.fullmatch(group) else kept).append(
            group
        )
    if dropped:
        remarks.append(
            f"EKS refuses such groups in access entries: left out {', '.join(map(_shown, dropped))}."
            " Bind a group of your own to the same role instead."
        )
    return Entry(
        arn,
        "STANDARD",
        _username(username, is_role=arn_key == "rolearn", remarks=remarks),
        tuple(dict.fromkeys(kept)),
        ADMIN_GROUP in groups,
        tuple(remarks),
    )


def _arn_refusal(arn: str, arn_key: str) -> str:
    match = _ARN.fullmatch(arn)
    if match is None:
        return "is not the ARN of an IAM role or user."
    kind, wanted = match["kind"], "role" if arn_key == "rolearn" else "user"
    if kind == "root":
        return (
            "is the root user; access entries take it, but nobody should work as root: left out on purpose."
        )
    if kind == "assumed-role":
        return f"is a session, which ends; write the role: role/{(match['path'] or '').rstrip('/') or match['name']}."
    if match["service"] != "iam" or kind not in {"role", "user"}:
        return f"is a {kind}, and only roles and users can have an access entry."
    if kind != wanted:
        return f"is a {kind} under {arn_key}, which never matched; move it to the right list if it is meant."
    if match["name"] is None:
        return "has no name after the slash."
    if (match["path"] or "").startswith("aws-service-role/"):
        return "is a service-linked role, which access entries do not take."
    return ""


def _arn_remarks(arn: str) -> list[str]:
    match = _ARN.fullmatch(arn)
    assert match is not None
    if match["kind"] == "user":
        return ["An IAM user has long-lived keys: a role that people assume would be better."]
    if match["path"]:
        return [
            "aws-auth never matched an ARN with a path, so this line had no effect; the access entry will have one."
        ]
    if match["name"].startswith(_SSO_PREFIX):
        return [
            (
                "Roles of IAM Identity Center have a path, which aws-auth had to leave out and an access entry needs:"
                f" aws iam get-role --role-name {match['name']} --query Role.Arn"
            )
        ]
    return []


def _groups(value: Any, place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise InputError(f"{FIELD}: {place}: groups is not a list", hint="Each group starts with a dash.")
    return tuple(str(group).strip() for group in value)


def _node_type(groups: tuple[str, ...], username: str) -> EntryType | None:
    name = username.replace(" ", "")
    if not set(groups) >= _NODE_GROUPS and name not in {_EC2_NODE_NAME, _SESSION_NODE_NAME}:
        return None
    if name == _SESSION_NODE_NAME:
        return "FARGATE_LINUX" if _FARGATE_GROUP in groups else "HYBRID_LINUX"
    return "EC2_WINDOWS" if _WINDOWS_GROUP in groups else "EC2_LINUX"


def _shown(text: str) -> str:
    """Return a name that no check has passed yet, fit for a comment of one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:80])


def _username(username: str, *, is_role: bool, remarks: list[str]) -> str:
    """Return the user name to ask for, empty where EKS should choose; remarks gain the reason."""
    if not username:
        return ""
    templates = set(_TEMPLATES.findall(username))
    problem = ""
    if username.startswith(RESERVED_PREFIXES):
        problem = f"may not start with {username.split(':')[0]}:"
    elif templates - (_SESSION_TEMPLATES if is_role else set()):
        problem = f"may not hold {{{{{min(templates)}}}}}"
    elif templates and ":" not in username.split("{{")[0]:
        problem = "needs a colon before {{SessionName}}"
    elif not _SAFE_WORD.fullmatch(username):
        problem = "has characters that do not belong in a name"
    if problem:
        remarks.append(
            f"The user name {username[:80]!r} {problem}, so EKS chooses one: bindings to the old name no longer match."
        )
        return ""
    return username
