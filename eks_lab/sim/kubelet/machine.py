"""A container as its processes see it: variables, files of volumes, name and network."""

from __future__ import annotations

import base64
import binascii
import re

from eks_lab.sim.behaviours.world import Machine
from eks_lab.sim.kubelet.mounted_files import Content, MountedFiles
from eks_lab.sim.kubelet.network import PodNetwork
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj, annotations_of, labels_of
from eks_lab.sim.pod_resources import amounts

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_BRACKETS = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def machine_of(around: Surroundings, record: PodRecord, container: ContainerRecord) -> Machine:
    """Return the machine that a container's processes run on."""
    pod, spec = record.pod, container.spec
    environment = environment_of(around, record, container)
    own, whole = spec.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    hostname = _hostname(record)
    files: dict[str, Content] = {
        "/etc/hostname": f"{hostname}\n",
        "/etc/hosts": f"# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n{record.address}\t{hostname}\n",
        "/etc/resolv.conf": (
            f"search {record.key.namespace}.svc.cluster.local svc.cluster.local cluster.local ec2.internal\n"
            "nameserver 172.20.0.10\noptions ndots:5\n"
        ),
    }
    files.update(_mounted(around, record, spec))
    node = around.node(record.node) or {}
    cpus = amounts((node.get("status") or {}).get("capacity")).get("cpu", 2000)
    user = own.get("runAsUser", whole.get("runAsUser"))
    return Machine(
        hostname,
        record.address,
        record.key.namespace,
        user if isinstance(user, int) else 0,
        environment,
        MountedFiles(files),
        PodNetwork(around, record.key.namespace, record.key),
        max(1, cpus // 1000),
    )


def _hostname(record: PodRecord) -> str:
    spec = record.pod["spec"]
    if spec.get("hostNetwork"):
        return record.node
    name: str = spec.get("hostname") or record.key.name
    return name[:63]


# --- variables ----------------------------------------------------------------------------------------------


def environment_of(around: Surroundings, record: PodRecord, container: ContainerRecord) -> dict[str, str]:
    """Return the variables of a container (makeEnvironmentVariables)."""
    namespace, spec = record.key.namespace, container.spec
    found = _services(around, record)
    for source in spec.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        for field, rid in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if source.get(field):
                for key, value in _data(around, rid, namespace, source[field].get("name", "")).items():
                    found[prefix + key] = value
    for variable in spec.get("env") or ():
        name = variable["name"]
        if variable.get("valueFrom"):
            given = _value_from(around, record, container, variable["valueFrom"])
            if given is not None:
                found[name] = given
        else:
            found[name] = expanded(variable.get("value") or "", found)
    return found


def expanded(text: str, values: dict[str, str]) -> str:
    """Return a text with `$(NAME)` filled in; unknown names stay, `$$` becomes `$`."""
    return _REFERENCE.sub(lambda found: "$" if found[0] == "$$" else values.get(found[1], found[0]), text)


def _services(around: Surroundings, record: PodRecord) -> dict[str, str]:
    """Return the variables that name Services: the API server's always, the namespace's when links are on."""
    found: dict[str, str] = {}
    services = []
    if record.pod["spec"].get("enableServiceLinks", True):
        services = around.api.items("services", record.key.namespace)
    kubernetes = around.api.get("services", Key("default", "kubernetes"))
    for service in [*services, *([kubernetes] if kubernetes else [])]:
        address = service["spec"].get("clusterIP")
        ports = service["spec"].get("ports") or ()
        if not address or address == "None" or not ports:
            continue
        prefix = service["metadata"]["name"].upper().replace("-", "_")
        found[f"{prefix}_SERVICE_HOST"] = address
        found[f"{prefix}_SERVICE_PORT"] = str(ports[0]["port"])
        for port in ports:
            protocol = port.get("protocol", "TCP")
            if port.get("name"):
                found[f"{prefix}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(port["port"])
            link = f"{prefix}_PORT_{port['port']}_{protocol}"
            url = f"{protocol.lower()}://{address}:{port['port']}"
            found.setdefault(f"{prefix}_PORT", url)
            found |= {
                link: url,
                f"{link}_PROTO": protocol.lower(),
                f"{link}_PORT": str(port["port"]),
                f"{link}_ADDR": address,
            }
    return found


def _value_from(
    around: Surroundings, record: PodRecord, container: ContainerRecord, source: Obj
) -> str | None:
    namespace = record.key.namespace
    for field, rid in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
        if source.get(field):
            return _data(around, rid, namespace, source[field].get("name", "")).get(source[field]["key"])
    if source.get("fieldRef"):
        return field_value(around, record, source["fieldRef"]["fieldPath"])
    if source.get("resourceFieldRef"):
        return _resource(around, record, container, source["resourceFieldRef"])
    return None


def field_value(around: Surroundings, record: PodRecord, path: str) -> str:
    """Return what the downward API gives for a field of the pod."""
    pod, metadata = record.pod, record.pod["metadata"]
    brackets = _BRACKETS.fullmatch(path)
    if brackets:
        values = labels_of(pod) if brackets[1] == "labels" else annotations_of(pod)
        return values.get(brackets[2], "")
    if path in ("metadata.labels", "metadata.annotations"):
        values = labels_of(pod) if path.endswith("labels") else annotations_of(pod)
        return "\n".join(f'{key}="{value}"' for key, value in sorted(values.items()))
    node = around.node(record.node) or {}
    found: dict[str, str] = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": record.node,
        "spec.serviceAccountName": pod["spec"].get("serviceAccountName") or "default",
        "status.podIP": record.address,
        "status.podIPs": record.address,
        "status.hostIP": around.host_address(node),
        "status.hostIPs": around.host_address(node),
    }
    return found.get(path, "")


def _resource(around: Surroundings, record: PodRecord, container: ContainerRecord, source: Obj) -> str:
    target = record.find(source.get("containerName") or container.name) or container
    kind, _, name = source["resource"].partition(".")
    resources = target.spec.get("resources") or {}
    value = amounts(resources.get(kind)).get(name)
    if value is None and kind == "limits":
        node = around.node(record.node) or {}
        value = amounts((node.get("status") or {}).get("allocatable")).get(name)
    value = value or 0
    divisor = amounts({name: source.get("divisor") or "1"}).get(name) or 1
    if not source.get("divisor") or source["divisor"] in ("0", "1"):
        divisor = 1000 if name == "cpu" else 1
    return str(-(-value // divisor))


def _data(around: Surroundings, rid: str, namespace: str, name: str) -> dict[str, str]:
    found = around.api.get(rid, Key(namespace, name)) or {}
    data = dict(found.get("data") or {})
    if rid == "secrets":
        return {key: _decoded(value) for key, value in data.items()}
    return data


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


# --- files --------------------------------------------------------------------------------------------------


def _mounted(around: Surroundings, record: PodRecord, container: Obj) -> dict[str, Content]:
    volumes = {each["name"]: each for each in record.pod["spec"].get("volumes") or ()}
    found: dict[str, Content] = {}
    for mount in container.get("volumeMounts") or ():
        files = _files(around, record, volumes.get(mount["name"]) or {})
        path = mount["mountPath"].rstrip("/")
        below = mount.get("subPath") or ""
        for name, content in files.items():
            if not below:
                found[f"{path}/{name}"] = content
            elif name == below:
                found[path] = content
    return found


def _token(around: Surroundings, record: PodRecord, projection: Obj) -> Content:
    """Return the token of a projected volume; one that is signed is made, and made anew, when somebody reads it."""
    sign, pod = around.token, record.pod
    if sign is None:
        return f"token-of-{pod['spec'].get('serviceAccountName') or 'default'}"
    return lambda: sign(pod, projection)


def _files(around: Surroundings, record: PodRecord, volume: Obj) -> dict[str, Content]:
    namespace = record.key.namespace
    found: dict[str, Content] = {}
    secret = volume.get("secret")
    sources = [{"secret": {**secret, "name": secret.get("secretName", "")}}] if secret else []
    sources += [{kind: volume[kind]} for kind in ("configMap", "downwardAPI") if volume.get(kind)]
    sources += (volume.get("projected") or {}).get("sources") or []
    for source in sources:
        for kind, rid in (("configMap", "configmaps"), ("secret", "secrets")):
            if source.get(kind):
                data = _data(around, rid, namespace, source[kind].get("name", ""))
                items = source[kind].get("items")
                names = {each["key"]: each["path"] for each in items} if items else {key: key for key in data}
                found |= {path: data[key] for key, path in names.items() if key in data}
        for item in (source.get("downwardAPI") or {}).get("items") or ():
            if item.get("fieldRef"):
                found[item["path"]] = field_value(around, record, item["fieldRef"]["fieldPath"])
        token = source.get("serviceAccountToken")
        if token:
            found[token["path"]] = _token(around, record, token)
    return found
