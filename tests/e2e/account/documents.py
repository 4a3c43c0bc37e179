"""What the learner of the story writes into files: policies, manifests, user data."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

ACCOUNT = "123456789012"


def trust(principal: dict[str, str], *actions: str, condition: dict[str, Any] | None = None) -> str:
    """Return a trust policy."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def service_trust(service: str) -> str:
    """Return the trust policy of a role for an AWS service."""
    actions = ("sts:AssumeRole", "sts:TagSession") if service.startswith("pods.") else ("sts:AssumeRole",)
    return trust({"Service": service}, *actions)


def web_identity_trust(issuer: str, namespace: str, account: str) -> str:
    """Return the trust policy of a role for one service account (IRSA)."""
    provider = issuer.removeprefix("https://")
    return trust(
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"},
        "sts:AssumeRoleWithWebIdentity",
        condition={
            "StringEquals": {
                f"{provider}:aud": "sts.amazonaws.com",
                f"{provider}:sub": f"system:serviceaccount:{namespace}:{account}",
            }
        },
    )


def reads_bucket(bucket: str) -> str:
    """Return a permission policy: list and read one bucket."""
    statement = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def node_config(max_pods: int) -> str:
    """Return user data for a managed node group's launch template, in base64: more pods than the formula gives."""
    text = f"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="BOUNDARY"

--BOUNDARY
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      maxPods: {max_pods}

--BOUNDARY--
"""
    return base64.b64encode(text.encode()).decode()


WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: nginx, ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: shell, labels: {app: shell}}
spec:
  containers:
  - {name: shell, image: nicolaka/netshoot, command: [sleep, infinity]}
"""


def readers(role_arn: str) -> str:
    """Return three pods that read a bucket: by IRSA, by Pod Identity, and one that has no role of its own."""
    accounts = [
        f"""
apiVersion: v1
kind: ServiceAccount
metadata:
  name: irsa
  annotations: {{eks.amazonaws.com/role-arn: {role_arn}}}
""",
        "\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: identity}\n",
        "\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: nobody}\n",
    ]
    pods = [
        f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: reader}}}}
spec:
  serviceAccountName: {name}
  containers:
  - {{name: aws, image: amazon/aws-cli, command: [sleep, infinity]}}
"""
        for name in ("irsa", "identity", "nobody")
    ]
    return "---".join(accounts + pods)


CLAIM = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gp3}
provisioner: ebs.csi.aws.com
parameters: {type: gp3}
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: gp3
  resources: {requests: {storage: 8Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: database, labels: {app: database}}
spec:
  containers:
  - name: shell
    image: busybox
    command: [sleep, infinity]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"""

MANY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: 20
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      nodeSelector: {eks.amazonaws.com/nodegroup: small}
      terminationGracePeriodSeconds: 1
      containers:
      - {name: pause, image: registry.k8s.io/pause:3.10}
"""


def eni_configs(subnets: dict[str, str], groups: Sequence[str]) -> str:
    """Return an ENIConfig for each zone.

    Args:
        subnets: zone -> subnet of the pods.
        groups: security groups of their interfaces.
    """
    return "---".join(
        f"""
apiVersion: crd.k8s.amazonaws.com/v1alpha1
kind: ENIConfig
metadata: {{name: {zone}}}
spec: {{subnet: {subnet}, securityGroups: {json.dumps(list(groups))}}}
"""
        for zone, subnet in subnets.items()
    )
