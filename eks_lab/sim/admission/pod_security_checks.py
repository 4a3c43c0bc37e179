"""The controls of the Pod Security Standards, in the server's words (k8s.io/pod-security-admission/policy).

Each check takes a pod's metadata and spec and returns what is wrong as `reason (detail)`, or nothing.
The standards: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from eks_lab.sim.objects import Obj

Check = Callable[[Obj, Obj], str]
"""Metadata and spec -> text; empty when all is well."""

DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }
)  # fmt: skip
"""What baseline lets a container add."""
SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    }
)  # fmt: skip
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
FREE_VOLUMES = ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
                "projected", "secret")  # fmt: skip
"""Volume types that restricted allows."""
APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def containers_of(spec: Obj) -> Iterator[Obj]:
    """Return every container: init, plain, ephemeral."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(kind) or ()


def _quoted(names: Iterable[Any]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _named(names: list[str], one: str = "container", many: str = "containers") -> str:
    return f"{one if len(names) == 1 else many} {_quoted(names)}"


def _security(container: Obj) -> Obj:
    return container.get("securityContext") or {}


def _is_windows(spec: Obj) -> bool:
    return bool((spec.get("os") or {}).get("name") == "windows")


def _setters(spec: Obj, is_bad: Callable[[Obj], bool]) -> list[str]:
    """Return who sets something bad in a securityContext: `pod`, `container "a"`, `containers "a", "b"`."""
    setters = ["pod"] if is_bad(spec.get("securityContext") or {}) else []
    names = [each["name"] for each in containers_of(spec) if is_bad(_security(each))]
    return [*setters, _named(names)] if names else setters


# --- baseline -----------------------------------------------------------------------------------------------


def app_armor(metadata: Obj, spec: Obj) -> str:
    """AppArmor must not be switched off."""
    bad = _setters(spec, lambda context: (context.get("appArmorProfile") or {}).get("type") == "Unconfined")
    details = [f'{" and ".join(bad)} must not set AppArmor profile type to "Unconfined"'] if bad else []
    annotations = [
        f'{key}="{value}"'
        for key, value in sorted((metadata.get("annotations") or {}).items())
        if key.startswith(APPARMOR_ANNOTATION)
        and value not in ("", "runtime/default")
        and not value.startswith("localhost/")
    ]
    if annotations:
        word = "annotation" if len(annotations) == 1 else "annotations"
        details.append(f"{word} {', '.join(annotations)}")
    if not details:
        return ""
    count = (1 if bad else 0) + len(annotations)
    return f"forbidden AppArmor {'profile' if count == 1 else 'profiles'} ({'; '.join(details)})"


def capabilities_baseline(metadata: Obj, spec: Obj) -> str:
    """Only default capabilities may be added."""
    bad: list[str] = []
    added: set[str] = set()
    for container in containers_of(spec):
        extra = set((_security(container).get("capabilities") or {}).get("add") or ()) - DEFAULT_CAPABILITIES
        if extra:
            bad.append(container["name"])
            added |= extra
    if not bad:
        return ""
    return (
        f"non-default capabilities ({_named(bad)} must not include {_quoted(sorted(added))} in "
        "securityContext.capabilities.add)"
    )


def host_namespaces(metadata: Obj, spec: Obj) -> str:
    """The host's namespaces are off limits."""
    bad = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return f"host namespaces ({', '.join(bad)})" if bad else ""


def host_path_volumes(metadata: Obj, spec: Obj) -> str:
    """No hostPath volumes."""
    bad = [each["name"] for each in spec.get("volumes") or () if each.get("hostPath") is not None]
    return f"hostPath volumes ({_named(bad, 'volume', 'volumes')})" if bad else ""


def host_ports(metadata: Obj, spec: Obj) -> str:
    """No host ports."""
    bad: list[str] = []
    ports: set[int] = set()
    for container in containers_of(spec):
        own = {each["hostPort"] for each in container.get("ports") or () if each.get("hostPort")}
        if own:
            bad.append(container["name"])
            ports |= own
    if not bad:
        return ""
    numbers = ", ".join(sorted(str(port) for port in ports))
    verb = "uses" if len(bad) == 1 else "use"
    return f"hostPort ({_named(bad)} {verb} {'hostPort' if len(ports) == 1 else 'hostPorts'} {numbers})"


def probe_hosts(metadata: Obj, spec: Obj) -> str:
    """Probes and lifecycle hooks go to the pod, not elsewhere (since 1.34)."""
    bad: list[str] = []
    hosts: set[str] = set()
    for container in containers_of(spec):
        actions = [container.get(each) or {} for each in ("livenessProbe", "readinessProbe", "startupProbe")]
        actions += [(container.get("lifecycle") or {}).get(each) or {} for each in ("postStart", "preStop")]
        own = {
            (action.get(kind) or {}).get("host") for action in actions for kind in ("httpGet", "tcpSocket")
        } - {None, "", "127.0.0.1", "::1"}
        if own:
            bad.append(container["name"])
            hosts |= {str(host) for host in own}
    if not bad:
        return ""
    verb, word = ("uses" if len(bad) == 1 else "use"), ("host" if len(hosts) == 1 else "hosts")
    return (
        f"probe or lifecycle host ({_named(bad)} {verb} probe or lifecycle {word} {_quoted(sorted(hosts))})"
    )


def privileged(metadata: Obj, spec: Obj) -> str:
    """No privileged containers."""
    bad = [each["name"] for each in containers_of(spec) if _security(each).get("privileged")]
    return f"privileged ({_named(bad)} must not set securityContext.privileged=true)" if bad else ""


def proc_mount(metadata: Obj, spec: Obj) -> str:
    """The default /proc only."""
    bad: list[str] = []
    values: set[str] = set()
    for container in containers_of(spec):
        value = _security(container).get("procMount")
        if value not in (None, "Default"):
            bad.append(container["name"])
            values.add(value)
    if not bad:
        return ""
    return f"procMount ({_named(bad)} must not set securityContext.procMount to {_quoted(sorted(values))})"


def seccomp_baseline(metadata: Obj, spec: Obj) -> str:
    """Seccomp must not be switched off."""
    bad = _bad_seccomp(spec, ("", "RuntimeDefault", "Localhost"))
    return f"seccompProfile ({bad})" if bad else ""


def _bad_seccomp(spec: Obj, allowed: tuple[str, ...]) -> str:
    values: set[str] = set()

    def is_bad(context: Obj) -> bool:
        kind = (context.get("seccompProfile") or {}).get("type") or ""
        if kind and kind not in allowed:
            values.add(kind)
            return True
        return False

    bad = _setters(spec, is_bad)
    if not bad:
        return ""
    return (
        f"{' and '.join(bad)} must not set securityContext.seccompProfile.type to {_quoted(sorted(values))}"
    )


def selinux(metadata: Obj, spec: Obj) -> str:
    """Only container types of SELinux, no user and no role."""
    types: set[str] = set()
    found = {"user": False, "role": False}

    def is_bad(context: Obj) -> bool:
        options = context.get("seLinuxOptions") or {}
        kind = options.get("type") or ""
        if kind not in SELINUX_TYPES:
            types.add(kind)
        for field in found:
            found[field] |= bool(options.get(field))
        return kind not in SELINUX_TYPES or any(options.get(field) for field in found)

    bad = _setters(spec, is_bad)
    if not bad:
        return ""
    data = [f"{'type' if len(types) == 1 else 'types'} {_quoted(sorted(types))}"] if types else []
    data += [f"{field} may not be set" for field, is_set in found.items() if is_set]
    return f"seLinuxOptions ({' and '.join(bad)} set forbidden securityContext.seLinuxOptions: {'; '.join(data)})"


def sysctls(metadata: Obj, spec: Obj) -> str:
    """Only sysctls that stay within the pod."""
    asked = (spec.get("securityContext") or {}).get("sysctls") or ()
    bad = [each["name"] for each in asked if each["name"] not in SAFE_SYSCTLS]
    return f"forbidden sysctls ({', '.join(bad)})" if bad else ""


def windows_host_process(metadata: Obj, spec: Obj) -> str:
    """No HostProcess containers."""
    bad = _setters(spec, lambda context: bool((context.get("windowsOptions") or {}).get("hostProcess")))
    if not bad:
        return ""
    return f"hostProcess ({' and '.join(bad)} must not set securityContext.windowsOptions.hostProcess=true)"


# --- restricted ---------------------------------------------------------------------------------------------


def privilege_escalation(metadata: Obj, spec: Obj) -> str:
    """Escalation must be switched off by every container."""
    if _is_windows(spec):
        return ""
    bad = [
        each["name"]
        for each in containers_of(spec)
        if _security(each).get("allowPrivilegeEscalation") is not False
    ]
    if not bad:
        return ""
    return (
        f"allowPrivilegeEscalation != false ({_named(bad)} must set "
        "securityContext.allowPrivilegeEscalation=false)"
    )


def capabilities_restricted(metadata: Obj, spec: Obj) -> str:
    """Every container drops all capabilities and adds at most NET_BIND_SERVICE."""
    if _is_windows(spec):
        return ""
    keeping: list[str] = []
    adding: list[str] = []
    added: set[str] = set()
    for container in containers_of(spec):
        capabilities = _security(container).get("capabilities") or {}
        if "ALL" not in (capabilities.get("drop") or ()):
            keeping.append(container["name"])
        extra = set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}
        if extra:
            adding.append(container["name"])
            added |= extra
    details = []
    if keeping:
        details.append(f'{_named(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        names = _quoted(sorted(added))
        details.append(f"{_named(adding)} must not include {names} in securityContext.capabilities.add")
    return f"unrestricted capabilities ({'; '.join(details)})" if details else ""


def restricted_volumes(metadata: Obj, spec: Obj) -> str:
    """Only volume types that hold the pod's own data."""
    bad: list[str] = []
    types: set[str] = set()
    for volume in spec.get("volumes") or ():
        kind = next((key for key in volume if key != "name"), "unknown")
        if kind not in FREE_VOLUMES:
            bad.append(volume["name"])
            types.add(kind)
    if not bad:
        return ""
    verb = "uses restricted volume type" if len(bad) == 1 else "use restricted volume types"
    if len(bad) > 1 and len(types) == 1:
        verb = "use restricted volume type"
    return f"restricted volume types ({_named(bad, 'volume', 'volumes')} {verb} {_quoted(sorted(types))})"


def run_as_non_root(metadata: Obj, spec: Obj) -> str:
    """Pod or containers say that they do not run as root."""
    bad = _setters(spec, lambda context: context.get("runAsNonRoot") is False)
    if bad:
        return f"runAsNonRoot != true ({' and '.join(bad)} must not set securityContext.runAsNonRoot=false)"
    if (spec.get("securityContext") or {}).get("runAsNonRoot"):
        return ""
    silent = [each["name"] for each in containers_of(spec) if not _security(each).get("runAsNonRoot")]
    if not silent:
        return ""
    return f"runAsNonRoot != true (pod or {_named(silent)} must set securityContext.runAsNonRoot=true)"


def run_as_user(metadata: Obj, spec: Obj) -> str:
    """Nobody asks for user 0."""
    bad = _setters(spec, lambda context: context.get("runAsUser") == 0)
    return f"runAsUser=0 ({' and '.join(bad)} must not set runAsUser=0)" if bad else ""


def seccomp_restricted(metadata: Obj, spec: Obj) -> str:
    """Pod or containers name a seccomp profile."""
    if _is_windows(spec):
        return ""
    bad = _bad_seccomp(spec, ("RuntimeDefault", "Localhost"))
    if bad:
        return f"seccompProfile ({bad})"
    if ((spec.get("securityContext") or {}).get("seccompProfile") or {}).get("type"):
        return ""
    silent = [
        each["name"]
        for each in containers_of(spec)
        if not (_security(each).get("seccompProfile") or {}).get("type")
    ]
    if not silent:
        return ""
    return (
        f"seccompProfile (pod or {_named(silent)} must set securityContext.seccompProfile.type to "
        '"RuntimeDefault" or "Localhost")'
    )


BASELINE: tuple[Check, ...] = (
    app_armor,
    capabilities_baseline,
    host_namespaces,
    host_path_volumes,
    host_ports,
    probe_hosts,
    privileged,
    proc_mount,
    selinux,
    seccomp_baseline,
    sysctls,
    windows_host_process,
)
"""In the order of their identifiers, in which messages list them."""
OVERRIDDEN = frozenset({capabilities_baseline, host_path_volumes, seccomp_baseline})
"""Baseline checks that a stricter one replaces."""
RESTRICTED: tuple[Check, ...] = (
    *(check for check in BASELINE if check not in OVERRIDDEN),
    privilege_escalation,
    capabilities_restricted,
    restricted_volumes,
    run_as_non_root,
    run_as_user,
    seccomp_restricted,
)
