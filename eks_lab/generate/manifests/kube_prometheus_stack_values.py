"""Values of the kube-prometheus-stack chart that fit EKS.

Source: prometheus-community/helm-charts, values of kube-prometheus-stack and issue 4106.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import REGION, flag, integer, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
# helm upgrade --install {{ release }} prometheus-community/kube-prometheus-stack \\
#   --namespace {{ namespace }} --create-namespace --version {{ chart_version }} --values {{ file_name }}

kubeEtcd:
  enabled: false #? AWS runs etcd and lets nobody reach it: the target would be down for ever.
kubeScheduler:
  enabled: false #? The same, and its alert KubeSchedulerDown would never stop.
kubeControllerManager:
  enabled: false
{% if not kube_proxy %}
kubeProxy:
  enabled: false #? It serves metrics on the node's loopback only, unless its metricsBindAddress was changed.
{% endif %}

defaultRules:
  rules: #? Alerts and records about what is not scraped are left out as well.
    etcd: false
    kubeSchedulerAlerting: false
    kubeSchedulerRecording: false
    kubeControllerManager: false
{% if not kube_proxy %}
    kubeProxy: false
{% endif %}

prometheus:
  prometheusSpec:
    replicas: {{ replicas }}
{% if replicas > 1 %}
    #? Each scrapes everything: when one is away, the other has no gap.
{% endif %}
    retention: {{ retention_days }}d
    retentionSize: {{ retention_size_gib }}GiB #? Below the size of the disk: a full disk stops Prometheus.
    serviceMonitorSelectorNilUsesHelmValues: false
    #? Otherwise only ServiceMonitors with this release's label count, and yours are ignored without a word.
    podMonitorSelectorNilUsesHelmValues: false
    ruleSelectorNilUsesHelmValues: false
    resources:
      requests:
        cpu: 500m
        memory: {{ memory_gib }}Gi
      limits:
        memory: {{ memory_gib }}Gi
    storageSpec: #? Without it metrics live in an emptyDir and are gone with the pod.
      volumeClaimTemplate:
        spec:
          storageClassName: {{ storage_class|q }}
          accessModes: [ReadWriteOncePod]
          resources:
            requests:
              storage: {{ storage_gib }}Gi
{% if remote_write_url %}
    remoteWrite:
      - url: {{ remote_write_url|q }}
        sigv4:
          region: {{ region|q }} #? Requests are signed with the pod's role: give it aps:RemoteWrite.
        queueConfig:
          maxSamplesPerSend: 1000
          maxShards: 200
          capacity: 2500
{% endif %}

alertmanager:
  enabled: {{ alertmanager|q }}
{% if alertmanager %}
  alertmanagerSpec:
    storage: #? Silences survive a restart.
      volumeClaimTemplate:
        spec:
          storageClassName: {{ storage_class|q }}
          accessModes: [ReadWriteOncePod]
          resources:
            requests:
              storage: 2Gi
{% endif %}

grafana:
  enabled: {{ grafana|q }}
{% if grafana %}
  admin:
    existingSecret: {{ grafana_secret|q }} #? The chart's own password is printed in its documentation.
    userKey: admin-user
    passwordKey: admin-password
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the values."""
    chosen = Chosen("kube-prometheus-stack-values", choices)
    storage, kept = chosen.integer("storage_gib"), chosen.integer("retention_size_gib")
    if kept > storage * 9 // 10:
        raise refuse(
            "retention_size_gib",
            f"{kept} GiB do not leave room on a disk of {storage} GiB for the log that is written first",
            f"At most {storage * 9 // 10}, or a larger disk.",
        )
    remote = chosen.text(
        "remote_write_url",
        identifiers.matching(
            r"https://[\w.-]+/[\w./-]*api/v1/remote_write",
            "a remote write address",
            "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write",
        ),
    )
    notes = [
        (
            "Add the chart's repository first: helm repo add prometheus-community"
            " https://prometheus-community.github.io/helm-charts, then helm repo update."
        )
    ]
    if chosen.flag("grafana"):
        notes.append(
            f"Make the Secret {chosen.text('grafana_secret')} with admin-user and admin-password before you install."
        )
    if chosen.flag("kube_proxy"):
        notes.append("kube-proxy's add-on needs metricsBindAddress 0.0.0.0:10249, or the targets stay down.")
    if remote:
        notes.append(
            "Associate a role with the service account of Prometheus: the generator pod-identity-association."
        )
    notes.append(
        "Metrics of scheduler and controller manager come through the API server's own endpoint on EKS."
    )
    file_name = "kube-prometheus-stack.yaml"
    file = chosen.file(
        file_name,
        _TEMPLATE,
        file_name=file_name,
        release=chosen.text("release", identifiers.dns_label),
        namespace=chosen.text("namespace", identifiers.dns_label),
        chart_version=chosen.text(
            "chart_version", identifiers.matching(r"\d+\.\d+\.\d+", "a chart version", "88.6.5")
        ),
        storage_class=chosen.text("storage_class", identifiers.dns_subdomain),
        remote_write_url=remote,
        region=chosen.text("region", identifiers.region),
        grafana_secret=chosen.text("grafana_secret", identifiers.dns_subdomain),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="kube-prometheus-stack-values",
    title="kube-prometheus-stack on EKS",
    summary="Values of the chart without targets that nobody can reach on EKS, with disks and fixed versions.",
    produces="values",
    inputs=(
        text("release", "Release", "monitoring", "Name of the Helm release."),
        text("namespace", "Namespace", "monitoring", "Namespace of the release."),
        text(
            "chart_version",
            "Chart version",
            "88.6.5",
            "Version of the chart; look up the newest you have tested.",
        ),
        integer(
            "replicas", "Replicas", 1, "Prometheus pods, each of which scrapes everything.", "pods", 1, 4
        ),
        integer("retention_days", "Retention", 15, "Days that metrics are kept.", "days", 1, 730),
        integer("storage_gib", "Disk", 50, "Disk of each Prometheus.", "GiB", 2, 16_384),
        integer(
            "retention_size_gib", "Retention size", 40, "Size at which old metrics go.", "GiB", 1, 16_384
        ),
        integer("memory_gib", "Memory", 4, "Memory of each Prometheus.", "GiB", 1, 512),
        text("storage_class", "Storage class", "gp3", "StorageClass of the disks."),
        text(
            "remote_write_url",
            "Remote write",
            None,
            "Address of an Amazon Managed Service for Prometheus workspace.",
        ),
        REGION,
        flag("alertmanager", "Alertmanager", True, "Whether Alertmanager is installed."),
        flag("grafana", "Grafana", True, "Whether Grafana is installed."),
        text(
            "grafana_secret",
            "Grafana secret",
            "grafana-admin",
            "Secret with Grafana's admin name and password.",
        ),
        flag("kube_proxy", "kube-proxy", False, "Scrape kube-proxy, whose address has to be opened for it."),
    ),
    render=render,
    lesson="observability.metrics",
    original=Original(
        "Chapter 9, helm install kube-prometheus-stack",
        (
            (
                "etcd, scheduler, controller manager and kube-proxy are switched off: they cannot be reached on EKS and"
                " alert for ever."
            ),
            "The version is fixed, the namespace named, and the repository updated first.",
            "Metrics are kept on a disk; the guide's installation loses them with the pod.",
            "ServiceMonitors and rules of other releases count.",
        ),
    ),
)
