"""The backend `aws`: EKS itself, in the learner's own account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from eks_lab.clock import Clock, SystemClock
from eks_lab.errors import EksLabError, InputError, UnavailableError
from eks_lab.sandbox.backends.aws import (
    access,
    consent,
    ledger,
    lifecycle,
    limits,
    proof,
    surroundings,
    wanted,
)
from eks_lab.sandbox.backends.aws.consent import Identity
from eks_lab.sandbox.backends.aws.ledger import Head, Ledger
from eks_lab.sandbox.backends.aws.requests import Allowed, Api, RefusedError, Wait
from eks_lab.sandbox.backends.aws.site import Site, is_gone
from eks_lab.sandbox.backends.aws.wanted import Wanted
from eks_lab.sandbox.backends.interface import (
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    Step,
    Tell,
    Wishes,
)
from eks_lab.sandbox.backends.programs import program_capabilities
from eks_lab.sandbox.backends.registry import ENTRIES
from eks_lab.sandbox.state_directory import StateDirectory

NAME = "aws"
ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_BEYOND_LOOKING = frozenset({"writable", "clusters", "node-groups"})
"""Capabilities that changing things takes."""


def _wait(cancel: Cancel, seconds: float) -> bool:
    return cancel.wait(seconds)


def _new_session() -> str:
    return secrets.token_hex(4)


class Aws:
    """A cluster in the account of a profile that the learner names."""

    name = NAME
    takes = frozenset(
        {
            "profile", "region", "cluster", "new", "read_only", "hours", "budget_usd", "nodes", "instance", "version",
        }
    )  # fmt: skip
    remembers = takes

    def __init__(
        self,
        directory: StateDirectory,
        *,
        clock: Clock | None = None,
        wait: Wait = _wait,
        endpoint_url: str = "",
        new_session: Callable[[], str] = _new_session,
    ) -> None:
        """Name the place; nothing is read or asked.

        Args:
            directory: of the sandbox.
            clock: wall time.
            wait: between two looks at what AWS does.
            endpoint_url: in place of AWS's own; only tests have one, and no variable names it.
            new_session: returns an id for what is made.
        """
        self._directory = directory
        self._clock = clock or SystemClock()
        self._wait = wait
        self._endpoint_url = endpoint_url
        self._new_session = new_session

    # --- before the yes --------------------------------------------------------------------------------------

    def preflight(self) -> tuple[Finding, ...]:
        """Return what is missing on this machine; nothing is asked."""
        return surroundings.preflight()

    def plan(self, wishes: Wishes) -> Plan:
        """Return the first of two questions; what was typed at it leads to the second, see `consent`.

        Raises:
            InputError: the wishes cannot be had.
        """
        wished = self._wanted(wishes)
        return consent.first(
            wished, lambda: self._identity(self._api(wished.profile.name, wished.region, Cancel()))
        )

    def _wanted(self, wishes: Wishes) -> Wanted:
        return wanted.of(wishes, self._clock.now().date())

    def _api(self, profile: str, region: str, cancel: Cancel) -> Api:
        return Api(profile, region, self._wait, self._endpoint_url, cancel)

    def _identity(self, api: Api) -> Identity:
        """Return who the profile stands for: the one call that the first answer allows."""
        api.allow(Allowed.IDENTITY)
        found = api.call("sts", "GetCallerIdentity")
        return Identity(str(found["Account"]), str(found["Arn"]))

    # --- after it --------------------------------------------------------------------------------------------

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        """Make what is not there yet and go on where a crash has stopped; see `Backend.up`.

        Args:
            wishes: of the learner.
            tell: takes each step.
            cancel: ends it at the next call or in the present wait.
            consent: the account id, as the learner typed it.

        Raises:
            StoppedError: it was cancelled.
            InputError: what was typed is not the account of the profile, a limit has passed, or another session is
                under way.
            EksLabError: AWS refuses or cannot be reached.
        """
        wished = self._wanted(wishes)
        if not ACCOUNT_ID.fullmatch(consent):
            raise InputError(
                f"{consent!r} is no account id: nothing was sent and nothing happens",
                hint="Type the twelve digits that are shown.",
            )
        api = self._api(wished.profile.name, wished.region, cancel)
        kept = ledger.read(self._directory)
        if kept is not None:
            _require_same(kept, wished)
        found = self._identity(api)
        if found.account != consent:
            raise InputError(
                f"{consent} is not the account of the profile {wished.profile.name}: nothing was changed",
                hint=f"It stands for {found.arn}.",
            )
        if kept is not None and kept.head.account != consent:
            raise InputError(
                f"what was made is in the account {kept.head.account}, and the profile {wished.profile.name} stands for"
                f" {consent} now",
                hint="Mend the profile, or remove what was made with the right one: eks-lab sandbox down",
            )
        if wished.mode == "new":
            self._make(api, kept, wished, found, tell, cancel)
        else:
            self._join(api, kept, wished, found, tell)
        return replace(self.status(), was_started=True)

    def _make(
        self, api: Api, kept: Ledger | None, wished: Wanted, found: Identity, tell: Tell, cancel: Cancel
    ) -> None:
        api.allow(Allowed.READING)
        if kept is None:
            self._refuse_taken(api, wished)
            kept = Ledger(ledger.path_of(self._directory), self._head(wished, found))
        limits.require_within(kept, self._clock.now())
        kept.write()
        api.allow(Allowed.CHANGING)
        site = Site(api, kept, self._wait, cancel, tell)
        lifecycle.make_all(site, self._clock.now)
        self._write_kubeconfig(api, kept.head)

    def _refuse_taken(self, api: Api, wished: Wanted) -> None:
        try:
            api.call("eks", "DescribeCluster", name=wished.cluster)
        except RefusedError as error:
            if is_gone(error):
                return
            raise
        raise InputError(
            f"--new: there is a cluster {wished.cluster} in {wished.region} already, and it is not ours",
            hint=f"Take another name, or use that one: --cluster {wished.cluster} [--read-only]",
        )

    def _join(self, api: Api, kept: Ledger | None, wished: Wanted, found: Identity, tell: Tell) -> None:
        """Take a cluster that is there: nothing is made, the record says only which."""
        api.allow(Allowed.READING)
        tell(Step("look", f"Look at the cluster {wished.cluster}", "begun"))
        kept = kept or Ledger(ledger.path_of(self._directory), self._head(wished, found))
        try:
            self._write_kubeconfig(api, kept.head)
        except RefusedError as error:
            if not is_gone(error):
                raise
            raise InputError(
                f"--cluster: there is no cluster {wished.cluster} in {wished.region}",
                hint=f"See: aws eks list-clusters --profile {wished.profile.name} --region {wished.region}",
            ) from error
        kept.write()
        tell(Step("look", f"Look at the cluster {wished.cluster}", "done"))

    def _head(self, wished: Wanted, found: Identity) -> Head:
        return Head(
            session=self._new_session(),
            mode=wished.mode,
            profile=wished.profile.name,
            account=found.account,
            principal=found.arn,
            region=wished.region,
            cluster=wished.cluster,
            version=wished.version,
            instance=wished.instance,
            nodes=wished.nodes,
            started=self._clock.now(),
            hours=wished.hours,
            budget_usd=wished.budget_usd,
            usd_per_hour=wished.price.usd_per_hour if wished.price else 0.0,
        )

    def _write_kubeconfig(self, api: Api, head: Head) -> None:
        described = api.call("eks", "DescribeCluster", name=head.cluster)["cluster"]
        access.write_kubeconfig(self._kubeconfig, described, head.profile, head.region)

    @property
    def _kubeconfig(self) -> Any:
        return ledger.folder_of(self._directory) / "kubeconfig"

    # --- looking ---------------------------------------------------------------------------------------------

    def status(self) -> BackendStatus:
        """Return what there is, as far as it is on record, and how AWS says the cluster is."""
        kept = ledger.read(self._directory)
        if kept is None:
            return BackendStatus(name=NAME, running=False, document={"directory": str(self._directory.root)})
        head, now = kept.head, self._clock.now()
        described, notice = self._described(head)
        capabilities = (ENTRIES[NAME].capabilities | program_capabilities()) - {"terraform"}
        if head.mode == "read-only":
            capabilities -= _BEYOND_LOOKING
        is_new = head.mode == "new"
        overdue = limits.passed(kept, now)
        rows = surroundings.rows(kept, described, now)
        unfinished = is_new and (
            len(kept.open) < len(lifecycle.RESOURCES) or any(each.state != "ready" for each in kept.open)
        )
        notices = [notice, overdue]
        if unfinished:
            notices.append(
                "It is not complete: `eks-lab sandbox up` goes on, `eks-lab sandbox down` removes it."
            )
        if is_new:
            notices.append(limits.HONESTLY)
        return BackendStatus(
            name=NAME,
            # Whatever is on record may cost: another backend must not be begun over it.
            running=True,
            capabilities=frozenset() if unfinished or not self._kubeconfig.exists() else capabilities,
            kubernetes_url=str(described.get("endpoint", "")),
            kubeconfig=self._kubeconfig if self._kubeconfig.exists() else None,
            account=head.account,
            region=head.region,
            rows=rows,
            notices=tuple(filter(None, notices)),
            since=head.started,
            spent_usd=limits.spent_usd(head, now) if is_new else None,
            overdue=overdue,
            document=surroundings.document(kept, described, now),
        )

    def _described(self, head: Head) -> tuple[Mapping[str, Any], str]:
        """Return what EKS says of the cluster, and why it says nothing."""
        api = self._api(head.profile, head.region, Cancel())
        api.allow(Allowed.READING)
        try:
            return api.call("eks", "DescribeCluster", name=head.cluster)["cluster"], ""
        except RefusedError as error:
            return {}, "" if is_gone(error) else str(error)
        except EksLabError as error:
            return {}, str(error)

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a learner's shell; an empty value means: to be unset."""
        kept = ledger.read(self._directory)
        if kept is None:
            return {}
        found = surroundings.variables(kept.head, self._kubeconfig, inherited)
        return {**found, "AWS_ENDPOINT_URL": self._endpoint_url} if self._endpoint_url else found

    def reading_api(self) -> Api:
        """Return a way to ask AWS questions, and nothing but questions, about the account that was said yes to.

        Raises:
            UnavailableError: nobody has said yes to anything.
        """
        kept = ledger.read(self._directory)
        if kept is None:
            raise UnavailableError(
                "the sandbox does not run on aws", hint="Start it: eks-lab sandbox up --backend aws"
            )
        api = self._api(kept.head.profile, kept.head.region, Cancel())
        api.allow(Allowed.READING)
        return api

    # --- the end ---------------------------------------------------------------------------------------------

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        """Refuse: a real account has no way back but its removal.

        Raises:
            UnavailableError: always.
        """
        raise UnavailableError(
            "a cluster in a real account cannot be put back to its start",
            hint="Remove it and make it anew: eks-lab sandbox down, then eks-lab sandbox up. The backend embedded"
            " resets in a moment.",
        )

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        """Remove everything that was made and prove that it is gone; the record stays until it is.

        Raises:
            EksLabError: AWS cannot be asked, or the profile stands for another account now.
        """
        kept = ledger.read(self._directory)
        if kept is None:
            if purge:
                self._forget_files()
            return Leftovers(was_running=False)
        if kept.head.mode != "new":
            self._forget_files()
            return Leftovers(
                was_running=True, looked_at=(f"nothing was made for the cluster {kept.head.cluster}",)
            )
        api = self._api(kept.head.profile, kept.head.region, Cancel())
        found = self._identity(api)
        if found.account != kept.head.account:
            raise InputError(
                f"what was made is in the account {kept.head.account}, and the profile {kept.head.profile} stands for"
                f" {found.account} now: nothing was changed",
                hint="Mend the profile in ~/.aws, then type the same command again.",
            )
        api.allow(Allowed.CHANGING)
        site = Site(api, kept, self._wait, tell=tell)
        troubles = lifecycle.remove_all(site)
        tell(Step("proof", "Look whether anything is left", "begun"))
        proved = proof.look(site)
        tell(Step("proof", "Look whether anything is left", "done", f"{len(proved.left)} things"))
        if proved.left or troubles:
            return Leftovers(
                True, (*proved.left, *(() if proved.left else troubles)), looked_at=proved.looked_at
            )
        self._kubeconfig.unlink(missing_ok=True)
        aside = ledger.put_aside(kept)
        if purge:
            self._forget_files()
            return Leftovers(True, looked_at=proved.looked_at)
        return Leftovers(True, kept=(f"the record of what was made, in {aside}",), looked_at=proved.looked_at)

    def _forget_files(self) -> None:
        folder = ledger.folder_of(self._directory)
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            path.unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()


def _require_same(kept: Ledger, wished: Wanted) -> None:
    """Go on, unless a session is under way with other wishes.

    Raises:
        InputError: it has to be removed first.
    """
    head = kept.head
    for option, present, asked in (
        ("profile", head.profile, wished.profile.name),
        ("region", head.region, wished.region),
        ("new" if head.mode == "new" else "cluster", head.cluster, wished.cluster),
    ):
        if present != asked:
            raise InputError(
                f"--{option}: {asked} is asked for, but a session with {present} is under way",
                hint="Remove that one first: eks-lab sandbox down",
            )
    if head.mode != wished.mode:
        raise InputError(
            f"the cluster {head.cluster} is under way as {head.mode}, not as {wished.mode}",
            hint="End that first: eks-lab sandbox down",
        )


def overdue(directory: StateDirectory, now: datetime) -> str:
    """Return why what was made should be removed now, as a sentence; empty when there is no reason. Nothing is asked.

    Args:
        directory: of the sandbox.
        now: wall time.
    """
    kept = ledger.read(directory)
    return limits.passed(kept, now) if kept is not None else ""


def make(directory: StateDirectory) -> Aws:
    """Return the backend of a directory."""
    return Aws(directory)
