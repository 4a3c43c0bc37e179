"""moto's state as bytes: a pickle of its backends that, read back, makes nothing but moto's own objects."""

from __future__ import annotations

import copyreg
import functools
import importlib
import io
import pickle
import pickletools
import sys
import types
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eks_lab.errors import DataError

PROTOCOL = 5
_PACKAGES = ("moto",)
_HARMLESS = {
    "builtins": {
        *("dict", "list", "set", "frozenset", "tuple", "str", "bytes", "bytearray", "int", "float", "bool"),
        *("complex", "object", "slice", "range"),
    },
    "collections": {"OrderedDict", "defaultdict", "deque", "Counter", "ChainMap"},
    "datetime": {"datetime", "date", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "ipaddress": {"IPv4Address", "IPv4Network", "IPv6Address", "IPv6Network"},
    "re": {"_compile"},
    "uuid": {"UUID", "SafeUUID"},
    "random": {"Random"},
    "copyreg": {"_reconstructor"},
    "werkzeug.datastructures.structures": {"MultiDict"},
    "sortedcontainers.sortedlist": {"SortedList"},
    __name__: {"_dictionary_of", "_private_key", "_managed_policy", "_set_iam", "_new"},
}


# --- how what has no pickle of its own is kept --------------------------------------------------------------


def _dictionary_of(module: str, service: str) -> Any:
    """Return moto's own BackendDict of a service."""
    base = importlib.import_module("moto.core.base_backend")
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, base.BackendDict) and value.service_name == service:
            return value
    raise DataError(f"moto has no backends {service!r} in {module}")


def _private_key(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, None)


def _keep_private_key(key: Any) -> Any:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _private_key, (pem,)


def _new(kind: type) -> Any:
    return object.__new__(kind)


def _managed_policy(arn: str) -> Any:
    """Return one of AWS's own policies; they are read from moto, not kept."""
    return _aws_policies()[arn]


def _aws_policies() -> dict[str, Any]:
    """Return AWS's own policies in the backend that is being restored, or the first to be made."""
    if _Restoring.policies is None:
        models = importlib.import_module("moto.iam.models")
        fresh = models.IAMBackend("aws", "123456789012")
        _Restoring.policies = {policy.arn: policy for policy in fresh.aws_managed_policies}
    return _Restoring.policies


def _bound_method(owner: object, name: str) -> Any:
    """Return a method of one of moto's objects: moto keeps its filters so."""
    if type(owner).__module__.split(".")[0] not in _PACKAGES or name.startswith("__"):
        raise DataError(f"the account's state names {name} of {type(owner).__name__}, which is not moto's")
    return types.MethodType(getattr(type(owner), name), owner)


class _Restoring:
    policies: dict[str, Any] | None = None


def _keep_iam(backend: Any) -> Any:
    state = dict(backend.__dict__)
    own = {policy.arn for policy in backend.aws_managed_policies}
    state["managed_policies"] = {
        arn: policy for arn, policy in backend.managed_policies.items() if arn not in own
    }
    attached = {
        policy.arn: policy.attachment_count
        for policy in backend.aws_managed_policies
        if policy.attachment_count
    }
    del state["aws_managed_policies"]
    return _new, (type(backend),), (state, attached), None, None, _set_iam


def _set_iam(backend: Any, kept: tuple[dict[str, Any], dict[str, int]]) -> None:
    state, attached = kept
    backend.__dict__.update(state)
    policies = _aws_policies()
    backend.aws_managed_policies = list(policies.values())
    backend.managed_policies = {**policies, **state["managed_policies"]}
    for arn, count in attached.items():
        if arn in policies:
            policies[arn].attachment_count = count


class _Keeper(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, PROTOCOL)
        table: dict[type, Any] = dict(copyreg.dispatch_table)
        base = importlib.import_module("moto.core.base_backend")
        table[base.BackendDict] = lambda found: (
            _dictionary_of,
            (_module_of(found), found.service_name),
        )
        iam = sys.modules.get("moto.iam.models")
        if iam is not None:
            table[iam.IAMBackend] = _keep_iam
            table[iam.AWSManagedPolicy] = lambda policy: (_managed_policy, (policy.arn,))
        # Classes of cryptography's own keys, found by making one: they have no public name.
        self.dispatch_table = table

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return _keep_private_key(obj)
        return NotImplemented


def _module_of(dictionary: Any) -> str:
    return ".".join(str(dictionary.backend.__module__).split(".")[:2]) + ".models"


def dump(state: dict[str, Any]) -> bytes:
    """Return a state as bytes.

    Args:
        state: moto's backends by name, and plain values.
    """
    file = io.BytesIO()
    _Keeper(file).dump(state)
    return file.getvalue()


# --- reading back -------------------------------------------------------------------------------------------


class _Reader(pickle.Unpickler):
    """Makes classes of moto and a few harmless ones; calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _bound_method
        if name in _HARMLESS.get(module, ()):
            return getattr(importlib.import_module(module), name)
        if module.split(".")[0] in _PACKAGES and module in sys.modules:
            found = functools.reduce(getattr, name.split("."), sys.modules[module])
            if isinstance(found, type) and found.__module__.split(".")[0] in _PACKAGES:
                return found
        raise DataError(
            f"the account's state names {module}.{name}, which is not moto's",
            hint="Run `eks-lab sandbox reset`.",
        )


def load(state: bytes) -> dict[str, Any]:
    """Return what `dump` was given.

    Raises:
        DataError: it is damaged, or holds something that is not moto's.
    """
    _Restoring.policies = None
    try:
        found = _Reader(io.BytesIO(state)).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, TypeError) as error:
        raise DataError(
            f"the account's state cannot be read: {error}", hint="Run `eks-lab sandbox reset`."
        ) from error
    finally:
        _Restoring.policies = None
    if not isinstance(found, dict) or {"random", "services"} - set(found):
        raise DataError("the account's state is not one of moto's", hint="Run `eks-lab sandbox reset`.")
    return found


def packages(state: bytes) -> Iterable[str]:
    """Return moto's packages that a state needs, in order.

    Raises:
        DataError: it is no pickle.
    """
    found: dict[str, None] = {}
    try:
        for opcode, argument, _ in pickletools.genops(state):
            if "UNICODE" in opcode.name and isinstance(argument, str) and argument.startswith("moto."):
                found.setdefault(argument.replace(":", ".").split(".")[1])
    except ValueError as error:
        raise DataError(
            f"the account's state cannot be read: {error}", hint="Run `eks-lab sandbox reset`."
        ) from error
    return [name for name in found if name not in ("core", "moto_api", "utilities")]
