"""How the API server's own Go structs read as JSON: messages quote them (duplicates, diffs of refused updates).

The internal types (pkg/apis/core/types.go) carry no JSON tags: every field shows under its Go name, in the
order of the struct, absent ones as `null`, `""`, `0` or `false`. Types with tags of their own
(LabelSelector, ObjectMeta) and values without a fixed form stay as they are.
"""

from __future__ import annotations

import difflib
import json
from typing import Any, NamedTuple

from eks_lab.sim.objects import Obj

# One line a struct; `Name:type`, `Name=json:type` where the JSON name is not the Go name with a small letter.
# Types: s text, i number, b boolean, p anything that may be null, A struct A, *A pointer to it, [A list of them;
# +A is an embedded struct, whose fields stand among the others.
_TABLE = """
PodSpec Volumes:[Volume InitContainers:[Container Containers:[Container EphemeralContainers:[EphemeralContainer \
RestartPolicy:s TerminationGracePeriodSeconds:p ActiveDeadlineSeconds:p DNSPolicy=dnsPolicy:s NodeSelector:p \
ServiceAccountName:s AutomountServiceAccountToken:p NodeName:s SecurityContext:*PodSecurityContext \
ImagePullSecrets:[Name Hostname:s Subdomain:s SetHostnameAsFQDN:p Affinity:*Affinity SchedulerName:s \
Tolerations:[Toleration HostAliases:[HostAlias PriorityClassName:s Priority:p PreemptionPolicy:p \
DNSConfig=dnsConfig:*DNSConfig ReadinessGates:[ReadinessGate RuntimeClassName:p Overhead:p EnableServiceLinks:p \
TopologySpreadConstraints:[Spread OS=os:*Name SchedulingGates:[Name ResourceClaims:[PodResourceClaim \
Resources:*Resources HostnameOverride:p SchedulingGroup:p
Name Name:s
PodSecurityContext HostNetwork:b HostPID=hostPID:b HostIPC=hostIPC:b ShareProcessNamespace:p HostUsers:p \
SELinuxOptions=seLinuxOptions:*SELinux WindowsOptions:*Windows RunAsUser:p RunAsGroup:p RunAsNonRoot:p \
SupplementalGroups:p SupplementalGroupsPolicy:p FSGroup=fsGroup:p FSGroupChangePolicy=fsGroupChangePolicy:p \
Sysctls:[Sysctl SeccompProfile:*Profile AppArmorProfile:*Profile SELinuxChangePolicy=seLinuxChangePolicy:p
SELinux User:s Role:s Type:s Level:s
Windows GMSACredentialSpecName=gmsaCredentialSpecName:p GMSACredentialSpec=gmsaCredentialSpec:p RunAsUserName:p \
HostProcess:p
Sysctl Name:s Value:s
Profile Type:s LocalhostProfile:p
Volume Name:s +VolumeSource
VolumeSource HostPath:*HostPath EmptyDir:*EmptyDir GCEPersistentDisk=gcePersistentDisk:p \
AWSElasticBlockStore=awsElasticBlockStore:p GitRepo:p Secret:*SecretVolume NFS=nfs:*NFS ISCSI=iscsi:p \
Glusterfs:p PersistentVolumeClaim:*ClaimVolume RBD=rbd:p Quobyte:p FlexVolume:p Cinder:p CephFS=cephfs:p \
Flocker:p DownwardAPI=downwardAPI:*DownwardVolume FC=fc:p AzureFile:p ConfigMap:*ConfigMapVolume VsphereVolume:p \
AzureDisk:p PhotonPersistentDisk:p Projected:*Projected PortworxVolume:p ScaleIO=scaleIO:p \
StorageOS=storageos:p CSI=csi:*CSIVolume Ephemeral:*EphemeralVolume Image:*ImageVolume
HostPath Path:s Type:p
EmptyDir Medium:s SizeLimit:p
SecretVolume SecretName:s Items:[KeyToPath DefaultMode:p Optional:p
KeyToPath Key:s Path:s Mode:p
NFS Server:s Path:s ReadOnly:b
ClaimVolume ClaimName:s ReadOnly:b
DownwardVolume Items:[DownwardFile DefaultMode:p
DownwardFile Path:s FieldRef:*FieldRef ResourceFieldRef:*ResourceFieldRef Mode:p
FieldRef APIVersion=apiVersion:s FieldPath:s
ResourceFieldRef ContainerName:s Resource:s Divisor:p
ConfigMapVolume Name:s Items:[KeyToPath DefaultMode:p Optional:p
Projected Sources:[Projection DefaultMode:p
Projection Secret:*ItemsOf DownwardAPI=downwardAPI:*DownwardItems ConfigMap:*ItemsOf \
ServiceAccountToken:*TokenProjection ClusterTrustBundle:p PodCertificate:p
ItemsOf Name:s Items:[KeyToPath Optional:p
DownwardItems Items:[DownwardFile
TokenProjection Audience:s ExpirationSeconds:i Path:s
CSIVolume Driver:s ReadOnly:p FSType=fsType:p VolumeAttributes:p NodePublishSecretRef:*Name
EphemeralVolume VolumeClaimTemplate:*ClaimTemplate
ClaimTemplate +Meta Spec:ClaimSpec
Meta Metadata=metadata:p
ImageVolume Reference:s PullPolicy:s
Container +ContainerBody
ContainerBody Name:s Image:s Command:p Args:p WorkingDir:s Ports:[ContainerPort EnvFrom:[EnvFrom Env:[EnvVar \
Resources:Resources ResizePolicy:[ResizePolicy RestartPolicy:p RestartPolicyRules:[RestartRule \
VolumeMounts:[VolumeMount VolumeDevices:[VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe \
StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s \
SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY=tty:b
EphemeralContainer +ContainerBody TargetContainerName:s
ContainerPort Name:s HostPort:i ContainerPort:i Protocol:s HostIP=hostIP:s
EnvFrom Prefix:s ConfigMapRef:*OptionalName SecretRef:*OptionalName
OptionalName Name:s Optional:p
EnvVar Name:s Value:s ValueFrom:*EnvSource
EnvSource FieldRef:*FieldRef ResourceFieldRef:*ResourceFieldRef ConfigMapKeyRef:*KeyRef SecretKeyRef:*KeyRef \
FileKeyRef:p
KeyRef Name:s Key:s Optional:p
Resources Limits:p Requests:p Claims:[ResourceClaim
ResourceClaim Name:s Request:s
ResizePolicy ResourceName:s RestartPolicy:s
RestartRule Action:s ExitCodes:p
VolumeMount Name:s ReadOnly:b RecursiveReadOnly:p MountPath:s SubPath:s MountPropagation:p SubPathExpr:s
VolumeDevice Name:s DevicePath:s
Probe +Handler InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i \
TerminationGracePeriodSeconds:p
Handler Exec:*Exec HTTPGet=httpGet:*HTTPGet TCPSocket=tcpSocket:*TCPSocket GRPC=grpc:*GRPC
LifecycleHandler Exec:*Exec HTTPGet=httpGet:*HTTPGet TCPSocket=tcpSocket:*TCPSocket Sleep:*Sleep
Exec Command:p
HTTPGet Path:s Port:i Host:s Scheme:s HTTPHeaders=httpHeaders:[Header
Header Name:s Value:s
TCPSocket Port:i Host:s
GRPC Port:i Service:p
Sleep Seconds:i
Lifecycle PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:p
SecurityContext Capabilities:*Capabilities Privileged:p SELinuxOptions=seLinuxOptions:*SELinux \
WindowsOptions:*Windows RunAsUser:p RunAsGroup:p RunAsNonRoot:p ReadOnlyRootFilesystem:p \
AllowPrivilegeEscalation:p ProcMount:p SeccompProfile:*Profile AppArmorProfile:*Profile
Capabilities Add:p Drop:p
Affinity NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity
NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector \
PreferredDuringSchedulingIgnoredDuringExecution:[PreferredTerm
NodeSelector NodeSelectorTerms:[NodeTerm
NodeTerm MatchExpressions:[NodeRequirement MatchFields:[NodeRequirement
NodeRequirement Key:s Operator:s Values:p
PreferredTerm Weight:i Preference:NodeTerm
PodAffinity RequiredDuringSchedulingIgnoredDuringExecution:[AffinityTerm \
PreferredDuringSchedulingIgnoredDuringExecution:[WeightedTerm
WeightedTerm Weight:i PodAffinityTerm:AffinityTerm
AffinityTerm LabelSelector:p Namespaces:p TopologyKey:s NamespaceSelector:p MatchLabelKeys:p MismatchLabelKeys:p
Toleration Key:s Operator:s Value:s Effect:s TolerationSeconds:p
HostAlias IP=ip:s Hostnames:p
DNSConfig Nameservers:p Searches:p Options:[DNSOption
DNSOption Name:s Value:p
ReadinessGate ConditionType:s
Spread MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:p MinDomains:p NodeAffinityPolicy:p \
NodeTaintsPolicy:p MatchLabelKeys:p
PodResourceClaim Name:s ResourceClaimName:p ResourceClaimTemplateName:p
ClaimSpec AccessModes:p Selector:p Resources:VolumeResources VolumeName:s StorageClassName:p VolumeMode:p \
DataSource:*TypedReference DataSourceRef:*TypedObject VolumeAttributesClassName:p
VolumeResources Limits:p Requests:p
TypedReference APIGroup=apiGroup:p Kind:s Name:s
TypedObject APIGroup=apiGroup:p Kind:s Name:s Namespace:p
PersistentVolumeSource GCEPersistentDisk=gcePersistentDisk:p AWSElasticBlockStore=awsElasticBlockStore:p \
HostPath:*HostPath Glusterfs:p NFS=nfs:*NFS RBD=rbd:p Quobyte:p ISCSI=iscsi:p FlexVolume:p Cinder:p \
CephFS=cephfs:p FC=fc:p Flocker:p AzureFile:p VsphereVolume:p AzureDisk:p PhotonPersistentDisk:p PortworxVolume:p \
ScaleIO=scaleIO:p Local:*Local StorageOS=storageos:p CSI=csi:*CSIPersistent
Local Path:s FSType=fsType:p
CSIPersistent Driver:s VolumeHandle:s ReadOnly:b FSType=fsType:s VolumeAttributes:p \
ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference \
NodePublishSecretRef:*SecretReference ControllerExpandSecretRef:*SecretReference \
NodeExpandSecretRef:*SecretReference
SecretReference Name:s Namespace:s
VolumeNodeAffinity Required:*NodeSelector
ServicePort Name:s Protocol:s AppProtocol:p Port:i TargetPort:i NodePort:i
ScopeSelector MatchExpressions:[ScopeRequirement
ScopeRequirement ScopeName:s Operator:s Values:p
EndpointAddress IP=ip:s Hostname:s NodeName:p TargetRef:p
JobFailurePolicy Rules:[FailureRule
FailureRule Action:s OnExitCodes:*ExitCodes OnPodConditions:[ConditionPattern
ExitCodes ContainerName:p Operator:s Values:p
ConditionPattern Type:s Status:s
SuccessPolicy Rules:[SuccessRule
SuccessRule SucceededIndexes:p SucceededCount:p
StatefulSetStrategy Type:s RollingUpdate:*StatefulSetRolling
StatefulSetRolling Partition:i MaxUnavailable:p
Taint Key:s Value:s Effect:s TimeAdded:p
"""

