"""A Deployment that survives the loss of a zone, a node and a release, without rights it does not need.

Source: Kubernetes, Pod Topology Spread Constraints and Pod Security Standards; EKS best practices, reliability.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CPU, MEMORY, choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_TEMPLATE = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
{% if replicas is not none %}
  replicas: {{ replicas }}
{% endif %}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0 #? A new pod is Ready before an old one goes: capacity never falls during a release.
  selector:
    matchLabels:
      app: {{ name|q }}
  template:
    metadata:
      labels:
        app: {{ name|q }}
    spec:
{% if service_account %}
      serviceAccountName: {{ service_account|q }}
{% endif %}
      automountServiceAccountToken: false #? A program that does not call the Kubernetes API needs no token for it.
      terminationGracePeriodSeconds: {{ grace_seconds }} #? Longer than the pause below and the longest request together.
      topologySpreadConstraints:
        - maxSkew: {{ max_skew }}
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: {{ zone_rule }}
{% if zone_rule == "DoNotSchedule" %}
          #? Zones never differ by more: a pod waits instead, also while a whole zone is down.
{% else %}
          #? Even where possible; when a zone is down, pods run in the others.
{% endif %}
          labelSelector:
            matchLabels:
              app: {{ name|q }}
          matchLabelKeys: [pod-template-hash] #? Each release is spread by itself; old pods do not distort the count.
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway #? One node should not carry them all, but better one node than none.
          labelSelector:
            matchLabels:
              app: {{ name|q }}
          matchLabelKeys: [pod-template-hash]
{% if restricted %}
      securityContext:
        runAsNonRoot: true #? Kubelet refuses to start the container as root.
        runAsUser: {{ user_id }}
        seccompProfile:
          type: RuntimeDefault
{% endif %}
      containers:
        - name: main
          image: {{ image|q }}
          ports:
            - name: http
              containerPort: {{ port }}
          readinessProbe: #? Decides whether traffic comes; a failing pod is left alone otherwise.
            httpGet:
              path: {{ ready_path|q }}
              port: http
            periodSeconds: 5
          lifecycle:
            preStop:
              sleep:
                seconds: {{ pre_stop_seconds }}
                #? Load balancers need this time to notice that the pod goes; without it requests are lost.
{% if restricted %}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true #? What was deployed is what runs.
            capabilities:
              drop: [ALL]
{% endif %}
          resources:
            requests: #? What the scheduler counts, and what the HPA's per cent refer to.
              cpu: {{ cpu_millicores }}m
              memory: {{ memory_mib }}Mi
            limits:
              memory: {{ memory_mib }}Mi #? As requested. None for CPU: it would slow the program down beside idle cores.
{% if restricted %}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 256Mi #? The only place to write; memory of the node's disk, gone with the pod.
{% endif %}
{% if service %}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  selector:
    app: {{ name|q }}
  trafficDistribution: PreferClose #? Callers stay in their zone while pods are there: faster, and no transfer is paid.
  ports:
    - name: http
      port: 80
      targetPort: http
{% endif %}
{% if budget %}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow #? A broken release never blocks a node upgrade.
  selector:
    matchLabels:
      app: {{ name|q }}
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return Deployment, Service and budget."""
    chosen = Chosen("spread-deployment", choices)
    name = identifiers.service_name("name", chosen.text("name"))
    replicas = chosen.integer("replicas") if chosen.is_set("replicas") else None
    grace, pause = chosen.integer("grace_seconds"), chosen.integer("pre_stop_seconds")
    if pause >= grace:
        raise refuse(
            "pre_stop_seconds",
            f"the pause of {pause} s uses up the whole grace period of {grace} s",
            "Leave time to stop.",
        )
    if chosen.flag("restricted") and chosen.integer("user_id") == 0:
        raise refuse("user_id", "0 is root, which the restricted standard refuses", "For example 10001.")
    notes = []
    if replicas == 1:
        notes.append("One replica cannot be spread, and is away during every drain.")
    if replicas is not None and chosen.text("zone_rule") == "DoNotSchedule" and replicas < 3:
        notes.append("Fewer replicas than zones: losing a zone may still take all that matters.")
    if replicas is None:
        notes.append("Without replicas an autoscaler decides; a new Deployment starts with one pod.")
    if chosen.flag("restricted"):
        notes.append("The image has to run without root and to write to /tmp only.")
    file = chosen.file(
        "deployment.yaml",
        _TEMPLATE,
        name=name,
        namespace=chosen.text("namespace", identifiers.dns_label),
        image=chosen.text("image", identifiers.container_image),
        service_account=chosen.text("service_account", identifiers.dns_subdomain),
        ready_path=chosen.text("ready_path", identifiers.url_path),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="spread-deployment",
    title="Deployment spread over zones",
    summary="A Deployment that survives losing a zone or a node, with Service and disruption budget.",
    produces="manifest",
    inputs=(
        name_of("Deployment, Service and budget", "payments-api"),
        namespace(),
        text(
            "image",
            "Image",
            "public.ecr.aws/nginx/nginx-unprivileged:1.27",
            "Container image with a tag or a digest.",
        ),
        integer(
            "replicas",
            "Replicas",
            3,
            "How many pods; empty when an autoscaler decides.",
            "pods",
            1,
            5000,
            optional=True,
        ),
        integer("port", "Port", 8080, "Port of the container.", "port", 1, 65535),
        text("ready_path", "Ready path", "/", "Path that answers when the pod can take traffic."),
        CPU,
        MEMORY,
        choice(
            "zone_rule", "Zone rule", ("ScheduleAnyway", "DoNotSchedule"), "Whether an even spread is a must."
        ),
        integer("max_skew", "Skew", 1, "How much zones may differ.", "pods", 1, 10),
        flag("restricted", "Restricted", True, "Meet the restricted Pod Security Standard."),
        integer("user_id", "User id", 10001, "User the container runs as.", "uid", 0, 4_294_967_294),
        text(
            "service_account", "Service account", None, "ServiceAccount; empty for the namespace's default."
        ),
        integer(
            "pre_stop_seconds", "Pause before stop", 10, "Time for load balancers to let go.", "s", 1, 600
        ),
        integer(
            "grace_seconds", "Grace period", 45, "Time to stop before the process is killed.", "s", 2, 3600
        ),
        flag("service", "Service", True, "Add a Service."),
        flag("budget", "Budget", True, "Add a PodDisruptionBudget."),
    ),
    render=render,
    lesson="practices.reliability-and-cost",
)
