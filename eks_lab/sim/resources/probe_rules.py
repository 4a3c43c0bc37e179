"""Probes and lifecycle hooks (validateHandler, validateProbe, validateLifecycle)."""

from __future__ import annotations

from collections.abc import Callable

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, required
from eks_lab.sim.resources.field_rules import enum_errors, non_negative_errors, port_errors

_SCHEMES = ("HTTP", "HTTPS")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def _exec(action: Obj, grace: int, path: str) -> list[FieldError]:
    return [] if action.get("command") else [required(f"{path}.command")]


def _http_get(action: Obj, grace: int, path: str) -> list[FieldError]:
    errors = [] if action.get("path") else [required(f"{path}.path")]
    errors.extend(port_errors(action.get("port"), f"{path}.port"))
    errors.extend(enum_errors(action.get("scheme"), _SCHEMES, f"{path}.scheme"))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        errors.extend(invalid(f"{path}.httpHeaders", name, said) for said in names.http_header(name))
    return errors


def _tcp_socket(action: Obj, grace: int, path: str) -> list[FieldError]:
    return port_errors(action.get("port"), f"{path}.port")


def _sleep(action: Obj, grace: int, path: str) -> list[FieldError]:
    seconds = action.get("seconds") or 0
    if 0 <= seconds <= grace:
        return []
    detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
    return [invalid(path, seconds, detail)]


_HANDLERS: dict[str, Callable[[Obj, int, str], list[FieldError]]] = {
    "exec": _exec,
    "httpGet": _http_get,
    "tcpSocket": _tcp_socket,
    "grpc": _tcp_socket,
    "sleep": _sleep,
}


def _handler_errors(handler: Obj, grace: int, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    count = 0
    for kind, check in _HANDLERS.items():
        action = handler.get(kind)
        if action is None:
            continue
        if count:
            errors.append(forbidden_field(f"{path}.{kind}", "may not specify more than 1 handler type"))
            continue
        count += 1
        errors.extend(check(action, grace, f"{path}.{kind}"))
    if not count:
        errors.append(required(path, "must specify a handler type"))
    return errors


def lifecycle_errors(lifecycle: Obj, grace: int, path: str) -> list[FieldError]:
    """Return the errors of a container's hooks.

    Args:
        lifecycle: `{"preStop": …}`.
        grace: terminationGracePeriodSeconds of the pod, the most a sleep may take.
        path: of the lifecycle.
    """
    errors: list[FieldError] = []
    for hook in ("postStart", "preStop"):
        if lifecycle.get(hook) is not None:
            errors.extend(_handler_errors(lifecycle[hook], grace, f"{path}.{hook}"))
    return errors


def _probe_errors(probe: Obj, grace: int, path: str) -> list[FieldError]:
    errors = _handler_errors(probe, grace, path)
    for name in _COUNTS:
        errors.extend(non_negative_errors(probe.get(name), f"{path}.{name}"))
    own_grace = probe.get("terminationGracePeriodSeconds")
    if own_grace is not None and own_grace <= 0:
        errors.append(invalid(f"{path}.terminationGracePeriodSeconds", own_grace, "must be greater than 0"))
    return errors


def container_probe_errors(container: Obj, grace: int, path: str) -> list[FieldError]:
    """Return the errors of the probes of a container that may have some.

    Args:
        container: regular, or an init container that restarts always.
        grace: terminationGracePeriodSeconds of the pod.
        path: of the container.
    """
    errors: list[FieldError] = []
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(kind)
        if probe is None:
            continue
        here = f"{path}.{kind}"
        errors.extend(_probe_errors(probe, grace, here))
        if kind == "readinessProbe":
            own_grace = probe.get("terminationGracePeriodSeconds")
            if own_grace is not None:
                where = f"{here}.terminationGracePeriodSeconds"
                errors.append(invalid(where, own_grace, "must not be set for readinessProbes"))
        elif probe.get("successThreshold", 1) != 1:
            errors.append(invalid(f"{here}.successThreshold", probe["successThreshold"], "must be 1"))
    return errors
