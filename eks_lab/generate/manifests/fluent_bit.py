"""Container logs to CloudWatch: a DaemonSet on nodes, or the built-in router of Fargate.

Source: Fluent Bit manual, tail, kubernetes and cloudwatch_logs; EKS user guide, Fargate logging (widely known, not read again for this).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, REGION, choice, flag, integer, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Values CloudWatch Logs takes (PutRetentionPolicy)."""

_NODES = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: fluent-bit #? Give it a role with Pod Identity: otherwise it tries the node's role and gets AccessDenied.
  namespace: {{ namespace|q }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: fluent-bit
rules:
  - apiGroups: [""]
    resources: [namespaces, pods]
    verbs: [get, list, watch] #? To add names and labels of pods to each line.
{% if use_kubelet %}
  - apiGroups: [""]
    resources: [nodes, nodes/proxy]
    verbs: [get] #? To ask the kubelet of the own node instead of the API server.
{% endif %}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: fluent-bit
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: fluent-bit
subjects:
  - kind: ServiceAccount
    name: fluent-bit
    namespace: {{ namespace|q }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: fluent-bit
  namespace: {{ namespace|q }}
data:
  fluent-bit.yaml: |
    service:
      flush: {{ flush_seconds }}
      log_level: info
      http_server: on
      http_port: 2020
      storage.path: /var/fluent-bit/state/buffer
      storage.backlog.mem_limit: 5M
    pipeline:
      inputs:
        - name: tail
          tag: kube.*
          path: /var/log/containers/*.log
{% if excluded_paths %}
          exclude_path: {{ excluded_paths }}
          #? Not its own lines, which would breed, and not what you left out.
{% endif %}
          multiline.parser: cri
          #? Puts lines together again that containerd split at 16 KB.
          db: /var/fluent-bit/state/tail.db
          #? Remembers how far it read: a restart neither repeats nor skips.
          mem_buf_limit: {{ buffer_mib }}M
          storage.type: filesystem
          #? What cannot be sent waits on the disk, not in memory alone.
          skip_long_lines: on
          refresh_interval: 10
          read_from_head: {{ "on" if read_from_head else "off" }}
      filters:
        - name: kubernetes
          match: kube.*
          merge_log: on
          #? A line of JSON becomes fields that can be searched.
          keep_log: off
          labels: on
          annotations: off
{% if use_kubelet %}
          use_kubelet: on
          kubelet_port: 10250
          #? In large clusters asking the API server for every pod would load it.
{% endif %}
          buffer_size: 0
      outputs:
        - name: cloudwatch_logs
          match: kube.*
          region: {{ region }}
          log_group_name: {{ log_group }}
          log_stream_prefix: ${NODE_NAME}-
          auto_create_group: {{ "on" if create_group else "off" }}
{% if create_group %}
          log_retention_days: {{ retention_days }}
          #? Without it CloudWatch keeps everything for ever.
{% endif %}
          retry_limit: 5
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: fluent-bit
  namespace: {{ namespace|q }}
spec:
  selector:
    matchLabels:
      app: fluent-bit
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 10%
  template:
    metadata:
      labels:
        app: fluent-bit
    spec:
      serviceAccountName: fluent-bit
      priorityClassName: system-node-critical #? It is not the first to go when a node is full.
      tolerations:
        - operator: Exists #? On every node, tainted ones as well: their logs matter too.
      terminationGracePeriodSeconds: 30
{% if use_kubelet %}
      hostNetwork: true #? The kubelet listens on the node's address.
      dnsPolicy: ClusterFirstWithHostNet
{% endif %}
      containers:
        - name: fluent-bit
          image: {{ image|q }}
          command: [/fluent-bit/bin/fluent-bit]
          args: [-c, /fluent-bit/configuration/fluent-bit.yaml]
          env:
            - name: NODE_NAME
              valueFrom:
                fieldRef:
                  fieldPath: spec.nodeName
          readinessProbe:
            httpGet:
              path: /
              port: 2020
          resources:
            requests:
              cpu: 50m
              memory: {{ memory_mib }}Mi
            limits:
              memory: {{ memory_mib }}Mi
          volumeMounts:
            - name: configuration
              mountPath: /fluent-bit/configuration
              readOnly: true
            - name: logs
              mountPath: /var/log
              readOnly: true
            - name: state
              mountPath: /var/fluent-bit/state
      volumes:
        - name: configuration
          configMap:
            name: fluent-bit
        - name: logs
          hostPath: #? Logs of all containers lie on the node: this is why it needs a namespace that allows hostPath.
            path: /var/log
        - name: state
          hostPath:
            path: /var/fluent-bit/state
            type: DirectoryOrCreate
"""
_FARGATE = """
apiVersion: v1
kind: Namespace
metadata:
  name: aws-observability #? This name and no other: Fargate looks here for the configuration.
  labels:
    aws-observability: enabled
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-logging #? This name too. Pods that run already keep the configuration they started with.
  namespace: aws-observability
data:
  flb_log_cw: "false" #? Fluent Bit's own log, for finding mistakes here.
  filters.conf: |
    [FILTER]
        Name parser
        Match *
        Key_name log
        Parser crio
  output.conf: |
    [OUTPUT]
        Name cloudwatch_logs
        Match *
        region {{ region }}
        log_group_name {{ log_group }}
        log_stream_prefix {{ cluster }}-
        auto_create_group {{ "true" if create_group else "false" }}
{% if create_group %}
        log_retention_days {{ retention_days }}
{% endif %}
  parsers.conf: |
    [PARSER]
        Name crio
        Format Regex
        Regex ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>P|F) (?<log>.*)$
        Time_Key time
        Time_Format %Y-%m-%dT%H:%M:%S.%L%z
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the DaemonSet with what it needs, or Fargate's ConfigMap."""
    chosen = Chosen("fluent-bit", choices)
    days = chosen.integer("retention_days")
    if chosen.flag("create_group") and days not in RETENTION_DAYS:
        near = min(RETENTION_DAYS, key=lambda known: abs(known - days))
        raise refuse("retention_days", f"CloudWatch Logs does not take {days}", f"The nearest is {near}.")
    values = {
        "cluster": chosen.text("cluster", identifiers.cluster_name),
        "region": chosen.text("region", identifiers.region),
        "log_group": chosen.text("log_group", identifiers.log_group),
    }
    notes = ["Log lines are paid by the GB that comes in: leave out what nobody reads."]
    if not chosen.flag("create_group"):
        notes.append(f"Make the log group {values['log_group']} with a retention first.")
    if chosen.text("compute") == "fargate":
        notes.append(
            "The pod execution role of the Fargate profile needs the permissions for logs, not a pod's role."
        )
        return chosen.bundle(chosen.file("aws-logging.yaml", _FARGATE, **values), notes=notes)
    own = chosen.text("namespace", identifiers.dns_label)
    excluded = chosen.listed("exclude_namespaces", identifiers.dns_label, most=30)
    paths = ["/var/log/containers/fluent-bit-*"]
    paths += [f"/var/log/containers/*_{name}_*.log" for name in excluded]
    notes += [
        f"The role for {own}/fluent-bit needs logs:CreateLogStream, logs:PutLogEvents and logs:DescribeLogStreams"
        + (", and logs:CreateLogGroup and logs:PutRetentionPolicy." if chosen.flag("create_group") else "."),
        "It mounts folders of the node, which the baseline Pod Security Standard refuses: use a namespace of its own.",
    ]
    if chosen.flag("use_kubelet"):
        notes.append("With hostNetwork it takes a port of each node (2020) and no address of the VPC.")
    file = chosen.file(
        "fluent-bit.yaml",
        _NODES,
        **values,
        namespace=own,
        image=chosen.text("image", identifiers.container_image),
        excluded_paths=", ".join(paths),
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="fluent-bit",
    title="Fluent Bit to CloudWatch Logs",
    summary="Sends container logs to CloudWatch Logs, from nodes or from Fargate.",
    produces="manifest",
    inputs=(
        choice("compute", "Pods run on", ("nodes", "fargate"), "Where the pods run whose logs are sent."),
        namespace("logging"),
        CLUSTER,
        REGION,
        text("log_group", "Log group", "/eks/lab/pods", "CloudWatch log group."),
        flag("create_group", "Create group", True, "Make the log group when it is missing."),
        integer(
            "retention_days",
            "Retention",
            30,
            "Days that logs are kept, in steps CloudWatch takes.",
            "days",
            1,
            3653,
        ),
        text(
            "image",
            "Image",
            "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.16",
            "Image of Fluent Bit.",
        ),
        text(
            "exclude_namespaces",
            "Leave out",
            "kube-system",
            "Namespaces whose logs are not sent, with commas.",
            optional=True,
        ),
        integer("buffer_mib", "Buffer", 50, "Memory for lines that wait, for each input.", "MiB", 1, 1000),
        integer("memory_mib", "Memory", 200, "Memory of each pod.", "MiB", 64, 8192),
        integer("flush_seconds", "Flush", 5, "How often lines are sent.", "s", 1, 300),
        flag(
            "use_kubelet",
            "Ask kubelet",
            False,
            "Ask the node's kubelet for names of pods instead of the API server.",
        ),
        flag("read_from_head", "From the start", False, "Read files from their start the first time."),
    ),
    render=render,
    lesson="observability.logs",
    original=Original(
        "Chapter 9, logs",
        (
            "The guide names Fluent Bit and CloudWatch and shows nothing.",
            "Retention is set: CloudWatch keeps logs for ever otherwise.",
            "On Fargate no DaemonSet runs; the built-in router takes a ConfigMap.",
        ),
    ),
)
