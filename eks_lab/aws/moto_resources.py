"""The tables that moto reads from files: read quickly, the large ones when they are asked for, images our own."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from typing import Any

import orjson

from eks_lab.aws import machine_images
from eks_lab.aws.moto_confinement import confine

_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
OFFERINGS = "ec2/resources/instance_type_offerings/"
_POLICIES: dict[tuple[str, str], list[Any]] = {}
IMAGE_PARAMETERS = ("/aws/service/eks/", "/aws/service/bottlerocket/")
"""Public SSM parameters that name images of nodes."""


class Offerings(list[Any]):
    """Instance types that a region offers; the file is read at the second look.

    moto's module goes through every entry once, while it is imported, to write the kind of location into it.
    """

    def __init__(self, path: str, location_type: str) -> None:
        """Remember where they are.

        Args:
            path: of the file, within moto's package.
            location_type: `region`, `availability-zone`, `availability-zone-id`.
        """
        super().__init__()
        self._path: str | None = path
        self._location_type = location_type
        self._has_been_imported = False

    def __iter__(self) -> Iterator[Any]:
        if not self._has_been_imported:
            self._has_been_imported = True
            return iter(())
        self._read()
        return super().__iter__()

    def __len__(self) -> int:
        self._read()
        return super().__len__()

    def _read(self) -> None:
        if self._path is not None:
            path, self._path = self._path, None
            self.extend({**entry, "LocationType": self._location_type} for entry in _read(path))


def load_resource(resource: str) -> Any:
    """Return a table of moto's, or ours in its place.

    Args:
        resource: path within moto's package.

    Raises:
        FileNotFoundError: there is none.
    """
    if resource.startswith(OFFERINGS):
        return Offerings(resource, resource.removeprefix(OFFERINGS).split("/")[0])
    if resource == "ec2/resources/amis.json":
        return []
    if resource.startswith("ec2/resources/ecs/"):
        raise FileNotFoundError(resource)
    if resource.startswith("ec2/resources/latest_amis/"):
        region = resource.rsplit("/", 1)[1].removesuffix(".json")
        return [*_amazon_linux(resource), *machine_images.ec2_images(region)]
    return _read(resource)


def _amazon_linux(resource: str) -> list[dict[str, Any]]:
    """Return moto's images of Amazon Linux 2023; each costs a volume and a snapshot, so older ones stay out."""
    return [image for image in _read(resource) if "al2023-ami-2023" in image["name"]]


def _read(resource: str) -> Any:
    folder = resources.files("moto")
    name = resource if resource.endswith(".gz") else f"{resource}.gz"
    try:
        data = gzip.decompress((folder / name).read_bytes())
    except FileNotFoundError:
        data = (folder / resource).read_bytes()
    return orjson.loads(data)


def adapt() -> None:
    """Give the modules of moto that are imported by now what they lack, and keep them to their own state."""
    confine()
    ssm = sys.modules.get("moto.ssm.models")
    if ssm is not None and not hasattr(ssm.ParameterDict, "publishes_images"):
        _publish_images(ssm)
    iam: Any = sys.modules.get("moto.iam.models")
    if iam is not None and not hasattr(iam.User, "has_real_ids"):
        kinds = (
            *(("User", "AIDA"), ("Group", "AGPA"), ("InstanceProfile", "AIPA")),
            ("ManagedPolicy", "ANPA"),
        )
        for kind, prefix in kinds:
            _name_ids(getattr(iam, kind), prefix)
        # moto looks for the key in every partition, and fills each with all of AWS's policies; there is one account.
        iam.get_account_id_from = lambda access_key: iam.DEFAULT_ACCOUNT_ID
        iam.IAMBackend._init_aws_policies = lambda backend: _aws_policies(iam, backend)
    responses: Any = sys.modules.get("moto.iam.responses")
    if responses is not None and not hasattr(responses.IamResponse, "checks_trust"):
        _check_trust_policies(iam, responses.IamResponse)


def _check_trust_policies(iam: Any, response: Any) -> None:
    """Let CreateRole refuse a trust policy that UpdateAssumeRolePolicy refuses; moto looks at it there alone."""
    usual = response.create_role

    def create_role(self: Any) -> Any:
        document = self._get_param("AssumeRolePolicyDocument")
        try:
            json.loads(document)
        except ValueError as error:
            refusal = importlib.import_module("moto.iam.exceptions").MalformedPolicyDocument
            raise refusal("This policy contains invalid Json") from error
        iam.IAMTrustPolicyDocumentValidator(document).validate()
        return usual(self)

    response.create_role = create_role
    response.checks_trust = True


def _aws_policies(iam: Any, backend: Any) -> list[Any]:
    """Return AWS's own policies, attached to nothing.

    They are more than a thousand and the same in every account: read once a process. A process has one account at a time,
    so the next one takes them over; how often they are attached is all that an account can change of them.
    """
    key = (backend.account_id, backend.region_name)
    if key not in _POLICIES:
        # Each takes an id: put back, or the ids of the first world of a process would be others than those of the next.
        sequence = importlib.import_module("moto.moto_api._internal").mock_random
        before = sequence.getstate()
        _POLICIES[key] = [
            iam.AWSManagedPolicy(
                name,
                account_id=backend.account_id,
                region=backend.region_name,
                default_version_id=data.get("DefaultVersionId"),
                path=data.get("Path"),
                document=orjson.dumps(data.get("Document")).decode(),
                create_date=datetime.fromisoformat(data["CreateDate"]),
                update_date=datetime.fromisoformat(data["UpdateDate"]),
            )
            for name, data in orjson.loads(iam.aws_managed_policies_data).items()
        ]
        sequence.setstate(before)
    for policy in _POLICIES[key]:
        policy.attachment_count = 0
    return list(_POLICIES[key])


def _publish_images(ssm: Any) -> None:
    """Let SSM know the public parameters of node images; they are made when somebody looks for them."""
    dictionary = ssm.ParameterDict
    usual = dictionary._check_loading_status

    def look(self: Any, key: str) -> None:
        usual(self, key)
        if key.startswith(IMAGE_PARAMETERS) and not getattr(self, "has_node_images", False):
            self.has_node_images = True
            for path, value in machine_images.parameters(self.region_name).items():
                kept = ssm.Parameter(
                    account_id=self.account_id,
                    name=path,
                    value=value,
                    parameter_type="String",
                    description=None,
                    allowed_pattern=None,
                    keyid=None,
                    last_modified_date=machine_images.published().timestamp(),
                    version=1,
                    data_type="aws:ec2:image" if path.endswith("/image_id") else "text",
                )
                dict.__setitem__(self, path, [kept])

    dictionary._check_loading_status = look
    has = dictionary.__contains__

    def contains(self: Any, key: str) -> bool:
        # moto leaves an empty list under a name that somebody only asked for, and then finds no version in it.
        return bool(has(self, key)) and dict.get(self, key) != []

    dictionary.__contains__ = contains
    dictionary.publishes_images = True


def _name_ids(kind: Any, prefix: str) -> None:
    """Let a kind of IAM's entities have identifiers as AWS makes them.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (unique identifier prefixes).

    Args:
        kind: moto's class.
        prefix: `AIDA`.
    """
    usual = kind.__init__

    def start(self: Any, *args: Any, **kwargs: Any) -> None:
        usual(self, *args, **kwargs)
        if not str(self.id).startswith(prefix):
            digest = hashlib.sha256(f"{self.id}{self.name}".encode()).digest()
            self.id = prefix + "".join(_ID_LETTERS[byte % 32] for byte in digest[:17])

    kind.__init__ = start
    kind.has_real_ids = True
