"""Logs, exec, load and figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.objects import ApiError, Key
from tests.sim.kubelet.small_node import NODE, START, SmallNode


def _counter(node: SmallNode) -> None:
    script = "i=0; while true; do echo $i: $(date +%H:%M:%S); i=$((i+1)); sleep 1; done"
    node.pod(image="busybox", container={"command": ["sh", "-c", script]})
    node.advance(10)


def test_logs_follow_time() -> None:
    node = SmallNode()
    _counter(node)
    lines = node.logs()
    assert lines[:2] == ["0: 12:00:00", "1: 12:00:01"]
    assert node.logs(tail=1) == lines[-1:]
    before = node.clock.now()
    node.advance(5)
    fresh = node.logs(since=before)
    assert [*lines, *fresh] == node.logs()
    assert 4 <= len(fresh) <= 6
    stamped = node.logs(timestamps=True)[0]
    assert stamped.startswith("2026-01-01T12:00:0")
    assert stamped.split()[0].endswith("000Z")


def test_logs_of_a_loop_that_ran_for_a_day() -> None:
    node = SmallNode()
    node.pod(image="busybox", container={"command": ["sh", "-c", "while true; do date; sleep 1; done"]})
    node.advance(86_400)
    assert len(node.logs(tail=3)) == 3
    since = node.clock.now() - timedelta(seconds=10)
    assert 9 <= len(node.logs(since=since)) <= 11


def test_previous_logs() -> None:
    node = SmallNode()
    node.pod(image="example.com/crash:1")
    node.advance(3)
    assert node.logs(previous=True) == ["starting", "fatal: this program always fails"]


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (
            "example.com/bad:1",
            'container "web" in pod "web" is waiting to start: trying and failing to pull image',
        ),
        ("nginx:1.27", 'container "web" in pod "web" is waiting to start: ContainerCreating'),
    ],
)
def test_logs_before_the_start(image: str, text: str) -> None:
    node = SmallNode()
    node.pod(image=image)
    node.advance(0 if image.startswith("nginx") else 4)
    with pytest.raises(ApiError) as refused:
        node.logs()
    assert (refused.value.code, refused.value.message) == (400, text)


def test_logs_without_a_previous_run() -> None:
    node = SmallNode()
    node.pod()
    node.advance(5)
    with pytest.raises(ApiError, match='previous terminated container "web" in pod "web" not found'):
        node.logs(previous=True)


def test_exec() -> None:
    node = SmallNode()
    node.pod("db", "redis:7", container={"env": [{"name": "MODE", "value": "demo"}]})
    node.advance(5)
    pod = node.read("db")
    run = node.containers.exec
    assert run(pod, "", ["redis-cli", "ping"]) == ("PONG\n", "", 0)
    assert run(pod, "web", ["sh", "-c", "echo $MODE; exit 4"]) == ("demo\n", "", 4)
    assert run(pod, "web", ["hostname"]) == ("db\n", "", 0)
    assert run(pod, "web", ["cat", "/etc/hostname"])[0] == "db\n"
    assert run(pod, "web", ["cat", "/nope"])[2] == 1
    out, errors, code = run(pod, "web", ["python3"])
    assert (out, code) == ("", 127)
    assert 'exec: "python3": executable file not found in $PATH' in errors
    with pytest.raises(ApiError):
        run(pod, "other", ["ls"])


def test_exec_finds_no_shell_where_there_is_none() -> None:
    node = SmallNode()
    node.pod(image="registry.k8s.io/pause:3.10")
    node.advance(5)
    assert node.containers.exec(node.read(), "web", ["sh"])[2] == 127


def test_config_maps_are_files() -> None:
    node = SmallNode()
    node.api.create(
        "configmaps", {"metadata": {"name": "site", "namespace": "default"}, "data": {"a.conf": "x=1\n"}}
    )
    node.pod(
        volumes=[{"name": "site", "configMap": {"name": "site"}}],
        container={"volumeMounts": [{"name": "site", "mountPath": "/etc/site"}]},
    )
    node.advance(5)
    assert node.containers.exec(node.read(), "web", ["cat", "/etc/site/a.conf"])[0] == "x=1\n"


def test_load_is_shared_and_costs_cpu() -> None:
    node = SmallNode()
    labels = {"labels": {"app": "php"}}
    for name in ("a", "b"):
        node.pod(
            name, "registry.k8s.io/hpa-example", metadata=labels, container={"ports": [{"containerPort": 80}]}
        )
    node.api.create(
        "services",
        {
            "metadata": {"name": "php-apache", "namespace": "default"},
            "spec": {"selector": {"app": "php"}, "ports": [{"port": 80}]},
        },
    )
    node.advance(30)
    assert node.metrics.usage.of_pod(node.read("a"))["web"].millicores < 5
    script = "while sleep 0.01; do wget -q -O- http://php-apache; done"
    node.pod("load", "busybox:1.28", container={"args": ["/bin/sh", "-c", script]})
    node.advance(30)
    rates = node.metrics.usage.requests()
    shares = [rates[node.read(name)["metadata"]["uid"]] for name in ("a", "b")]
    assert shares[0] == shares[1]
    assert 20 < shares[0] < 50
    used = node.metrics.usage.of_pod(node.read("a"))["web"].millicores
    assert used == pytest.approx(1 + 11 * shares[0], rel=0.01)
    assert node.logs("a")[-1].endswith('"GET / HTTP/1.1" 200 208 "-" "Wget"')
    assert node.logs("load")[-1] == "OK!"


def test_metrics_as_metrics_server_answers() -> None:
    node = SmallNode()
    node.pod()
    node.advance(2.5)
    assert node.metrics.pod(Key("default", "web")) is None
    node.advance(2.5)
    assert node.metrics.pod(Key("default", "web")) is not None
    node.advance(20)
    found = node.metrics.pod(Key("default", "web"))
    assert found is not None
    assert (found["kind"], found["apiVersion"]) == ("PodMetrics", "metrics.k8s.io/v1beta1")
    assert found["timestamp"] == "2026-01-01T12:00:25Z"
    assert found["containers"][0]["usage"]["cpu"].endswith("n")
    assert node.metrics.pods("default") == [found]
    assert node.metrics.pods("default", {"matchLabels": {"app": "other"}}) == []
    whole = node.metrics.node(NODE)
    assert whole is not None
    assert parse_quantity(whole["usage"]["memory"]).value > 400 * 2**20
    assert node.metrics.nodes() == [whole]
    assert node.clock.now() > START


def test_cpu_stays_below_its_limit() -> None:
    node = SmallNode()
    node.pod(
        image="vish/stress",
        container={
            "args": ["-cpus", "2"],
            "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "500m"}},
        },
    )
    node.advance(20)
    assert node.metrics.usage.of_pod(node.read())["web"].millicores == 1000


def test_the_network_inside() -> None:
    node = SmallNode()
    node.pod("db", "redis:7", metadata={"labels": {"app": "db"}})
    node.pod("web", metadata={"labels": {"app": "web"}})
    for name, port, target in (("db", 6379, 6379), ("web", 80, 80), ("lost", 81, 1)):
        app = "web" if name == "lost" else name
        spec = {"selector": {"app": app}, "ports": [{"port": port, "targetPort": target}]}
        node.api.create("services", {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    node.advance(5)

    def run(script: str) -> tuple[str, str, int]:
        return node.containers.exec(node.read("web"), "web", ["sh", "-c", script])

    assert "Welcome to nginx!" in run("wget -qO- http://web.default.svc.cluster.local")[0]
    assert "Welcome to nginx!" in run("curl -s localhost")[0]
    assert run("curl -s -o /dev/null -w '%{http_code}' http://web/nope") == ("404", "", 0)
    assert run("wget -q http://nowhere") == ("", "wget: bad address 'nowhere'\n", 1)
    assert run("wget -q http://lost:81")[1] == "wget: can't connect to remote host: Connection refused\n"
    assert run("nc -z db 6379")[2] == 0
    assert run("nc -z db 1")[2] == 1
    assert run("wget -q http://db:6379")[2] == 1
    out, _errors, code = run("nslookup db")
    address = node.api.read("services", Key("default", "db"))["spec"]["clusterIP"]
    assert code == 0
    assert f"Name:\tdb.default.svc.cluster.local\nAddress: {address}\n" in out


def test_service_variables_and_the_downward_api() -> None:
    node = SmallNode()
    node.api.create(
        "services",
        {"metadata": {"name": "my-db", "namespace": "default"}, "spec": {"ports": [{"port": 5432}]}},
    )
    fields = {"NAME": "metadata.name", "IP": "status.podIP", "APP": "metadata.labels['app']"}
    variables = [
        {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()
    ]
    limit = {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}
    url = {"name": "URL", "value": "http://$(NAME):$(MY_DB_SERVICE_PORT)/$$(x)"}
    node.pod(
        metadata={"labels": {"app": "shop"}},
        container={"env": [*variables, limit, url], "resources": {"limits": {"cpu": "1500m"}}},
    )
    node.advance(5)
    out = node.containers.exec(node.read(), "web", ["sh", "-c", "echo $NAME $IP $APP $CPUS $URL"])[0]
    assert out == f"web {node.status()['podIP']} shop 2 http://web:5432/$(x)\n"
