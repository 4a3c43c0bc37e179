"""Where things are made: the calls, the record, the tags that everything bears, and waiting that can be ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.aws.ledger import Ledger
from eks_lab.sandbox.backends.aws.requests import Api, RefusedError, Wait
from eks_lab.sandbox.backends.interface import Cancel, Tell, tell_nobody

OWNER_TAG = "eks-lab:owner"
SESSION_TAG = "eks-lab:session"
EXPIRES_TAG = "eks-lab:expires"
POLL_SECONDS = 10.0
SLOW_POLL_SECONDS = 15.0
DEPENDENCY_LIMIT_SECONDS = 900.0
"""How long something may be held by what is going away: an interface of a load balancer takes minutes."""
CONSISTENCY_LIMIT_SECONDS = 90.0
"""How long AWS may take until one of its parts knows what another one has made (IAM: some seconds)."""
DEPENDENCY_CODES = frozenset(
    {
        "DependencyViolation", "DeleteConflict", "ResourceInUseException", "ResourceInUse", "InvalidNetworkInterface.InUse",
        "OperationNotPermitted", "InvalidParameterValue", "VolumeInUse", "ConcurrentModification", "InUse",
    }
)  # fmt: skip
"""What something answers that cannot be deleted yet."""
GONE_CODES = frozenset(
    {
        "ResourceNotFoundException", "NoSuchEntity", "NotFoundException", "NotFound", "LoadBalancerNotFound",
        "InvalidLaunchTemplateName.NotFoundException", "TargetGroupNotFound", "InvalidGroup.NotFound",
    }
)  # fmt: skip
"""What something answers that is not there; EC2's other codes end in `.NotFound`."""


@dataclass
class Site:
    """One session in one region of one account."""

    api: Api
    ledger: Ledger
    wait: Wait
    cancel: Cancel = field(default_factory=Cancel)
    tell: Tell = tell_nobody
    is_patient: bool = True
    """False once something could not be removed: then nothing waits for it to go."""

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags of everything."""
        head = self.ledger.head
        return {
            OWNER_TAG: head.principal.rpartition(":")[2][:256],
            SESSION_TAG: head.session,
            EXPIRES_TAG: head.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    @property
    def listed_tags(self) -> list[dict[str, str]]:
        """Return the tags as EC2 and IAM take them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def specification(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Return the TagSpecifications of something of EC2 that is made with its tags.

        Args:
            kind: `vpc`.
            name: that the console shows.
        """
        return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}, *self.listed_tags]}]

    def filters(self, name: str = "") -> list[dict[str, Any]]:
        """Return the filters that find what is ours in EC2.

        Args:
            name: of the one thing that is looked for; empty for all.
        """
        found = [{"Name": f"tag:{SESSION_TAG}", "Values": [self.ledger.head.session]}]
        return [*found, {"Name": "tag:Name", "Values": [name]}] if name else found

    def name(self, part: str) -> str:
        """Return the name of a part: no other session has the same."""
        return f"eks-lab-{self.ledger.head.session}-{part}"

    def is_ours(self, tags: Mapping[str, str]) -> bool:
        """Return whether something with these tags was made by this session."""
        return tags.get(SESSION_TAG) == self.ledger.head.session

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Make a call; see `Api.call`."""
        return self.api.call(service, operation, **params)

    def found(self, service: str, operation: str, **params: Any) -> dict[str, Any] | None:
        """Make a call about one thing; None when it is not there.

        Raises:
            EksLabError: AWS refuses for another reason.
        """
        try:
            return self.api.call(service, operation, **params)
        except RefusedError as error:
            if is_gone(error):
                return None
            raise

    def insist(
        self,
        make: Callable[[], Any],
        codes: Collection[str],
        limit_seconds: float,
        before_next: Callable[[], None] | None = None,
        about: str = "",
    ) -> Any:
        """Make a call again while AWS refuses it for now.

        Args:
            make: the call.
            codes: refusals that pass.
            limit_seconds: after which a refusal is final.
            before_next: done before each further try.
            about: only refusals whose sentence has this pass; empty for all.

        Raises:
            RefusedError: it is refused for good.
            StoppedError: it was cancelled.
        """
        waited = 0.0
        while True:
            try:
                return make()
            except RefusedError as error:
                passes = error.code in codes and about.lower() in error.said.lower()
                if not passes or waited >= limit_seconds:
                    raise
                self.pause(POLL_SECONDS)
                waited += POLL_SECONDS
            if before_next is not None:
                before_next()

    def delete(
        self,
        service: str,
        operation: str,
        before_next: Callable[[], None] | None = None,
        **params: Any,
    ) -> None:
        """Delete something, and again while something else holds it; what is not there is fine.

        Args:
            service: botocore's name.
            operation: `DeleteSubnet`.
            before_next: done before each further try.
            params: of the call.

        Raises:
            RefusedError: it is refused for good.
        """
        limit = DEPENDENCY_LIMIT_SECONDS if self.is_patient else 0.0
        try:
            self.insist(lambda: self.call(service, operation, **params), DEPENDENCY_CODES, limit, before_next)
        except RefusedError as error:
            if not is_gone(error):
                raise

    def until(self, look: Callable[[], bool], what: str, limit_seconds: float) -> None:
        """Wait for something.

        Args:
            look: returns whether it is so.
            what: for the message: `the cluster to be ACTIVE`.
            limit_seconds: of waiting.

        Raises:
            UnavailableError: it takes too long.
            StoppedError: it was cancelled.
        """
        waited = 0.0
        while not look():
            if waited >= limit_seconds:
                raise UnavailableError(
                    f"waited {limit_seconds / 60:.0f} minutes for {what}",
                    hint="Go on waiting: type the same command again. Or remove everything: eks-lab sandbox down",
                )
            self.pause(SLOW_POLL_SECONDS)
            waited += SLOW_POLL_SECONDS

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            StoppedError: it was cancelled.
        """
        self.wait(self.cancel, seconds)
        self.cancel.check()


class Resource(Protocol):
    """One kind of thing that is made: how it is found, made, finished and removed."""

    @property
    def step(self) -> str:
        """Return its place in the record: `subnet-1`."""
        ...

    @property
    def kind(self) -> str:
        """Return what it is: `subnet`."""
        ...

    @property
    def title(self) -> str:
        """Return what making it is called: `Make a subnet`."""
        ...

    def name(self, site: Site) -> str:
        """Return the name by which it is found."""
        ...

    def find(self, site: Site) -> str:
        """Return the id of the one that this session made; empty when there is none."""
        ...

    def make(self, site: Site) -> str:
        """Make it, with its tags, and return its id; a second one is never made on purpose."""
        ...

    def settle(self, site: Site) -> None:
        """Do what is left to be done, and wait until it works; may be called again."""
        ...

    def remove(self, site: Site, id: str) -> None:
        """Remove it and wait until it is gone; one that is gone is fine."""
        ...


def is_gone(error: RefusedError) -> bool:
    """Return whether AWS says that something is not there."""
    return error.code in GONE_CODES or error.code.endswith(".NotFound")


def as_mapping(tags: Any) -> dict[str, str]:
    """Return tags given as a list of keys and values."""
    return {str(each["Key"]): str(each["Value"]) for each in tags or ()}
