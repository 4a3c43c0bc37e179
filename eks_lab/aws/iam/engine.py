"""IAM of one account: who a key stands for, and what an identity may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.credentials import ROOT_KEYS, Credentials, Seal
from eks_lab.aws.iam.denials import decoded_message, refusal
from eks_lab.aws.iam.documents import Context
from eks_lab.aws.iam.evaluation import Decision, Policy, Question, Rules, decide
from eks_lab.aws.iam.identities import Identities
from eks_lab.aws.iam.resource_policies import must_allow, resource_policy
from eks_lab.aws.principal import Principal, root
from eks_lab.clock import Clock

if TYPE_CHECKING:
    from eks_lab.aws.moto_loading import Moto
    from eks_lab.ids import Ids

Given = Mapping[str, "str | list[str]"]
"""Condition keys of one call, as `Action.context` has them."""
MOST_REMEMBERED = 8192


class Owner(Protocol):
    """The account, as far as IAM looks."""

    id: str
    region: str
    seed: int
    moto: Moto
    ids: Ids

    @property
    def clock(self) -> Clock:
        """Return simulated time."""
        ...

    @property
    def wall(self) -> Clock:
        """Return real time."""
        ...


class Iam:
    """Decides; moto's IAM holds the identities and policies."""

    def __init__(self, account: Owner) -> None:
        """Take the account."""
        self._account = account
        self.identities = Identities(account)
        self.seal = Seal(f"{account.id}/{account.seed}".encode())
        self._rules: dict[object, tuple[object, Rules]] = {}
        self._decisions: dict[object, tuple[object, Decision]] = {}

    # --- who ------------------------------------------------------------------------------------------------

    def credentials(self, access_key: str, token: str = "") -> Credentials:
        """Return what a key stands for.

        Args:
            access_key: `AKIA…`, `ASIA…`, or one of the account itself.
            token: session token; empty for lasting keys.

        Raises:
            AwsError: InvalidClientTokenId or ExpiredToken; the gateway gives them the code of the service.
        """
        if access_key in ROOT_KEYS:
            return Credentials(access_key, ROOT_KEYS[access_key], "", root(self._account.id))
        if token:
            found = self.seal.read(access_key, token)
            if found is not None:
                now = (self._account.wall if found.by_wall else self._account.clock).now()
                if found.expiration is not None and now >= found.expiration:
                    raise AwsError(
                        "ExpiredToken", "The security token included in the request is expired", status=403
                    )
                return found
        else:
            kept = self.identities.key(access_key)
            if kept is not None:
                key, user = kept
                principal = self.identities.user_principal(user)
                return Credentials(access_key, str(key.secret_access_key), "", principal)
        raise AwsError(
            "InvalidClientTokenId", "The security token included in the request is invalid.", status=403
        )

    def principal_of(self, access_key: str, token: str = "") -> Principal:
        """Return whom a key stands for.

        Raises:
            AwsError: see `credentials`.
        """
        return self.credentials(access_key, token).principal

    def session(self, principal: Principal, lifetime: timedelta, *, by_wall: bool) -> Credentials:
        """Return new credentials of a session.

        Args:
            principal: the session.
            lifetime: until they expire.
            by_wall: whether real time decides; simulated time does else.
        """
        clock = self._account.wall if by_wall else self._account.clock
        issued = clock.now().replace(microsecond=0)
        return self.seal.issue(
            principal, self._account.ids.uid(), issued + lifetime, by_wall=by_wall, issued=issued
        )

    # --- what -----------------------------------------------------------------------------------------------

    def decide(
        self, principal: Principal, action: str, resource: str = "*", context: Given | None = None
    ) -> Decision:
        """Decide about a request.

        Args:
            principal: who asks; the account itself and AWS's services are allowed everything that no
                resource's policy denies.
            action: `ec2:CreateVolume`.
            resource: ARN, or `*` for an action that has none.
            context: condition keys of this call; the global ones are added.
        """
        given = tuple(
            sorted(
                (key, value if isinstance(value, str) else tuple(value))
                for key, value in (context or {}).items()
            )
        )
        own = resource_policy(self._account.moto, resource)
        if principal.kind in ("root", "service"):
            return self._by_resource_only(principal, action, resource, given, own)
        fingerprint = self.identities.fingerprint(principal)
        who = (principal.arn, principal.unique_id, principal.session_policies, tuple(principal.tags.items()))
        state = (fingerprint, own.document if own is not None else None)
        key = (who, action, resource, given)
        kept = self._decisions.get(key)
        if kept is not None and kept[0] == state:
            return kept[1]
        rules = self._rules_of(principal, who, fingerprint)
        question = Question(principal, action, resource, self.context(principal, given))
        found = decide(question, rules, own, resource_must_allow=own is not None and must_allow(resource))
        if not _asks_time(rules, own):
            if len(self._decisions) >= MOST_REMEMBERED:
                self._decisions.clear()
            self._decisions[key] = (state, found)
        return found

    def require(
        self, principal: Principal, action: str, resource: str = "*", context: Given | None = None
    ) -> None:
        """Refuse what `decide` does not allow.

        Raises:
            AwsError: with AWS's code and sentence.
        """
        found = self.decide(principal, action, resource, context)
        if found.allowed:
            return
        encoded = ""
        if action.startswith("ec2:"):
            given = tuple((key, _values(value)) for key, value in (context or {}).items())
            everything = self.context(principal, given)
            message = decoded_message(
                principal, action, resource, explicit=found.explicit, context=everything
            )
            encoded = self.seal.close(message)
        raise refusal(principal, action, resource, found.reason, encoded)

    def context(self, principal: Principal, given: object = ()) -> Context:
        """Return the condition keys of a request: the global ones and those of the call."""
        now = self._account.clock.now()
        found: dict[str, tuple[str, ...]] = {
            "aws:currenttime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
            "aws:epochtime": (str(int(now.timestamp())),),
            "aws:principalaccount": (principal.account,),
            "aws:principalarn": (self._arn(principal),),
            "aws:principaltype": (_TYPES[principal.kind],),
            "aws:principalisawsservice": ("true" if principal.kind == "service" else "false",),
            "aws:requestedregion": (self._account.region,),
            "aws:resourceaccount": (principal.account,),
            "aws:securetransport": ("true",),
            "aws:sourceip": ("127.0.0.1",),
            "aws:userid": (principal.unique_id,),
            "aws:viaawsservice": ("false",),
        }
        if principal.kind == "user":
            found["aws:username"] = (principal.name,)
        for name, value in principal.tags.items():
            found[f"aws:principaltag/{name.lower()}"] = (value,)
        for name, value in given:  # type: ignore[attr-defined]
            found[name.lower()] = _values(value)
        return found

    def _arn(self, principal: Principal) -> str:
        role = self.identities.role(principal.name) if principal.kind == "assumed-role" else None
        return str(role.arn) if role is not None else principal.iam_arn

    def _rules_of(self, principal: Principal, who: object, fingerprint: object) -> Rules:
        kept = self._rules.get(who)
        if kept is not None and kept[0] == fingerprint:
            return kept[1]
        if len(self._rules) >= MOST_REMEMBERED:
            self._rules.clear()
        rules = self.identities.rules(principal)
        self._rules[who] = (fingerprint, rules)
        return rules

    def _by_resource_only(
        self, principal: Principal, action: str, resource: str, given: object, own: Policy | None
    ) -> Decision:
        if own is None or principal.kind == "service":
            return Decision(True)
        question = Question(principal, action, resource, self.context(principal, given))
        found = decide(question, Rules(), own)
        return found if found.explicit else Decision(True)


_TYPES = {"root": "Account", "user": "User", "assumed-role": "AssumedRole", "service": "Service"}


def _values(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _asks_time(rules: Rules, own: Policy | None) -> bool:
    policies = [
        *rules.identity,
        *rules.sessions,
        *(each for each in (rules.boundary, own) if each is not None),
    ]
    return any(policy.document.asks_time for policy in policies)
