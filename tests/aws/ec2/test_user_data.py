"""User data as AL2023 nodes read it."""

from __future__ import annotations

import base64
import gzip
import textwrap

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.aws.ec2 import user_data

NODE_CONFIG = """\
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: lab
    apiServerEndpoint: https://127.0.0.1:6443
    certificateAuthority: Q0E=
    cidr: 172.20.0.0/16
  kubelet:
    config:
      maxPods: 42
    flags:
      - --node-labels=team=red,tier=web
      - --register-with-taints=gpu=yes:NoSchedule
"""


def mime(*parts: tuple[str, str]) -> str:
    lines = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="==B=="', ""]
    for kind, body in parts:
        lines += ["--==B==", f'Content-Type: {kind}; charset="us-ascii"', "", body]
    return "\n".join([*lines, "--==B==--", ""])


def test_a_node_config_in_mime_is_read() -> None:
    found = user_data.read(mime((user_data.NODE_CONFIG_TYPE, NODE_CONFIG)))
    assert found.config is not None
    assert (found.config.cluster, found.config.max_pods) == ("lab", 42)
    assert found.config.labels == {"team": "red", "tier": "web"}
    assert found.config.taints == ({"key": "gpu", "value": "yes", "effect": "NoSchedule"},)
    assert found.config.endpoint == "https://127.0.0.1:6443"


def test_a_node_config_by_itself_is_read() -> None:
    found = user_data.read(NODE_CONFIG)
    assert found.config is not None
    assert found.config.cluster == "lab"


def test_later_documents_win_and_lists_add_up() -> None:
    second = textwrap.dedent(
        """\
        apiVersion: node.eks.aws/v1alpha1
        kind: NodeConfig
        spec:
          kubelet:
            config:
              maxPods: 17
            flags: ["--node-labels=zone=here"]
        """
    )
    found = user_data.read(
        mime((user_data.NODE_CONFIG_TYPE, NODE_CONFIG), (user_data.NODE_CONFIG_TYPE, second))
    )
    assert found.config is not None
    assert (found.config.cluster, found.config.max_pods) == ("lab", 17)
    assert found.config.labels == {"team": "red", "tier": "web", "zone": "here"}


def test_the_script_of_amazon_linux_2_is_seen_with_its_line() -> None:
    script = "#!/bin/bash\nset -ex\n# /etc/eks/bootstrap.sh was here\n/etc/eks/bootstrap.sh lab\n"
    for text in (script, mime(("text/x-shellscript", script))):
        found = user_data.read(text)
        assert (found.config, found.calls_bootstrap, found.bootstrap_line) == (None, True, 4)


def test_what_nodeadm_cannot_read_is_a_problem_in_words() -> None:
    for text, words in (
        (NODE_CONFIG.replace("v1alpha1", "v1").replace("node.eks.aws", "node.eks.aws"), ""),
        (NODE_CONFIG.replace("kind: NodeConfig", "kind: Other"), "no kind NodeConfig"),
        (NODE_CONFIG.replace("maxPods: 42", "maxPods: many"), "field maxPods of type int32"),
        (NODE_CONFIG.replace("NoSchedule", "Never"), "invalid taint effect: Never"),
        (NODE_CONFIG.replace("spec:", "spec: ["), "could not parse NodeConfig"),
    ):
        found = user_data.read(mime((user_data.NODE_CONFIG_TYPE, text)))
        assert found.config is None
        assert words in found.problem
        assert "\n" not in found.problem


def test_base64_and_gzip_are_taken_off() -> None:
    raw = NODE_CONFIG.encode()
    assert user_data.decode(base64.b64encode(raw).decode()) == NODE_CONFIG
    assert user_data.decode(base64.b64encode(gzip.compress(raw)).decode()) == NODE_CONFIG
    assert user_data.decode("not base64!") == "not base64!"


@given(st.text(max_size=200))
def test_nothing_breaks_the_reader(text: str) -> None:
    for each in (text, mime((user_data.NODE_CONFIG_TYPE, text)), f"{user_data.NODE_CONFIG_API}\n{text}"):
        user_data.read(user_data.decode(each))
