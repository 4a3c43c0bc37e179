"""A collector that takes OTLP and passes traces to X-Ray and metrics to Prometheus.

Source: OpenTelemetry operator, v1beta1; ADOT collector v0.49 components; X-Ray SDK timeline (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import REGION, choice, flag, integer, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ service_account|q }} #? Give it a role with Pod Identity: writing traces and metrics are calls to AWS.
  namespace: {{ namespace|q }}
---
apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }}
spec:
  mode: {{ mode }}
{% if mode == "deployment" %}
  replicas: {{ replicas }} #? Behind one Service; enough to lose one.
{% else %}
  #? One on every node: programs send to their own node, and the load is shared by itself.
{% endif %}
  serviceAccount: {{ service_account|q }}
  image: {{ image|q }} #? The distribution of AWS has the exporters that are used below.
  resources:
    requests:
      cpu: 200m
      memory: {{ memory_mib }}Mi
    limits:
      memory: {{ memory_mib }}Mi
  config:
    receivers:
      otlp: #? What every SDK of OpenTelemetry speaks.
        protocols:
          grpc:
            endpoint: 0.0.0.0:4317
          http:
            endpoint: 0.0.0.0:4318
    processors:
      memory_limiter: #? First in every pipeline: refuses data before the kernel kills the collector.
        check_interval: 1s
        limit_percentage: 80
        spike_limit_percentage: 20
{% if sampled %}
      probabilistic_sampler:
        sampling_percentage: {{ sampling_percent }} #? Of traces, by their id: all spans of one are kept or none.
{% endif %}
      batch: #? Fewer and larger requests to AWS.
        timeout: 5s
    exporters:
{% if traces %}
      awsxray:
        region: {{ region|q }} #? The service lives on; its own SDKs and daemon are in maintenance since February 2026.
{% endif %}
{% if remote_write_url %}
      prometheusremotewrite:
        endpoint: {{ remote_write_url|q }}
        auth:
          authenticator: sigv4auth
{% endif %}
{% if debug %}
      debug:
        verbosity: basic
{% endif %}
{% if remote_write_url %}
    extensions:
      sigv4auth:
        region: {{ region|q }}
        service: aps #? Requests are signed for Amazon Managed Service for Prometheus.
{% endif %}
    service:
{% if remote_write_url %}
      extensions: [sigv4auth]
{% endif %}
      pipelines: #? What is not in a pipeline is configured and does nothing.
{% if traces %}
        traces:
          receivers: [otlp]
          processors: [memory_limiter{{ ", probabilistic_sampler" if sampled }}, batch]
          exporters: [awsxray{{ ", debug" if debug }}]
{% endif %}
{% if remote_write_url %}
        metrics:
          receivers: [otlp]
          processors: [memory_limiter, batch]
          exporters: [prometheusremotewrite{{ ", debug" if debug }}]
{% endif %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return service account and collector."""
    chosen = Chosen("opentelemetry-collector", choices)
    remote = chosen.text(
        "remote_write_url",
        identifiers.matching(
            r"https://[\w.-]+/[\w./-]*api/v1/remote_write",
            "a remote write address",
            "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write",
        ),
    )
    traces = chosen.flag("traces")
    if not traces and not remote:
        raise refuse(
            "traces", "without traces and without remote-write-url it has nothing to do", "Choose one."
        )
    percent = chosen.number("sampling_percent")
    sampled = traces and percent < 100
    if traces and percent == 0:
        raise refuse("sampling_percent", "0 keeps no trace at all", "Set traces=no, or keep some.")
    if sampled and chosen.text("mode") == "daemonset" and percent < 1:
        notes = ["With so few traces kept, errors are rarely among them: sample in the SDK or at the tail."]
    else:
        notes = []
    notes += [
        "The OpenTelemetry operator has to be installed (the ADOT add-on brings it); it needs cert-manager.",
        "The role needs xray:PutTraceSegments" + (" and aps:RemoteWrite." if remote else "."),
        f"Programs send to http://{chosen.text('name', identifiers.dns_label)}-collector.{chosen.text('namespace')}:4318.",
    ]
    if chosen.text("mode") == "deployment" and chosen.integer("replicas") == 1:
        notes.append("One replica: spans are lost while it moves.")
    file = chosen.file(
        "collector.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_label),
        namespace=chosen.text("namespace", identifiers.dns_label),
        service_account=chosen.text("service_account", identifiers.dns_subdomain),
        image=chosen.text("image", identifiers.container_image),
        region=chosen.text("region", identifiers.region),
        remote_write_url=remote,
        sampled=sampled,
        sampling_percent=f"{percent:.10g}",
    )
    return chosen.bundle(file, notes=notes)


_SAMPLING = integer("sampling_percent", "Sampling", 100, "Share of traces that is kept.", "%", 0, 100)

GENERATOR = Generator(
    name="opentelemetry-collector",
    title="OpenTelemetry collector",
    summary="Takes OTLP from programs and passes traces to X-Ray and metrics to managed Prometheus.",
    produces="manifest",
    inputs=(
        name_of("the collector", "traces"),
        namespace("tracing"),
        text("service_account", "Service account", "collector", "ServiceAccount of the collector."),
        choice("mode", "Mode", ("deployment", "daemonset"), "A few behind a Service, or one on every node."),
        integer("replicas", "Replicas", 2, "Pods of mode deployment.", "pods", 1, 100),
        text(
            "image",
            "Image",
            "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0",
            "Collector with the exporters of AWS.",
        ),
        integer("memory_mib", "Memory", 800, "Memory of each collector.", "MiB", 64, 65_536),
        REGION,
        flag("traces", "Traces", True, "Pass traces to X-Ray."),
        _SAMPLING,
        text(
            "remote_write_url",
            "Remote write",
            None,
            "Address of a managed Prometheus workspace, for metrics.",
        ),
        flag("debug", "Debug", False, "Also count what passes in the collector's log."),
    ),
    render=render,
    lesson="observability.traces",
    original=Original(
        "Chapter 9, tracing",
        (
            "The guide names OpenTelemetry, X-Ray and Jaeger and shows nothing.",
            "X-Ray's SDKs and daemon are in maintenance: programs send OTLP, and the collector talks to X-Ray.",
        ),
    ),
)
