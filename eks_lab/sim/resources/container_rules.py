"""Containers of all three kinds (validateContainers, validateInitContainers, validateEphemeralContainers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    field_not_found,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resources.env_rules import environment_errors
from eks_lab.sim.resources.field_rules import enum_errors, label_problems, port_name_problems
from eks_lab.sim.resources.mount_rules import device_errors, mount_errors
from eks_lab.sim.resources.probe_rules import container_probe_errors, lifecycle_errors
from eks_lab.sim.resources.resource_rules import requirement_errors
from eks_lab.sim.resources.security_rules import container_security_errors

PROTOCOLS = ("SCTP", "TCP", "UDP")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("FallbackToLogsOnError", "File")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always"
_EPHEMERAL_FIELDS = frozenset(
    (
        "name",
        "image",
        "command",
        "args",
        "workingDir",
        "envFrom",
        "env",
        "volumeMounts",
        "volumeDevices",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "imagePullPolicy",
        "securityContext",
        "stdin",
        "stdinOnce",
        "tty",
        "targetContainerName",
    )
)


def _image_space_errors(container: Obj, path: str) -> list[FieldError]:
    image = container.get("image") or ""
    if image == image.strip():
        return []
    return [invalid(f"{path}.image", image, "must not have leading or trailing whitespace")]


def image_space_errors(containers: Sequence[Obj], path: str) -> list[FieldError]:
    """Return the errors of images with blanks around them; only pods refuse these, templates do not."""
    errors: list[FieldError] = []
    for number, container in enumerate(containers):
        image = container.get("image") or ""
        if image and (image[0].isspace() or image[-1].isspace()):
            errors.extend(_image_space_errors(container, f"{path}[{number}]"))
    return errors


def _port_errors(ports: Sequence[Obj], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, port in enumerate(ports):
        here = f"{path}[{number}]"
        name = port.get("name")
        if name:
            said = port_name_problems(name)
            if said:
                errors.extend(invalid(f"{here}.name", name, each) for each in said)
            elif name in seen:
                errors.append(duplicate(f"{here}.name", name))
            else:
                seen.add(name)
        for field in ("containerPort", "hostPort"):
            value = port.get(field)
            if value:
                if not 0 < value < 65536:
                    errors.extend(
                        invalid(f"{here}.{field}", value, each) for each in names.port_number(value)
                    )
            elif field == "containerPort":
                errors.append(required(f"{here}.containerPort"))
        errors.extend(enum_errors(port.get("protocol"), PROTOCOLS, f"{here}.protocol"))
    return errors


def _host_port_errors(containers: Sequence[Obj], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, container in enumerate(containers):
        for position, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            taken = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if taken in seen:
                errors.append(duplicate(f"{path}[{number}].ports[{position}].hostPort", taken))
            seen.add(taken)
    return errors


def _resize_errors(container: Obj, restart_policy: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, rule in enumerate(container.get("resizePolicy") or ()):
        here = f"{path}[{number}]"
        name, policy = rule.get("resourceName") or "", rule.get("restartPolicy") or ""
        if name in seen:
            errors.append(duplicate(here, name))
        seen.add(name)
        errors.extend(enum_errors(name, ("cpu", "memory"), here))
        errors.extend(enum_errors(policy, ("NotRequired", "RestartContainer"), here))
        if restart_policy == "Never" and policy == "RestartContainer":
            errors.append(invalid(here, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    return errors


def _common_errors(
    container: Obj, path: str, volumes: Mapping[str, Obj], claims: Sequence[str], restart_policy: str
) -> list[FieldError]:
    """Return what every kind of container is judged by (validateContainerCommon)."""
    errors: list[FieldError] = []
    name = container.get("name")
    if not name:
        errors.append(required(f"{path}.name"))
    else:
        errors.extend(invalid(f"{path}.name", name, said) for said in label_problems(name))
    if not container.get("image"):
        errors.append(required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy")
    if policy != "File":
        errors.extend(enum_errors(policy, _MESSAGE_POLICIES, f"{path}.terminationMessagePolicy"))
    ports = container.get("ports")
    if ports:
        errors.extend(_port_errors(ports, f"{path}.ports"))
    if container.get("env") or container.get("envFrom"):
        errors.extend(environment_errors(container, path))
    mounts, devices = container.get("volumeMounts") or (), container.get("volumeDevices") or ()
    if mounts:
        errors.extend(mount_errors(container, volumes, f"{path}.volumeMounts"))
    if devices:
        errors.extend(device_errors(container, volumes, f"{path}.volumeDevices"))
    pull = container.get("imagePullPolicy")
    if pull not in PULL_POLICIES:
        errors.extend(enum_errors(pull, PULL_POLICIES, f"{path}.imagePullPolicy"))
    resources = container.get("resources")
    if resources:
        errors.extend(requirement_errors(resources, f"{path}.resources", claims))
    if container.get("resizePolicy"):
        errors.extend(_resize_errors(container, restart_policy, f"{path}.resizePolicy"))
    if container.get("securityContext"):
        errors.extend(container_security_errors(container["securityContext"], f"{path}.securityContext"))
    return errors


def _restart_policy_errors(container: Obj, path: str) -> list[FieldError]:
    policy = container.get("restartPolicy")
    if policy is None or policy in _RESTART_POLICIES:
        return []
    return [not_supported(f"{path}.restartPolicy", policy, _RESTART_POLICIES)]


def container_errors(spec: Obj, path: str, volumes: Mapping[str, Obj]) -> list[FieldError]:
    """Return the errors of the regular, init and ephemeral containers of a pod spec, in that order.

    Args:
        spec: with its defaults.
        path: of the spec.
        volumes: the faultless volumes by name.
    """
    claims = [each.get("name", "") for each in spec.get("resourceClaims") or ()]
    grace = spec.get("terminationGracePeriodSeconds") or 0
    restart_policy = spec.get("restartPolicy") or ""
    containers, here = spec.get("containers") or (), f"{path}.containers"
    errors: list[FieldError] = []
    taken: set[str] = set()
    if not containers:
        errors.append(required(here))
    for number, container in enumerate(containers):
        place = f"{here}[{number}]"
        errors.extend(_common_errors(container, place, volumes, claims, restart_policy))
        name = container.get("name") or ""
        if name in taken:
            errors.append(duplicate(f"{place}.name", name))
        taken.add(name)
        if container.get("lifecycle"):
            errors.extend(lifecycle_errors(container["lifecycle"], grace, f"{place}.lifecycle"))
        errors.extend(container_probe_errors(container, grace, place))
        errors.extend(_restart_policy_errors(container, place))
    errors.extend(_host_port_errors(containers, here))
    if spec.get("initContainers"):
        errors.extend(_init_errors(spec, f"{path}.initContainers", volumes, claims, taken))
    if spec.get("ephemeralContainers"):
        errors.extend(_ephemeral_errors(spec, f"{path}.ephemeralContainers", volumes, claims))
    return errors


def _init_errors(
    spec: Obj, path: str, volumes: Mapping[str, Obj], claims: Sequence[str], taken: set[str]
) -> list[FieldError]:
    grace = spec.get("terminationGracePeriodSeconds") or 0
    errors: list[FieldError] = []
    for number, container in enumerate(spec["initContainers"]):
        here = f"{path}[{number}]"
        errors.extend(_common_errors(container, here, volumes, claims, spec.get("restartPolicy") or ""))
        errors.extend(_restart_policy_errors(container, here))
        name = container.get("name") or ""
        if name in taken:
            errors.append(duplicate(f"{here}.name", name))
        elif name:
            taken.add(name)
        errors.extend(_host_port_errors((container,), path))
        if container.get("restartPolicy") == "Always":
            if container.get("lifecycle"):
                errors.extend(lifecycle_errors(container["lifecycle"], grace, f"{here}.lifecycle"))
            errors.extend(container_probe_errors(container, grace, here))
        else:
            errors.extend(
                forbidden_field(f"{here}.{field}", _ONLY_SIDECARS)
                for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if container.get(field) is not None
            )
    return errors


def _ephemeral_errors(
    spec: Obj, path: str, volumes: Mapping[str, Obj], claims: Sequence[str]
) -> list[FieldError]:
    others = {each.get("name") for kind in ("containers", "initContainers") for each in spec.get(kind) or ()}
    taken = set(others)
    errors: list[FieldError] = []
    for number, container in enumerate(spec["ephemeralContainers"]):
        here = f"{path}[{number}]"
        errors.extend(_common_errors(container, here, volumes, claims, spec.get("restartPolicy") or ""))
        errors.extend(_image_space_errors(container, here))
        name = container.get("name") or ""
        if name in taken:
            errors.append(duplicate(f"{here}.name", name))
        taken.add(name)
        target = container.get("targetContainerName")
        if target and target not in others:
            errors.append(field_not_found(f"{here}.targetContainerName", target))
        errors.extend(
            forbidden_field(f"{here}.{field}", "cannot be set for an Ephemeral Container")
            for field in container
            if field not in _EPHEMERAL_FIELDS and container[field] not in (None, {}, [])
        )
        for position, mount in enumerate(container.get("volumeMounts") or ()):
            errors.extend(
                forbidden_field(
                    f"{here}.volumeMounts[{position}].{field}", "cannot be set for an Ephemeral Container"
                )
                for field in ("subPath", "subPathExpr")
                if mount.get(field)
            )
    return errors
