"""kind and LocalStack, brought up, looked after and taken away.

The order matters: what is written down comes before what is made, so that `down` after Ctrl-C or a crash finds it,
and the record of a cluster comes after it is complete, so that `up` never goes on with a half-made one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.sandbox import client, environment, launch
from eks_lab.sandbox.backends.commands import ProgramRunner, Runner
from eks_lab.sandbox.backends.docker import preflight, seeding, teardown
from eks_lab.sandbox.backends.docker.engine import Engine, chosen
from eks_lab.sandbox.backends.docker.kind import Kind, configuration, images
from eks_lab.sandbox.backends.docker.localstack import IMAGE, LocalStack, health
from eks_lab.sandbox.backends.docker.place import LOCALSTACK_PORT, DockerPlace
from eks_lab.sandbox.backends.docker.preflight import Surroundings
from eks_lab.sandbox.backends.interface import (
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    Tell,
    Wishes,
    step,
)
from eks_lab.sandbox.backends.programs import program_capabilities
from eks_lab.sandbox.backends.registry import ENTRIES
from eks_lab.sandbox.hosting import AWS_PORT
from eks_lab.sandbox.state_directory import StateDirectory, unwritable, write_private

NAME = "docker"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where it listens on loopback."""

    localstack: int = LOCALSTACK_PORT
    aws: int | None = None
    """Of the door to AWS; None takes the last one, 4566, or any."""


