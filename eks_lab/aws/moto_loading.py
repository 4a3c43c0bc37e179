"""moto, imported lightly, run by the simulated clock, kept and restored.

moto is written for tests: its import builds boto3, `responses` and the address books of every region, which costs
more than a second. Names it needs only for its own mocking are put in place first, then taken away again, so that
boto3 and `requests` stay what they are for everybody else.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from eks_lab.aws import moto_state
from eks_lab.aws.moto_resources import adapt, load_resource
from eks_lab.aws.moto_time import follow_clock
from eks_lab.clock import Clock

SERVICE_PACKAGES = {
    "application-autoscaling": "applicationautoscaling",
    "apigatewayv2": "apigatewayv2",
    "lambda": "awslambda",
    "secretsmanager": "secretsmanager",
    "service-quotas": "servicequotas",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
}
"""botocore's name -> moto's package, where taking the hyphens out is not enough."""
STAND_INS = (
    *("boto3", "botocore.session"),
    *("moto.core.models", "moto.core.decorator", "moto.core.authorization"),
)


class Owner(Protocol):
    """Whose services moto plays."""

    id: str
    region: str
    seed: int

    @property
    def clock(self) -> Clock:
        """Return simulated time."""
        ...


class _Session:
    """What moto asks of boto3: which services and regions there are; from botocore's own data."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def get_available_partitions(self) -> list[str]:
        return [each["partition"] for each in _endpoints()["partitions"]]

    def get_available_regions(
        self, service: str, partition_name: str = "aws", allow_non_regional: bool = False
    ) -> list[str]:
        for partition in _endpoints()["partitions"]:
            if partition["partition"] == partition_name:
                services = partition["services"]
                name = service if service in services else _endpoint_prefix(service)
                endpoints = services.get(name, {}).get("endpoints", {})
                return [name for name in endpoints if allow_non_regional or name in partition["regions"]]
        return []

    def get_available_services(self) -> list[str]:
        return sorted(each.name for each in _botocore_data().iterdir() if each.is_dir())


def _botocore_data() -> Path:
    import botocore

    return Path(botocore.__file__).parent / "data"


@cache
def _endpoints() -> dict[str, Any]:
    import orjson

    plain = _botocore_data() / "endpoints.json"
    if plain.exists():
        found = orjson.loads(plain.read_bytes())
    else:
        import gzip

        found = orjson.loads(gzip.decompress(plain.with_suffix(".json.gz").read_bytes()))
    return found  # type: ignore[no-any-return]


@cache
def _endpoint_prefix(service: str) -> str:
    """Return the name under which botocore lists the endpoints of a service."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import Loader

    try:
        model = Loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return service
    return str(model["metadata"]["endpointPrefix"])


def regions_of(service: str) -> tuple[str, ...]:
    """Return the commercial regions in which AWS offers a service, by botocore's data."""
    return tuple(_Session().get_available_regions(service))


def _nothing(*_: object, **__: object) -> None:
    """Stand in for what only moto's mocking calls."""


class _NoAuthorization:
    """moto's own authorization: none, because `eks_lab.aws.iam` decides before moto is asked."""

    set_initial_no_auth_action_count = staticmethod(_nothing)

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        pass

    def _authenticate_and_authorize_s3_action(
        self, bucket_name: str | None = None, key_name: str | None = None
    ) -> None:
        pass


def _stand_ins() -> dict[str, ModuleType]:
    members: dict[str, dict[str, object]] = {
        "boto3": {"Session": _Session},
        "botocore.session": {"Session": _Session},
        "moto.core.models": {
            "DEFAULT_ACCOUNT_ID": "123456789012",
            "patch_client": _nothing,
            "patch_resource": _nothing,
        },
        "moto.core.decorator": {"mock_aws": _nothing},
        "moto.core.authorization": {
            "ActionAuthenticatorMixin": _NoAuthorization,
            "enable_iam_authentication": _nothing,
            "disable_iam_authentication": _nothing,
        },
    }
    found = {}
    for name in STAND_INS:
        found[name] = module = ModuleType(name, "Stands in while moto is imported.")
        module.__dict__.update(members[name])
    return found


@contextmanager
def _light() -> Iterator[None]:
    """Put stand-ins where moto looks, for as long as its core is being imported."""
    placed = {name: module for name, module in _stand_ins().items() if name not in sys.modules}
    if "moto.core" in sys.modules:
        placed = {}
    sys.modules.update(placed)
    # Hundreds of thousands of objects are made and none is garbage: looking for some costs a tenth of the time.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()
        for name, module in placed.items():
            if not name.startswith("moto.") and sys.modules.get(name) is module:
                del sys.modules[name]


