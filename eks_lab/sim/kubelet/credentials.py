"""The chain in which an AWS SDK inside a pod looks for credentials, and what it says when a link breaks.

Order and texts: botocore 1.4x, credentials.py and utils.py (environment, web identity, container, IMDS); the agent's
answers: aws/eks-pod-identity-agent. The account decides who the credentials belong to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from eks_lab.sim.behaviours.world import NO_CREDENTIALS
from eks_lab.sim.cloud import Caller, Cloud, CloudError, Instance
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj, is_condition_true, labels_of

AGENT = "eks-pod-identity-agent"
AGENT_ADDRESS = "169.254.170.23"
AGENT_URI = f"http://{AGENT_ADDRESS}/v1/credentials"
FIRST_CLI = {1: (1, 30, 0), 2: (2, 15, 0)}
"""Major version of the AWS CLI -> the first release that may ask the Pod Identity agent
(docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html)."""
KEPT_FOR = timedelta(minutes=55)
"""A session lives an hour; SDKs renew it some minutes before."""
MOST_KEPT = 4096
REFUSED, BROKEN = 254, 255
"""Exit codes of the AWS CLI: a service refused; something else went wrong."""

Read = Callable[[str], str | None]
"""Path -> content of a file of the container; None when there is none."""


class ChainError(Exception):
    """The chain broke: nothing after the broken link is tried."""

    def __init__(self, text: str, code: int = BROKEN) -> None:
        """Say how the AWS CLI ends.

        Args:
            text: what it prints on standard error.
            code: its exit code.
        """
        super().__init__(text)
        self.text = text
        self.code = code


class PodCredentials:
    """Answers `aws` inside containers, and says whose credentials a driver's pod has."""

    def __init__(self, around: Surroundings, cloud: Cloud) -> None:
        """Wire it up.

        Args:
            around: the cluster; its `token` signs what drivers read from their files.
            cloud: STS, EKS Auth and IMDS.
        """
        self._around = around
        self._cloud = cloud
        self._kept: dict[tuple[str, str], tuple[Caller, datetime]] = {}
        """Pod and container of a driver -> the session its SDK keeps, and until when."""

    def run_aws(
        self, pod: Obj, arguments: Sequence[str], environment: Mapping[str, str], read: Read
    ) -> tuple[int, str, str]:
        """Run an `aws …` command line inside a pod; see `Surroundings.aws`."""
        try:
            caller = self._chain(pod, environment, read)
        except ChainError as error:
            return error.code, "", f"\n{error.text}\n"
        except CloudError as error:
            text = f"An error occurred ({error.code}) when calling the {error.operation} operation: {error.message}"
            return REFUSED, "", f"\n{text}\n"
        if caller is None:
            return NO_CREDENTIALS
        return self._cloud.run_aws(caller, arguments, self._with_region(pod, environment))

    def _with_region(self, pod: Obj, environment: Mapping[str, str]) -> Mapping[str, str]:
        """Return the variables with the region that the CLI asks IMDS for when none is set."""
        if environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"):
            return environment
        instance = self._reachable(pod)
        return environment if instance is None else {**environment, "AWS_REGION": instance.zone[:-1]}

    def caller_of(self, pod: Obj, container: str = "") -> Caller:
        """Return whose credentials the AWS SDK in a pod's container finds.

        Args:
            pod: as stored.
            container: its name; empty takes the first.

        Raises:
            CloudError: nothing gives credentials, or STS or EKS Auth refuse.
        """
        key, now = (pod["metadata"]["uid"], container), self._around.now()
        known = self._kept.get(key)
        if known is not None and now < known[1]:
            return known[0]
        nothing: Obj = {"name": container}
        containers: list[Obj] = pod["spec"]["containers"]
        found = next((each for each in containers if container in ("", each["name"])), nothing)
        environment = {each["name"]: each.get("value") or "" for each in found.get("env") or ()}
        try:
            caller = self._chain(pod, environment, lambda path: self._token_file(pod, found, path))
        except ChainError as error:
            raise CloudError(
                "CredentialsError", error.text, operation="GetCredentials", status=401
            ) from error
        if caller is None:
            text = (
                "get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation "
                "error ec2imds: GetMetadata, request canceled, context deadline exceeded"
            )
            raise CloudError("CredentialsError", text, operation="GetMetadata", status=401)
        if environment.get("AWS_ROLE_ARN") or environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (caller, now + KEPT_FOR)
        return caller

    # --- the links ---------------------------------------------------------------------------------------------

    def _chain(self, pod: Obj, environment: Mapping[str, str], read: Read) -> Caller | None:
        key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if key and secret:
            return self._cloud.key_caller(key, secret, environment.get("AWS_SESSION_TOKEN", ""))
        role, file = environment.get("AWS_ROLE_ARN"), environment.get("AWS_WEB_IDENTITY_TOKEN_FILE")
        if role and file:
            token = read(file)
            if token is None:
                raise ChainError(f"[Errno 2] No such file or directory: '{file}'")
            session = environment.get("AWS_ROLE_SESSION_NAME") or f"botocore-session-{self._seconds()}"
            return self._cloud.web_identity_caller(role, token, session)
        uri = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if uri:
            return self._from_agent(pod, uri, environment, read)
        if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            return None
        return self._from_node(pod)

    def _seconds(self) -> int:
        return int(self._around.now().timestamp())

    def _from_agent(self, pod: Obj, uri: str, environment: Mapping[str, str], read: Read) -> Caller:
        """Ask the Pod Identity agent of the node."""
        what = "Error when retrieving credentials from container-role: Error retrieving metadata: "
        tried = "Received error when attempting to retrieve container metadata: "
        if AGENT_ADDRESS in uri and (text := _too_old(pod)):
            raise ChainError(text)
        if _is_proxied(environment) or not self._has_agent(pod):
            raise ChainError(f'{what}{tried}Connect timeout on endpoint URL: "{uri}"')
        file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "")
        token = read(file)
        if token is None:
            raise ChainError(f"[Errno 2] No such file or directory: '{file}'")
        try:
            return self._cloud.pod_identity_caller(token)
        except CloudError as error:
            request = self._around.ids.uid()
            text = f"[{request}]: ({error.code}): {error.message}, fault: client"
            code = error.status or 400
            raise ChainError(
                f"{what}Received non 200 response {code} from container metadata: {text}"
            ) from error

    def _has_agent(self, pod: Obj) -> bool:
        """Say whether the agent runs, ready, on the pod's node."""
        return any(
            labels_of(each).get("app.kubernetes.io/name") == AGENT and is_condition_true(each, "Ready")
            for each in self._around.pods_on(pod["spec"].get("nodeName") or "")
        )

    def _from_node(self, pod: Obj) -> Caller | None:
        """Ask IMDS for the instance's role; one hop is not enough for a pod with a network of its own."""
        instance = self._reachable(pod)
        if instance is None or not instance.role_arn:
            return None
        return self._cloud.node_caller(instance.id)

    def _reachable(self, pod: Obj) -> Instance | None:
        """Return the instance whose IMDS a pod reaches, or None."""
        node = self._around.node(pod["spec"].get("nodeName") or "") or {"spec": {}}
        name = (node["spec"].get("providerID") or "").rpartition("/")[2]
        instance = self._cloud.instance(name) if name else None
        if instance is None or (instance.hop_limit < 2 and not pod["spec"].get("hostNetwork")):
            return None
        return instance

    def _token_file(self, pod: Obj, container: Obj, path: str) -> str | None:
        """Return the token of a projected volume that a container has mounted at a path."""
        volumes = {each["name"]: each for each in pod["spec"].get("volumes") or ()}
        for mount in container.get("volumeMounts") or ():
            sources = ((volumes.get(mount["name"]) or {}).get("projected") or {}).get("sources") or ()
            for source in sources:
                projection = source.get("serviceAccountToken")
                if projection and f"{mount['mountPath'].rstrip('/')}/{projection['path']}" == path:
                    return self._around.token(pod, projection) if self._around.token is not None else None
        return None