_ZERO: dict[str, Any] = {"s": "", "i": 0, "b": False, "p": None}


class _Field(NamedTuple):
    go_name: str
    json_name: str
    kind: str


def _read_table() -> dict[str, tuple[_Field, ...]]:
    rows = (line.split() for line in _TABLE.replace("\\\n", "").splitlines() if line)
    words = {row[0]: row[1:] for row in rows}
    structs: dict[str, tuple[_Field, ...]] = {}

    def fields(struct: str) -> tuple[_Field, ...]:
        if struct not in structs:
            found: list[_Field] = []
            for word in words[struct]:
                if word.startswith("+"):
                    found.extend(fields(word[1:]))
                    continue
                names, _, kind = word.partition(":")
                go_name, _, json_name = names.partition("=")
                found.append(_Field(go_name, json_name or go_name[0].lower() + go_name[1:], kind))
            structs[struct] = tuple(found)
        return structs[struct]

    for struct in words:
        fields(struct)
    return structs


_STRUCTS = _read_table()


def go_value(struct: str, obj: Obj) -> Obj:
    """Return an object as the internal Go struct would marshal.

    Args:
        struct: a name of the table: `PodSpec`, `ServicePort`.
        obj: the object in its API form.
    """
    if struct == "PodSpec":
        obj = _with_host_fields(obj)
    return {field.go_name: _go_field(field.kind, obj.get(field.json_name)) for field in _STRUCTS[struct]}