@cache
def _core() -> ModuleType:
    """Import moto's core once, with its instances untracked and its resources read quickly."""
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # Without it moto asks the machine's own environment for an account.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    with _light():
        core = importlib.import_module("moto.core.utils")
        common = importlib.import_module("moto.core.common_models")
        importlib.import_module("moto.core.responses")
        utilities = importlib.import_module("moto.utilities.utils")
        utilities.load_resource = load_resource  # type: ignore[attr-defined]
        # EC2 binds boto3's Session when it is imported.
        importlib.import_module("moto.ec2.models")
    # moto remembers every instance of every model for its dashboard, for ever.
    common.BaseModel.__new__ = lambda cls, *_, **__: object.__new__(cls)
    authorization = sys.modules["moto.core.authorization"].ActionAuthenticatorMixin
    for name in ("_authenticate_and_authorize_normal_action", "_authenticate_and_authorize_s3_action"):
        setattr(authorization, name, getattr(_NoAuthorization, name))
    adapt()
    return core


class Moto:
    """moto's services as one account sees them.

    moto keeps its state in modules, so a process has one account at a time: making a Moto empties what was there.
    """

    def __init__(self, account: Owner) -> None:
        """Start empty.

        Args:
            account: its number, region, seed and simulated clock.
        """
        self._account = account
        self._start()
        self.reset()

    def _start(self) -> None:
        core = _core()
        follow_clock(core, self._account.clock)
        internal = importlib.import_module("moto.moto_api._internal")
        self._random: random.Random = internal.mock_random
        self._random.seed(self._account.seed)

    @staticmethod
    def has(service: str) -> bool:
        """Return whether moto knows a service, by botocore's name."""
        _core()
        try:
            return importlib.util.find_spec(f"moto.{package_of(service)}.urls") is not None
        except ImportError:
            # No such package, or one that wants more than is there.
            return False

    def urls(self, service: str) -> ModuleType:
        """Return moto's module of URL patterns of a service; the service is imported at first use.

        Raises:
            KeyError: moto has no such service.
        """
        return self._module(service, "urls")

    def backends(self, service: str) -> Any:
        """Return moto's BackendDict of a service.

        Raises:
            KeyError: moto has no such service.
        """
        module = self._module(service, "models")
        package = package_of(service)
        return getattr(module, f"{package}_backends")

    def backend(self, service: str, region: str = "") -> Any:
        """Return the backend of a service in this account.

        Args:
            service: botocore's name.
            region: empty takes the account's own; global services (`iam`, `s3`, `sts`) have one for all.

        Raises:
            KeyError: moto has no such service, or the service not this region.
        """
        found = self.backends(service)[self._account.id]
        name = region or self._account.region
        return found["aws" if "aws" in found.regions and name not in found.regions else name]

    def reset(self) -> None:
        """Forget everything in every service."""
        _core()
        base = importlib.import_module("moto.core.base_backend")
        for each in list(base.BackendDict._instances):
            if each.service_name == "s3":
                # Objects lie in open files.
                for regions in each.values():
                    regions.reset()
            each.clear()
            for shared in moto_state.shared(each).values():
                shared.clear()
        base.BackendDict._instances.clear()
        self._random.seed(self._account.seed)

    def dump(self, *, is_whole: bool = True) -> bytes:
        """Return the state of all services in use.

        Args:
            is_whole: False leaves the sequence of ids out, which reads move on, too: to compare states.

        Returns:
            A pickle; a whole one is for `load`.
        """
        base = importlib.import_module("moto.core.base_backend")
        services: dict[str, dict[str, Any]] = {}
        shared: dict[str, dict[str, Any]] = {}
        for each in base.BackendDict._instances:
            for account, regions in each.items():
                if account == self._account.id and regions:
                    place = ":".join(moto_state.place_of(each))
                    services[place] = dict(regions.items())
                    shared[place] = moto_state.shared(each)
        sequence = self._random.getstate() if is_whole else ()
        return moto_state.dump({"random": sequence, "services": services, "shared": shared})

    def load(self, state: bytes) -> None:
        """Put back what `dump` returned, in place of what is there.

        Raises:
            DataError: it is not such a state.
        """
        # Classes have to be there, and adapted, before their instances are.
        for package in moto_state.packages(state):
            self._import(f"moto.{package}.models")
        self.reset()
        found = moto_state.load(state)
        self._random.setstate(found["random"])
        for place, regions in found["services"].items():
            module, _, name = place.partition(":")
            dictionary = moto_state.dictionary_of(module, name)
            for attribute, value in moto_state.shared(dictionary).items():
                value.update(found["shared"].get(place, {}).get(attribute, {}))
            kept = dictionary[self._account.id]
            for region, backend in regions.items():
                kept[region] = backend

    def _module(self, service: str, part: str) -> ModuleType:
        name = f"moto.{package_of(service)}.{part}"
        try:
            return self._import(name)
        except ModuleNotFoundError as error:
            if error.name and name.startswith(error.name):
                raise KeyError(service) from None
            raise

    def _import(self, name: str) -> ModuleType:
        if name in sys.modules:
            return sys.modules[name]
        module = importlib.import_module(name)
        adapt()
        follow_clock(_core(), self._account.clock)
        return module


def package_of(service: str) -> str:
    """Return the name of moto's package for a service."""
    return SERVICE_PACKAGES.get(service, service.replace("-", ""))


def naive(moment: datetime) -> datetime:
    """Return a moment as moto's models hold it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
