"""Values a field may have, where the published schema does not say.

Source: the constants of k8s.io/api (core/v1, apps/v1, batch/v1, networking/v1, storage/v1, autoscaling/v2).
"""

from __future__ import annotations

from collections.abc import Mapping

_CORE = "io.k8s.api.core.v1."
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_LABEL_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_RECLAIM = ("Retain", "Delete", "Recycle")
_VOLUME_MODES = ("Filesystem", "Block")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    f"{_CORE}Container.imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    f"{_CORE}Container.terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
    f"{_CORE}ContainerPort.protocol": _PROTOCOLS,
    f"{_CORE}HTTPGetAction.scheme": ("HTTP", "HTTPS"),
    f"{_CORE}PersistentVolumeClaimSpec.accessModes": _ACCESS_MODES,
    f"{_CORE}PersistentVolumeClaimSpec.volumeMode": _VOLUME_MODES,
    f"{_CORE}PersistentVolumeSpec.accessModes": _ACCESS_MODES,
    f"{_CORE}PersistentVolumeSpec.persistentVolumeReclaimPolicy": _RECLAIM,
    f"{_CORE}PersistentVolumeSpec.volumeMode": _VOLUME_MODES,
    f"{_CORE}PodSpec.dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    f"{_CORE}PodSpec.preemptionPolicy": ("Never", "PreemptLowerPriority"),
    f"{_CORE}PodSpec.restartPolicy": ("Always", "OnFailure", "Never"),
    f"{_CORE}SeccompProfile.type": ("Localhost", "RuntimeDefault", "Unconfined"),
    f"{_CORE}ServicePort.protocol": _PROTOCOLS,
    f"{_CORE}ServiceSpec.externalTrafficPolicy": ("Cluster", "Local"),
    f"{_CORE}ServiceSpec.internalTrafficPolicy": ("Cluster", "Local"),
    f"{_CORE}ServiceSpec.ipFamilyPolicy": ("SingleStack", "PreferDualStack", "RequireDualStack"),
    f"{_CORE}ServiceSpec.sessionAffinity": ("ClientIP", "None"),
    f"{_CORE}ServiceSpec.type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    f"{_CORE}Taint.effect": _EFFECTS,
    f"{_CORE}Toleration.effect": _EFFECTS,
    f"{_CORE}Toleration.operator": ("Equal", "Exists", "Lt", "Gt"),
    f"{_CORE}NodeSelectorRequirement.operator": (*_LABEL_OPERATORS, "Gt", "Lt"),
    f"{_CORE}TopologySpreadConstraint.whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement.operator": _LABEL_OPERATORS,
    "io.k8s.api.apps.v1.DaemonSetUpdateStrategy.type": ("OnDelete", "RollingUpdate"),
    "io.k8s.api.apps.v1.DeploymentStrategy.type": ("Recreate", "RollingUpdate"),
    "io.k8s.api.apps.v1.StatefulSetSpec.podManagementPolicy": ("OrderedReady", "Parallel"),
    "io.k8s.api.apps.v1.StatefulSetUpdateStrategy.type": ("OnDelete", "RollingUpdate"),
    "io.k8s.api.autoscaling.v2.HPAScalingPolicy.type": ("Percent", "Pods"),
    "io.k8s.api.autoscaling.v2.HPAScalingRules.selectPolicy": ("Disabled", "Max", "Min"),
    "io.k8s.api.autoscaling.v2.MetricSpec.type": (
        "ContainerResource",
        "External",
        "Object",
        "Pods",
        "Resource",
    ),
    "io.k8s.api.autoscaling.v2.MetricTarget.type": ("AverageValue", "Utilization", "Value"),
    "io.k8s.api.batch.v1.CronJobSpec.concurrencyPolicy": ("Allow", "Forbid", "Replace"),
    "io.k8s.api.batch.v1.JobSpec.completionMode": ("Indexed", "NonIndexed"),
    "io.k8s.api.networking.v1.HTTPIngressPath.pathType": ("Exact", "ImplementationSpecific", "Prefix"),
    "io.k8s.api.networking.v1.NetworkPolicyPort.protocol": _PROTOCOLS,
    "io.k8s.api.networking.v1.NetworkPolicySpec.policyTypes": ("Egress", "Ingress"),
    "io.k8s.api.policy.v1.PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy": (
        "AlwaysAllow",
        "IfHealthyBudget",
    ),
    "io.k8s.api.rbac.v1.Subject.kind": ("Group", "ServiceAccount", "User"),
    "io.k8s.api.storage.v1.StorageClass.reclaimPolicy": ("Delete", "Retain"),
    "io.k8s.api.storage.v1.StorageClass.volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
}
"""`definition.field` -> what may stand there, or in each element of the list there."""
