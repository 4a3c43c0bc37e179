"""The docker backend on a machine that is only described: every step, every failure, every interrupt."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import yaml

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.sandbox.backends.commands import Outcome
from eks_lab.sandbox.backends.docker.backend import Docker, Ports
from eks_lab.sandbox.backends.docker.kind import images
from eks_lab.sandbox.backends.docker.localstack import IMAGE
from eks_lab.sandbox.backends.docker.place import DockerPlace, infra
from eks_lab.sandbox.backends.interface import Cancel, Step, StoppedError, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.conftest import FakeGateway, surroundings
from tests.sandbox.backends.fake_machine import DOWN, FakeLocalStack, FakeMachine

pytestmark = pytest.mark.usefixtures("gateway")


def up(docker: Docker, **wishes: object) -> list[Step]:
    steps: list[Step] = []
    docker.up(Wishes(**wishes), steps.append, Cancel())  # type: ignore[arg-type]
    return steps


def test_up_makes_a_cluster_with_three_zones_and_localstack(
    docker: Docker, machine: FakeMachine, directory: StateDirectory, gateway: FakeGateway
) -> None:
    steps = up(docker)
    assert [(each.id, each.state) for each in steps if each.state != "going"] == [
        (id, state)
        for id in ("pull-node", "pull-localstack", "cluster", "ready", "localstack", "gateway", "seed")
        for state in ("begun", "done")
    ]
    place = DockerPlace(directory)
    name = place.name
    assert sorted(machine.containers) == [
        f"{name}-control-plane",
        f"{name}-localstack-1",
        f"{name}-worker",
        f"{name}-worker2",
        f"{name}-worker3",
    ]
    config = yaml.safe_load(place.kind_config.read_text())
    zones = [each["labels"]["topology.kubernetes.io/zone"] for each in config["nodes"][1:]]
    assert zones == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert config["networking"]["apiServerAddress"] == "127.0.0.1"
    assert gateway.wishes is not None
    assert gateway.wishes["registered"] == {"server": "https://127.0.0.1:40123", "authority": "Q0E="}


def test_status_says_what_runs_and_what_it_can_do(docker: Docker) -> None:
    assert not docker.status().running
    up(docker)
    status = docker.status()
    assert status.running
    assert {"cluster", "account", "eks-api", "writable"} <= status.capabilities
    assert not {"simulated-time", "snapshots", "node-groups", "faults"} & status.capabilities
    assert dict(status.rows)["nodes"].startswith("3 of 3 ready")
    assert status.as_json()["backend"] == "docker"
    json.dumps(status.as_json())


def test_up_again_finds_that_it_runs(docker: Docker, machine: FakeMachine) -> None:
    up(docker)
    machine.asked.clear()
    status = docker.up(Wishes(), tell_nobody, Cancel())
    assert not status.was_started
    assert not [each for each in machine.asked if each.startswith(("kind create", "docker pull"))]


def test_down_keeps_the_cluster_and_up_goes_on_with_it(docker: Docker, machine: FakeMachine) -> None:
    up(docker)
    there = machine.things
    leftovers = docker.down(purge=False, tell=tell_nobody)
    assert leftovers.was_running
    assert leftovers.is_clean
    assert "4 containers, stopped" in leftovers.kept[0]
    assert {state for _, _, state in machine.containers.values()} == {"exited"}
    machine.asked.clear()
    steps = up(docker)
    assert machine.things == there
    assert "start-nodes" in {each.id for each in steps}
    assert not [each for each in machine.asked if each.startswith("kind create")]
    assert {state for _, _, state in machine.containers.values()} == {"running"}


def test_purge_leaves_nothing_of_ours_and_everything_of_others(
    docker: Docker, machine: FakeMachine, directory: StateDirectory
) -> None:
    name = DockerPlace(directory).name
    machine.containers["kind-control-plane"] = ("io.x-k8s.kind.cluster", "kind", "running")
    machine.containers["shop-db-1"] = ("com.docker.compose.project", "shop", "running")
    machine.networks |= {"kind", f"my-{name}"}
    machine.volumes |= {"shop_data", f"{name}_state"}
    others = sorted({*machine.things} - {f"{name}_state"})
    up(docker)
    leftovers = docker.down(purge=True, tell=tell_nobody)
    assert leftovers.is_clean
    assert leftovers.looked_at
    assert machine.things == others
    assert not (directory.root / "docker").exists()


def test_purge_lists_what_it_could_not_remove(
    docker: Docker, machine: FakeMachine, directory: StateDirectory
) -> None:
    up(docker)
    name = DockerPlace(directory).name
    machine.failures["kind delete"] = Outcome(0)
    machine.failures["docker rm"] = Outcome(0)
    leftovers = docker.down(purge=True, tell=tell_nobody)
    assert not leftovers.is_clean
    assert f"container {name}-control-plane" in leftovers.left


def test_purge_without_kind_or_compose_still_removes_the_containers(
    docker: Docker, machine: FakeMachine
) -> None:
    up(docker)
    machine.programs = ("docker", "kubectl")
    machine.failures["docker compose"] = Outcome(1, "", "docker: unknown command: docker compose\n")
    assert docker.down(purge=True, tell=tell_nobody).is_clean
    assert machine.things == []


def test_every_interrupt_leaves_nothing_after_purge(
    directory: StateDirectory, localstack: FakeLocalStack, gateway: FakeGateway
) -> None:
    """Ctrl-C during the first command of `up`, during the second, … until one comes through."""
    ended = []
    for number in itertools.count():
        machine = FakeMachine(localstack=localstack, interrupt_at=number)
        docker = Docker(directory, machine, surroundings(), Ports(localstack.port, 0))
        cancel = Cancel()
        machine.on_interrupt = cancel.cancel
        try:
            docker.up(Wishes(), tell_nobody, cancel)
        except StoppedError:
            ended.append(machine.asked[-1].split(" --")[0])
        else:
            break
        machine.interrupt_at = None
        leftovers = docker.down(purge=True, tell=tell_nobody)
        assert leftovers.is_clean, machine.asked
        assert machine.things == []
        assert not (directory.root / "docker").exists()
    assert {"kind create cluster", f"docker pull {IMAGE}"} <= set(ended)
    assert len(ended) > 8


def test_up_after_an_interrupt_makes_the_half_made_cluster_anew(docker: Docker, machine: FakeMachine) -> None:
    cancel = Cancel()
    # The order is known from the first test: image, pull, image, pull, nodes, create.
    for number in itertools.count():
        machine.interrupt_at = number
        machine.on_interrupt = cancel.cancel
        machine.asked.clear()
        try:
            docker.up(Wishes(), tell_nobody, cancel)
        except StoppedError:
            if machine.asked[-1].startswith("kind create"):
                break
        cancel = Cancel()
    assert len(machine.containers) == 2
    machine.interrupt_at = None
    steps = up(docker)
    assert "clean" in {each.id for each in steps}
    assert docker.status().running


def test_up_after_a_crash_before_the_record_was_written_begins_anew(
    docker: Docker, machine: FakeMachine, directory: StateDirectory
) -> None:
    up(docker)
    DockerPlace(directory).record.unlink()
    assert "clean" in {each.id for each in up(docker)}


def test_up_after_a_crash_of_the_gateway_re_uses_the_containers(
    docker: Docker, machine: FakeMachine, gateway: FakeGateway
) -> None:
    up(docker)
    gateway.wishes = None
    assert not docker.status().running
    machine.asked.clear()
    up(docker)
    assert docker.status().running
    assert not [each for each in machine.asked if each.startswith("kind create")]


def test_another_version_than_the_kept_cluster_has_is_refused(docker: Docker) -> None:
    up(docker)
    with pytest.raises(UnavailableError, match=r"1\.36 with 3 nodes is kept") as refused:
        up(docker, version="1.34")
    assert "--purge" in refused.value.hint


FAILURES = [
    ("docker pull kindest", DOWN, "does not run", "systemctl start docker"),
    (
        "docker pull kindest",
        "Error response from daemon: manifest for kindest/node:v1.36.4 not found: manifest unknown\n",
        "no such image",
        "architecture",
    ),
    (
        "docker pull localstack",
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host\n',
        "registry cannot be reached",
        "network",
    ),
    (
        "docker pull localstack",
        "toomanyrequests: You have reached your unauthenticated pull rate limit.\n",
        "refuses further pulls",
        "docker login",
    ),
    (
        "docker pull kindest",
        "failed to register layer: write /usr/bin/kubelet: no space left on device\n",
        "disk is full",
        "docker system df",
    ),
    (
        "kind create",
        'ERROR: failed to create cluster: command "docker run …" failed with error: exit status 125\n'
        + "docker: Error response from daemon: driver failed programming external connectivity: "
        "Bind for 127.0.0.1:6443 failed: port is already allocated.\n",
        "port is taken",
        "--port",
    ),
    (
        "kind create",
        'ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*"\n',
        "cannot start under this engine",
        "rootless",
    ),
    (
        "docker compose --project-name",
        "Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:4567: address already in use\n",
        "port is taken",
        "--aws-port",
    ),
    ("docker compose --project-name", "something new\n", "something new", "--purge"),
]


@pytest.mark.parametrize(("command", "said", "message", "hint"), FAILURES)
def test_failures_are_explained_and_leave_nothing_after_purge(
    docker: Docker, machine: FakeMachine, command: str, said: str, message: str, hint: str
) -> None:
    machine.failures[command] = Outcome(1, "", said)
    steps: list[Step] = []
    with pytest.raises(UnavailableError, match=message) as refused:
        docker.up(Wishes(), steps.append, Cancel())
    assert hint in refused.value.hint
    assert steps[-1].state == "failed"
    machine.failures.clear()
    assert docker.down(purge=True, tell=tell_nobody).is_clean
    assert machine.things == []


def test_a_node_that_does_not_get_ready_is_named_with_its_reason(
    docker: Docker, machine: FakeMachine
) -> None:
    why = "container runtime network not ready: NetworkReady=false"
    machine.objects["nodes"] = [
        {
            "metadata": {"name": "node-a", "labels": {}},
            "spec": {},
            "status": {"conditions": [{"type": "Ready", "status": "False", "message": why}]},
        }
    ]
    said = "error: timed out waiting for the condition on nodes/node-a\n"
    machine.failures["kubectl --kubeconfig"] = Outcome(1, "", said)
    with pytest.raises(UnavailableError, match="timed out waiting"):
        up(docker)
    machine.failures = {f"kubectl --kubeconfig {_kubeconfig(docker)} wait": Outcome(1, "", said)}
    with pytest.raises(UnavailableError, match="node-a: container runtime network not ready"):
        up(docker)


def _kubeconfig(docker: Docker) -> Path:
    return docker._place.kubeconfig


def test_an_api_server_that_does_not_answer_ends_the_wait(docker: Docker, machine: FakeMachine) -> None:
    machine.hangs.add(f"kubectl --kubeconfig {_kubeconfig(docker)} wait")
    with pytest.raises(UnavailableError, match="API server of the cluster does not answer"):
        up(docker)


def test_a_localstack_that_refuses_its_licence_says_so(
    docker: Docker, machine: FakeMachine, localstack: FakeLocalStack, directory: StateDirectory
) -> None:
    name = DockerPlace(directory).name
    machine.localstack = None
    localstack.is_up = False
    said = "Localstack returning with exit code 55. Reason:\nThe license activation failed for the following reason:\n"
    machine.failures[
        f"docker compose --project-name {name} --file {infra('localstack', 'compose.yaml')} logs"
    ] = Outcome(0, said)
    machine.failures[
        f"docker compose --project-name {name} --file {infra('localstack', 'compose.yaml')} up"
    ] = Outcome(0)
    with pytest.raises(UnavailableError, match="refuses its licence token") as refused:
        up(docker)
    assert "unset it" in refused.value.hint


def test_reset_takes_back_what_was_done(docker: Docker, machine: FakeMachine, gateway: FakeGateway) -> None:
    up(docker)
    machine.objects["namespaces"] = ["default", "kube-system", "shop"]
    machine.objects["cluster_scoped"] = ["clusterrole.rbac.authorization.k8s.io/mine"]
    machine.asked.clear()
    docker.reset(Wishes(), tell_nobody, Cancel())
    deleted = [each for each in machine.asked if " delete " in each]
    assert any("namespace/shop" in each and "kube-system" not in each for each in deleted)
    assert any("clusterrole.rbac.authorization.k8s.io/mine" in each for each in deleted)
    assert any("--force-recreate" in each for each in machine.asked)
    assert gateway.resets == 1
    assert not [each for each in machine.asked if each.startswith("kind create")]


def test_reset_makes_the_cluster_anew_when_kube_system_was_changed(
    docker: Docker, machine: FakeMachine
) -> None:
    up(docker)
    machine.objects["system"] = [
        {"kind": "Deployment", "metadata": {"name": "coredns", "generation": 2}},
    ]
    machine.asked.clear()
    status = docker.reset(Wishes(), tell_nobody, Cancel())
    assert status.running
    assert len([each for each in machine.asked if each.startswith("kind create")]) == 1


def test_reset_of_what_does_not_run_says_what_to_do(docker: Docker) -> None:
    with pytest.raises(UnavailableError, match="does not run"):
        docker.reset(Wishes(), tell_nobody, Cancel())


def test_podman_is_used_where_there_is_no_docker(
    directory: StateDirectory, localstack: FakeLocalStack
) -> None:
    machine = FakeMachine(programs=("podman", "kind", "kubectl"), localstack=localstack)
    docker = Docker(directory, machine, surroundings(), Ports(localstack.port, 0))
    status = docker.up(Wishes(), tell_nobody, Cancel())
    assert "podman" in dict(status.rows)["nodes"]
    created = next(n for n, each in enumerate(machine.asked) if each.startswith("kind create"))
    environment = machine.environments[created]
    assert environment is not None
    assert environment["KIND_EXPERIMENTAL_PROVIDER"] == "podman"
    assert not [each for each in machine.asked if each.startswith("docker")]


def test_the_engine_stays_the_one_that_the_containers_were_made_with(
    directory: StateDirectory, localstack: FakeLocalStack
) -> None:
    machine = FakeMachine(programs=("podman", "kind", "kubectl"), localstack=localstack)
    docker = Docker(directory, machine, surroundings(), Ports(localstack.port, 0))
    docker.up(Wishes(), tell_nobody, Cancel())
    machine.programs = ("docker", "podman", "kind", "kubectl")
    machine.asked.clear()
    assert docker.status().running
    assert not [each for each in machine.asked if each.startswith("docker")]
    machine.programs = ("docker", "kind", "kubectl")
    with pytest.raises(UnavailableError, match="made with podman, which is not installed any more"):
        docker.down(purge=True, tell=tell_nobody)
    assert machine.containers


def test_programs_write_nowhere_but_into_our_folder(
    docker: Docker, machine: FakeMachine, directory: StateDirectory
) -> None:
    up(docker)
    docker.down(purge=False, tell=tell_nobody)
    for text, environment in zip(machine.asked, machine.environments, strict=True):
        if text.startswith(("kind create", "kind delete", "kind export")):
            assert f"--kubeconfig {directory.root}" in text
            assert environment is not None
            assert environment["KUBECONFIG"].startswith(str(directory.root))


@pytest.mark.parametrize(("wishes", "message"), [
    ({"version": "1.12"}, "no node image"), ({"nodes": 0}, "between 1 and 9"), ({"nodes": 10}, "between 1 and 9"),
])  # fmt: skip
def test_wishes_that_cannot_be_had(docker: Docker, wishes: dict[str, object], message: str) -> None:
    with pytest.raises(EksLabError, match=message):
        up(docker, **wishes)


def test_a_wished_port_that_is_taken_is_refused_before_anything_is_made(
    directory: StateDirectory, machine: FakeMachine, localstack: FakeLocalStack
) -> None:
    around = surroundings(port_state=lambda port: "taken")
    docker = Docker(directory, machine, around, Ports(localstack.port))
    with pytest.raises(UnavailableError, match="--aws-port: port 4599 is taken"):
        up(docker, aws_port=4599)
    assert machine.things == []


def test_the_door_takes_the_wished_port_or_any(
    docker: Docker,
    directory: StateDirectory,
    machine: FakeMachine,
    localstack: FakeLocalStack,
    gateway: FakeGateway,
) -> None:
    any_port = Docker(directory, machine, surroundings(), Ports(localstack.port))
    up(any_port)
    assert gateway.wishes is not None
    assert "aws_port" not in gateway.wishes
    any_port.down(purge=True, tell=tell_nobody)
    up(any_port, aws_port=4599)
    assert gateway.wishes["aws_port"] == 4599


def test_further_nodes_go_round_the_zones(docker: Docker, directory: StateDirectory) -> None:
    up(docker, nodes=4, version="1.34", port=16443)
    config = yaml.safe_load(DockerPlace(directory).kind_config.read_text())
    zones = [each["labels"]["topology.kubernetes.io/zone"][-1] for each in config["nodes"][1:]]
    assert "".join(zones) == "abca"
    assert {each["image"] for each in config["nodes"]} == {images().of("1.34")}
    assert config["networking"]["apiServerPort"] == 16443


def test_images_are_pinned_by_digest_and_agree_with_the_shipped_files() -> None:
    known = images()
    assert all("@sha256:" in each for each in known.by_version.values())
    by_hand = yaml.safe_load(infra("kind", "cluster.yaml").read_text())
    assert {each["image"] for each in by_hand["nodes"]} == {known.of(None)}
    compose = yaml.safe_load(infra("localstack", "compose.yaml").read_text())
    service = compose["services"]["localstack"]
    assert service["image"] == IMAGE
    assert all(each.startswith("127.0.0.1:") for each in service["ports"])
    assert "volumes" not in service


def test_two_homes_have_two_names(tmp_path: Path) -> None:
    names = {DockerPlace(StateDirectory(tmp_path / each)).name for each in ("a", "b")}
    assert len(names) == 2


def test_down_where_there_was_never_an_engine_is_fine(
    directory: StateDirectory, localstack: FakeLocalStack
) -> None:
    docker = Docker(directory, FakeMachine(programs=()), surroundings(), Ports(localstack.port, 0))
    assert docker.down(purge=True, tell=tell_nobody).is_clean


def test_purge_with_the_engine_down_does_not_claim_that_nothing_is_left(
    docker: Docker, machine: FakeMachine
) -> None:
    up(docker)
    machine.is_engine_up = False
    with pytest.raises(UnavailableError, match="does not run"):
        docker.down(purge=True, tell=tell_nobody)