def _go_field(kind: str, value: Any) -> Any:
    if kind in _ZERO:
        return _ZERO[kind] if value is None else value
    if kind[0] == "[":
        return [go_value(kind[1:], each) for each in value] if value else None
    if kind[0] == "*":
        return None if value is None else go_value(kind[1:], value)
    return go_value(kind, value or {})


def _with_host_fields(spec: Obj) -> Obj:
    """Return a pod spec whose host fields stand in the security context, where the internal type has them."""
    names = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
    moved = {name: spec[name] for name in names if name in spec}
    return {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}} if moved else spec


def go_json(value: Any, indent: int | None = None) -> str:
    """Return JSON as Go's encoding/json writes it: `<`, `>` and `&` escaped, map keys sorted by the caller."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def go_diff(struct: str, old: Obj, new: Obj) -> str:
    """Return the unified diff that a refused update ends with (apimachinery util/diff.Diff).

    Args:
        struct: a name of the table.
        old: as stored, in its API form.
        new: as wished.
    """
    before = go_json(_sorted_maps(go_value(struct, old)), indent=1).splitlines()
    after = go_json(_sorted_maps(go_value(struct, new)), indent=1).splitlines()
    lines = list(difflib.unified_diff(before, after, n=3, lineterm=""))
    return "\n".join(lines[2:]) + "\n"


def _sorted_maps(value: Any) -> Any:
    """Sort the keys of plain maps (labels, resources); structs, whose names begin with a capital, keep theirs."""
    if isinstance(value, dict):
        keys = list(value)
        if not all(key[:1].isupper() for key in keys):
            keys.sort()
        return {key: _sorted_maps(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted_maps(each) for each in value]
    return value
