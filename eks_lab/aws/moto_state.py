"""moto's state as bytes: a pickle of its backends that, read back, makes nothing but moto's own objects."""

from __future__ import annotations

import copyreg
import functools
import importlib
import io
import pickle
import pickletools
import sys
import threading
import types
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eks_lab.errors import DataError

PROTOCOL = 5
_OURS = ("moto.", "eks_lab.aws.")
"""Packages whose classes a state may name: moto's, and those that mend it."""
_MENDED = "eks_lab.aws.ec2."
"""Classes that stand in the place of moto's own: those of the mended EC2."""
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
    "threading": {"Condition"},
    "uuid": {"UUID", "SafeUUID"},
    "random": {"Random"},
    "copyreg": {"_reconstructor"},
    "werkzeug.datastructures.structures": {"MultiDict"},
    "sortedcontainers.sortedlist": {"SortedList"},
    __name__: {
        "dictionary_of",
        "_default_dict",
        "_local_function",
        "_lock",
        "_private_key",
        "_managed_policy",
        "_set_iam",
        "_new",
    },
}


_LOCKS = (type(threading.RLock()), type(threading.Lock()))

# --- how what has no pickle of its own is kept --------------------------------------------------------------


def dictionary_of(module: str, name: str) -> Any:
    """Return one of moto's own BackendDicts.

    Args:
        module: `moto.ec2.models`.
        name: of the variable: `ec2_backends`.

    Raises:
        DataError: there is none.
    """
    base = importlib.import_module("moto.core.base_backend")
    found = getattr(importlib.import_module(module), name, None) if module.startswith("moto.") else None
    if not isinstance(found, base.BackendDict):
        raise DataError(f"moto has no backends {name!r} in {module}")
    return found


@functools.cache
def place_of(dictionary: Any) -> tuple[str, str]:
    """Return module and name of one of moto's BackendDicts, as `dictionary_of` takes them.

    Raises:
        DataError: no module of moto has it.
    """
    for module, found in list(sys.modules.items()):
        if module.startswith("moto.") and module.endswith(".models") and module.count(".") == 2:
            for name, value in vars(found).items():
                if value is dictionary:
                    return module, name
    raise DataError(f"no module of moto has the backends of {dictionary.service_name}")


def shared(dictionary: Any) -> dict[str, dict[Any, Any]]:
    """Return what a BackendDict keeps for all its backends: names of S3 buckets."""
    return {name: value for name, value in vars(dictionary).items() if isinstance(value, dict)}


@functools.lru_cache(32)
def _private_key(pem: bytes) -> Any:
    # Reading checks it, which takes longer than all the rest of a state.
    return serialization.load_pem_private_key(pem, None)


def _keep_private_key(key: Any) -> Any:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _private_key, (pem,)


def _local_function(module: str, owner: str, path: tuple[int, ...]) -> Any:
    """Return a function that is written inside another one of moto's: defaults of its dictionaries are such.

    Args:
        module: `moto.ssm.models`.
        owner: qualified name of the outer function.
        path: places among the constants of the code, from outside inwards.
    """
    if not module.startswith(_OURS):
        raise DataError(f"the account's state names {module}.{owner}, which is not moto's")
    found: Any = importlib.import_module(module)
    code = functools.reduce(getattr, owner.split("."), found).__code__
    for place in path:
        code = code.co_consts[place]
    if not isinstance(code, types.CodeType) or code.co_freevars:
        raise DataError(f"the account's state names no function in {module}.{owner}")
    return types.FunctionType(code, vars(found))


def _keep_local_function(function: types.FunctionType) -> Any:
    owner, _, rest = function.__qualname__.partition(".<locals>.")
    outer = functools.reduce(getattr, owner.split("."), sys.modules[function.__module__])
    path = _path_to(function.__code__, outer.__code__) if rest else None
    if path is None or function.__closure__:
        return NotImplemented
    return _local_function, (function.__module__, owner, path)


def _path_to(wanted: types.CodeType, code: types.CodeType) -> tuple[int, ...] | None:
    for place, constant in enumerate(code.co_consts):
        if constant is wanted:
            return (place,)
        if isinstance(constant, types.CodeType):
            inner = _path_to(wanted, constant)
            if inner is not None:
                return (place, *inner)
    return None


def _lock(is_reentrant: bool) -> Any:
    """Return a new lock: there is one thread, so none is held."""
    return threading.RLock() if is_reentrant else threading.Lock()


def _default_dict(kind: type, factory: Any) -> Any:
    """Return an empty dictionary of one of moto's kinds, whatever its constructor asks for."""
    if not issubclass(kind, defaultdict):
        raise DataError(f"the account's state names {kind.__name__}, which is no dictionary")
    found = kind.__new__(kind)
    defaultdict.__init__(found, factory)
    return found


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
    if not type(owner).__module__.startswith(_OURS) or name.startswith("__"):
        raise DataError(f"the account's state names {name} of {type(owner).__name__}, which is not moto's")
    return types.MethodType(getattr(type(owner), name), owner)


class _Restoring:
    policies: dict[str, Any] | None = None


def _keep_iam(backend: Any) -> Any:
    state = dict(backend.__dict__)
    amazons = sys.modules["moto.iam.models"].AWSManagedPolicy
    state["managed_policies"] = {
        arn: policy for arn, policy in backend.managed_policies.items() if not isinstance(policy, amazons)
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
        table[base.BackendDict] = lambda found: (dictionary_of, place_of(found))
        iam = sys.modules.get("moto.iam.models")
        if iam is not None:
            table[iam.IAMBackend] = _keep_iam
            table[iam.AWSManagedPolicy] = lambda policy: (_managed_policy, (policy.arn,))
        self.dispatch_table = table

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return _keep_private_key(obj)
        if isinstance(obj, types.FunctionType) and "<locals>" in obj.__qualname__:
            return _keep_local_function(obj)
        if isinstance(obj, defaultdict) and type(obj) is not defaultdict:
            return _default_dict, (type(obj), obj.default_factory), vars(obj), None, iter(obj.items())
        if isinstance(obj, threading.Condition):
            return threading.Condition, ()
        if isinstance(obj, _LOCKS):
            return _lock, (isinstance(obj, _LOCKS[0]),)
        return NotImplemented


def dump(state: dict[str, Any]) -> bytes:
    """Return a state as bytes.

    Args:
        state: moto's backends by name, and plain values.

    Raises:
        DataError: moto holds something that cannot be kept, such as a generator.
    """
    file = io.BytesIO()
    try:
        _Keeper(file).dump(state)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise DataError(
            f"the AWS account cannot be kept as it is now: {error}",
            hint="What was kept before is still there. Undo the last calls, or report a defect of eks-lab.",
        ) from error
    return file.getvalue()


# --- reading back -------------------------------------------------------------------------------------------


class _Reader(pickle.Unpickler):
    """Makes classes of moto and a few harmless ones; calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _bound_method
        if name in _HARMLESS.get(module, ()):
            return getattr(importlib.import_module(module), name)
        if module.startswith(_MENDED):
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, type) and found.__module__.startswith(_MENDED):
                return found
        if module.startswith(_OURS):
            place: Any = importlib.import_module(module)
            found = functools.reduce(getattr, name.split("."), place)
            if isinstance(found, type) and found.__module__.startswith(_OURS):
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
    if not isinstance(found, dict) or {"random", "services", "shared"} - set(found):
        raise DataError("the account's state is not one of moto's", hint="Run `eks-lab sandbox reset`.")
    return found


@functools.lru_cache(4)
def packages(state: bytes) -> Sequence[str]:
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