class Docker:
    """The docker backend."""

    name = NAME
    takes = frozenset({"nodes", "version", "port", "aws_port"})
    remembers = frozenset({"nodes", "version", "port", "aws_port"})

    def __init__(
        self,
        directory: StateDirectory,
        runner: Runner,
        around: Surroundings,
        ports: Ports = Ports(),
    ) -> None:
        """Name the place; nothing is started.

        Args:
            directory: of the sandbox.
            runner: runs command lines.
            around: what else is asked of the machine.
            ports: unless wishes say otherwise.
        """
        self._place = DockerPlace(directory)
        self._runner = runner
        self._around = around
        self._ports = ports

    # --- before -----------------------------------------------------------------------------------------------

    def preflight(self) -> tuple[Finding, ...]:
        """Return what is there and what is missing; changes nothing."""
        wanted = {AWS_PORT: preflight.DOOR, self._ports.localstack: "LocalStack"}
        if client.running(self._place.gateway) is not None:
            wanted.pop(AWS_PORT)
        if health(self._ports.localstack) is not None and self._place.root.exists():
            wanted.pop(self._ports.localstack, None)
        return preflight.look(self._runner, self._around, self._place, wanted)

    def plan(self, wishes: Wishes) -> Plan:
        """Return what `up` would make: containers, a network, a process and a folder.

        Raises:
            InputError: the wishes cannot be had.
        """
        count = len(configuration(wishes)["nodes"])
        return Plan(
            (("account", "LocalStack, with EKS of the simulated account"),),
            (
                f"{count} containers of {images().of(wishes.version).partition('@')[0]} (kind {self._place.name})",
                f"a container of {IMAGE}",
                f"the networks {self._place.network} and {self._place.name}_default",
                f"a process on 127.0.0.1:{wishes.aws_port or AWS_PORT}, with files in {self._place.root}",
            ),
        )

    # --- up ---------------------------------------------------------------------------------------------------

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        """Start what is not there; re-use what is whole, make what is half made anew.

        Raises:
            StoppedError: it was cancelled; `down` removes what was made.
            EksLabError: something cannot be had.
        """
        configuration(wishes)
        engine = self._engine()
        self._make_root(engine)
        kind, localstack = self._parts(engine)
        self._refuse_other(kind, wishes)
        was_running = self._is_running(engine)
        self._require_port(wishes)
        self._pull(engine, wishes, tell, cancel)
        self._cluster(engine, kind, wishes, tell, cancel)
        with step(tell, "localstack", "Start LocalStack") as line:
            localstack.start(cancel, line)
            localstack.await_healthy(cancel)
        cancel.check()
        with step(tell, "gateway", "Start the door to AWS"):
            self._gateway(kind, localstack, wishes)
        cancel.check()
        with step(tell, "seed", "Tell LocalStack of the cluster's network and roles"):
            self._seed(localstack)
        return self._status(engine, was_started=not was_running)

    def _require_port(self, wishes: Wishes) -> None:
        """Refuse a port that is taken before minutes go into a cluster.

        Raises:
            UnavailableError: it is.
        """
        port = wishes.aws_port
        if port is None or client.running(self._place.gateway) is not None:
            return
        if self._around.port_state(port) == "taken":
            raise UnavailableError(
                f"--aws-port: port {port} is taken", hint="Choose another one, or leave the option out."
            )

    def _refuse_other(self, kind: Kind, wishes: Wishes) -> None:
        """Refuse a version or a number of nodes that the cluster which is there does not have.

        Raises:
            UnavailableError: another one is kept.
        """
        kept = kind.record()
        if not kept or not kind.is_complete():
            return
        wanted_nodes = len(configuration(wishes)["nodes"])
        if kept["image"] != images().of(wishes.version) or kept["containers"] != wanted_nodes:
            raise UnavailableError(
                f"a cluster of Kubernetes {kept['version']} with {kept['containers'] - 1} nodes is kept already",
                hint="Go on with it as it was, or begin anew: eks-lab sandbox down --purge",
            )

    def _pull(self, engine: Engine, wishes: Wishes, tell: Tell, cancel: Cancel) -> None:
        for id, title, image in (
            ("pull-node", "Pull the node image", images().of(wishes.version)),
            ("pull-localstack", "Pull LocalStack", IMAGE),
        ):
            cancel.check()
            if not engine.has_image(image):
                with step(tell, id, title) as line:
                    engine.pull(image, cancel, line)

    def _cluster(self, engine: Engine, kind: Kind, wishes: Wishes, tell: Tell, cancel: Cancel) -> None:
        states = kind.node_states()
        if kind.is_complete():
            stopped = [name for name, state in states.items() if state != "running"]
            if stopped:
                with step(tell, "start-nodes", "Start the nodes again"):
                    engine.start(stopped)
                    kind.export_kubeconfig()
        else:
            if states:
                with step(tell, "clean", "Remove a half-made cluster"):
                    kind.delete()
            cancel.check()
            with step(tell, "cluster", "Create the cluster") as line:
                kind.create(wishes, cancel, line)
        with step(tell, "ready", "Wait until the nodes are ready"):
            kind.await_ready(cancel)
        if not kind.record():
            kind.complete(wishes)
        cancel.check()

    def _gateway(self, kind: Kind, localstack: LocalStack, wishes: Wishes) -> None:
        server, authority = kind.endpoint()
        aws_port = self._ports.aws if wishes.aws_port is None else wishes.aws_port
        asked = {
            "nodes": 0,
            "port": 0,
            **({} if aws_port is None else {"aws_port": aws_port}),
            "localstack": localstack.url,
            "registered": {"server": server, "authority": authority},
        }
        process = client.running(self._place.gateway)
        if process is not None:
            found = client.Client(self._place.gateway, process).status()
            if found["server"] == server:
                return
            # The cluster is another one by now, and the account names the old endpoint.
            launch.stop(self._place.gateway)
        if kind.record().get("gateway") != server:
            # A kept account would go on naming the endpoint it was made with.
            launch.forget(self._place.gateway)
            kind.note(gateway=server)
        launch.start(self._place.gateway, asked)

    def _seed(self, localstack: LocalStack) -> None:
        door = client.required(self._place.gateway)
        account = door.status()["account"]
        host = localstack.url.removeprefix("http://")
        seeding.seed(seeding.asking(door.lab), host, account, REGION)

    # --- while it runs ----------------------------------------------------------------------------------------

    def status(self) -> BackendStatus:
        """Return what runs."""
        engine = chosen(self._runner, self._place)
        if engine is None or not self._place.root.exists() or client.running(self._place.gateway) is None:
            return BackendStatus(name=NAME, running=False, document={"directory": str(self._place.root)})
        try:
            if self._is_running(engine):
                return self._status(engine, was_started=False)
        except EksLabError as error:
            return BackendStatus(name=NAME, running=False, notices=(error.message,))
        notice = "only part of it runs; eks-lab sandbox up starts the rest"
        return BackendStatus(name=NAME, running=False, notices=(notice,))

    def _is_running(self, engine: Engine) -> bool:
        kind, localstack = self._parts(engine)
        states = kind.node_states().values()
        return (
            client.running(self._place.gateway) is not None
            and kind.is_complete()
            and all(state == "running" for state in states)
            and health(localstack.port) is not None
        )

    def _status(self, engine: Engine, *, was_started: bool) -> BackendStatus:
        kind, localstack = self._parts(engine)
        server, _ = kind.endpoint()
        ready, nodes = kind.ready_count()
        found = health(localstack.port)
        door = client.required(self._place.gateway).status()
        version = kind.record().get("version", "")
        localstack_text = (
            f"{found.version}, {found.edition}, on {localstack.url}" if found else "does not answer"
        )
        rows = (
            ("API server", server),
            ("kubeconfig", str(self._place.kubeconfig)),
            ("AWS API", f"{door['aws']}, account {door['account']}"),
            ("LocalStack", localstack_text),
            ("EKS", "of the simulated account; it names this cluster as `lab`"),
            ("Kubernetes", version),
            ("nodes", f"{ready} of {nodes} ready, kind {self._place.name} on {engine.program}"),
        )
        return BackendStatus(
            name=NAME,
            running=True,
            capabilities=ENTRIES[NAME].capabilities | program_capabilities(),
            kubernetes_url=server,
            kubeconfig=self._place.kubeconfig,
            aws_url=door["aws"],
            account=door["account"],
            region=REGION,
            rows=rows,
            was_started=was_started,
            document={
                "server": server,
                "kubeconfig": str(self._place.kubeconfig),
                "aws": door["aws"],
                "account": door["account"],
                "version": version,
                "nodes": {"ready": ready, "all": nodes},
                "engine": engine.program,
                "name": self._place.name,
                "localstack": {"url": localstack.url, "version": found.version if found else ""},
            },
        )

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a learner's shell; an empty value means: to be unset."""
        variables = environment.environment(self._place.gateway, inherited)
        return {**variables, "KUBECONFIG": str(self._place.kubeconfig)}

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        """Bring back the state just after `up`: kind by taking back, LocalStack and the account by beginning anew.

        Raises:
            EksLabError: something does not answer; wishes other than those of `up` need `down --purge`.
        """
        engine = self._engine()
        kind, localstack = self._parts(engine)
        if not self._is_running(engine):
            raise UnavailableError(
                "the sandbox does not run on the backend docker", hint="Start it with: eks-lab sandbox up"
            )
        if wishes.said():
            self._refuse_other(kind, wishes)
        with step(tell, "reset-cluster", "Take back what was done to the cluster"):
            is_done = kind.reset()
        if not is_done:
            made_of = self._made_of(kind)
            with step(tell, "clean", "Remove the cluster: nodes or kube-system were changed"):
                kind.delete()
            self._cluster(engine, kind, made_of, tell, cancel)
        cancel.check()
        with step(tell, "localstack", "Empty LocalStack") as line:
            localstack.start(cancel, line, anew=True)
            localstack.await_healthy(cancel)
        with step(tell, "gateway", "Begin a new account"):
            if is_done:
                client.required(self._place.gateway).reset()
            else:
                self._gateway(kind, localstack, self._made_of(kind))
        self._seed(localstack)
        return self._status(engine, was_started=False)

    def _made_of(self, kind: Kind) -> Wishes:
        kept = kind.record()
        return Wishes(version=kept.get("version"), nodes=kept.get("containers", 4) - 1)

    # --- down -------------------------------------------------------------------------------------------------

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        """Stop everything; with `purge` remove it and ask the engine whether anything of ours is left.

        Raises:
            EksLabError: the engine does not answer, or something cannot be removed.
        """
        with step(tell, "gateway", "Stop the door to AWS"):
            was_running = launch.stop(self._place.gateway)
        engine = chosen(self._runner, self._place)
        if engine is None:
            if purge:
                teardown.remove_files(self._place)
            return Leftovers(was_running, looked_at=("programs: neither docker nor podman is installed",))
        kind, localstack = self._parts(engine)
        if not purge:
            return teardown.stop(engine, kind, localstack, self._place, tell, was_running=was_running)
        can_delete = bool(self._runner.find("kind"))
        return teardown.purge(
            engine, kind if can_delete else None, localstack, self._place, tell, was_running=was_running
        )

    # --- parts ------------------------------------------------------------------------------------------------

    def _engine(self) -> Engine:
        engine = chosen(self._runner, self._place)
        if engine is None:
            raise UnavailableError(
                "neither docker nor podman is installed",
                hint="Install one of them, or use: eks-lab sandbox up --backend embedded",
            )
        return engine

    def _parts(self, engine: Engine) -> tuple[Kind, LocalStack]:
        return (
            Kind(self._runner, engine, self._place),
            LocalStack(self._runner, engine, self._place, self._ports.localstack),
        )

    def _make_root(self, engine: Engine) -> None:
        try:
            self._place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._place.root.chmod(0o700)
        except OSError as error:
            raise unwritable(self._place.root, error) from error
        write_private(self._place.engine, engine.program.encode())


def make(directory: StateDirectory) -> Docker:
    """Return the backend of a directory."""
    return Docker(directory, ProgramRunner(), Surroundings(os.environ))