def _is_proxied(environment: Mapping[str, str]) -> bool:
    """Say whether the call to the agent goes to a proxy instead."""
    proxy = environment.get("HTTP_PROXY") or environment.get("http_proxy")
    exempt = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    return bool(proxy) and AGENT_ADDRESS not in exempt and exempt.strip() != "*"


def _too_old(pod: Obj) -> str:
    """Return what an SDK from before Pod Identity says; empty when the image's is new enough.

    The tag of an image says how old it is: releases of amazon/aws-cli, and tags that contain `old-sdk`.
    """
    for container in pod["spec"]["containers"]:
        name, _colon, tag = container.get("image", "").rpartition(":")
        if "old-sdk" in tag:
            return (
                f'Ignoring, HTTP credential provider invalid endpoint host, "{AGENT_ADDRESS}", '
                "only loopback hosts are allowed."
            )
        found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", tag)
        if found and name.endswith("aws-cli"):
            release = tuple(int(each) for each in found.groups())
            if release < FIRST_CLI.get(release[0], (0, 0, 0)):
                return (
                    f"Error when retrieving credentials from container-role: Unsupported host '{AGENT_ADDRESS}'.  "
                    "Can only retrieve metadata from these hosts: 169.254.170.2, localhost, 127.0.0.1"
                )
    return ""
