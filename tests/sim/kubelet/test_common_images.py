"""Images that learners start: shells that end, tools, servers that say who they are, the AWS command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from eks_lab.sim.behaviours.commands import COMMANDS
from eks_lab.sim.objects import Obj
from tests.sim.kubelet.small_node import SmallNode


@pytest.mark.parametrize(
    "image", ["alpine", "ubuntu:24.04", "public.ecr.aws/amazonlinux/amazonlinux:2023", "python:3.13"]
)
def test_without_a_command_a_shell_ends_at_once(image: str) -> None:
    node = SmallNode()
    node.pod(image=image)
    node.advance(30)
    container = node.container()
    assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert container["lastState"]["terminated"]["reason"] == "Completed"


@pytest.mark.parametrize(
    "image", ["busybox", "nginx", "redis", "registry.k8s.io/e2e-test-images/agnhost:2.53"]
)
def test_others_go_on(image: str) -> None:
    node = SmallNode()
    node.pod(image=image)
    node.advance(30)
    assert node.container()["state"].get("running")


def test_packages_are_there_after_their_installation() -> None:
    node = SmallNode()
    script = "apk add --no-cache jq && echo ready && sleep 3600"
    node.pod(image="alpine", container={"command": ["sh", "-c", script]})
    node.advance(30)
    assert node.logs() == [
        "(1/1) Installing jq",
        "OK: 10 MiB in 16 packages",
        "ready",
    ]


def test_curl_takes_arguments_of_its_own() -> None:
    node = SmallNode()
    node.pod("web", metadata={"labels": {"app": "web"}})
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    node.api.create("services", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
    node.advance(10)
    args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://web/"]
    node.pod("ask", "curlimages/curl:8.16.0", container={"args": args}, restartPolicy="Never")
    node.pod("shell", "curlimages/curl", container={"args": ["id"]}, restartPolicy="Never")
    node.advance(10)
    assert node.logs("ask") == ["200"]
    assert node.logs("shell") == ["uid=100 gid=0(root)"]


def test_netexec_says_who_it_is() -> None:
    node = SmallNode()
    node.pod(
        "who", "registry.k8s.io/e2e-test-images/agnhost:2.53", container={"command": ["/agnhost", "netexec"]}
    )
    node.advance(10)
    assert node.kubelet.answer(node.read("who"), 8080, "/hostname").body == "who"
    assert node.kubelet.answer(node.read("who"), 9999, "/").error == "refused"


def test_an_interpreter_says_that_it_idles() -> None:
    node = SmallNode()
    node.pod(image="python:3.13", container={"command": ["python", "app.py"]})
    node.advance(30)
    assert node.container()["state"].get("running")
    assert node.said("Simulated") == [
        "the sandbox does not run programs of docker.io/library/python:3.13: it idles"
    ]
    node.pod("http", "python:3.13", container={"command": ["python", "-m", "http.server", "8000"]})
    node.advance(30)
    assert node.kubelet.answer(node.read("http"), 8000, "/").status == 200


def test_aws_finds_no_credentials_without_an_account() -> None:
    node = SmallNode()
    node.pod("aws", "amazon/aws-cli", container={"args": ["s3", "ls"]}, restartPolicy="Never")
    node.advance(20)
    assert node.logs("aws") == [
        "",
        'Unable to locate credentials. You can configure credentials by running "aws configure".',
    ]
    assert node.container("aws")["state"]["terminated"]["exitCode"] == 253


def test_an_account_answers_aws_with_pod_environment_and_files() -> None:
    node = SmallNode()
    asked: list[tuple[str, list[str], str, str | None]] = []

    def aws(
        pod: Obj, arguments: Sequence[str], environment: Mapping[str, str], read: Callable[[str], str | None]
    ) -> tuple[int, str, str]:
        asked.append(
            (pod["metadata"]["name"], list(arguments), environment["AWS_ROLE_ARN"], read("/etc/hostname"))
        )
        return 0, f"answer {len(asked)}\n", ""

    node.kubelet.around.aws = aws
    env = [{"name": "AWS_ROLE_ARN", "value": "arn:aws:iam::111122223333:role/r"}]
    node.pod("caller", "example.com/aws-caller:1", container={"env": env})
    node.advance(75)
    # Asked again in every round: what AWS answers may change with a role or a policy.
    assert node.logs("caller") == ["answer 1", "answer 2", "answer 3"]
    assert asked[0] == (
        "caller",
        ["sts", "get-caller-identity"],
        "arn:aws:iam::111122223333:role/r",
        "caller\n",
    )
    answer = node.containers.exec(node.read("caller"), "", ["aws", "s3", "ls"])
    assert answer == ("answer 4\n", "", 0)


def test_the_commands_of_the_issue_are_there() -> None:
    assert {"sleep", "wget", "nslookup", "env", "cat", "ls", "dig", "dd", "df", "aws", "curl"} <= set(
        COMMANDS
    )


def test_a_post_start_hook_runs_inside_and_its_failure_ends_the_container() -> None:
    node = SmallNode()
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "echo hi > /tmp/hook"]}}}
    node.pod("good", container={"lifecycle": hook})
    broken = {"postStart": {"exec": {"command": ["sh", "-c", "exit 3"]}}}
    node.pod("broken", container={"lifecycle": broken})
    node.advance(20)
    assert node.containers.exec(node.read("good"), "", ["cat", "/tmp/hook"])[0] == "hi\n"
    assert node.said("FailedPostStartHook", "broken")[0] == "PostStartHook failed"
    assert node.container("broken")["restartCount"] > 0
