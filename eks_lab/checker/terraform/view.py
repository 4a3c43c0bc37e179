"""What a rule sees of a module: its entities, values as far as they are known, and who depends on whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from eks_lab.checker.model import CheckOptions, Finding
from eks_lab.checker.rule import Rule
from eks_lab.checker.terraform.configuration import Configuration, Entity, blocks_of
from eks_lab.checker.terraform.constant import UNKNOWN, Evaluator, Known
from eks_lab.checker.terraform.syntax import Expression, Traversal, expressions
from eks_lab.checker.terraform.uses import NOWHERE, Use, UseFinder, target_of


@dataclass(frozen=True, slots=True)
class Attachment:
    """One managed policy on one role."""

    entity: Entity
    """Where it is written."""
    roles: tuple[Entity, ...]
    """Roles of this module that it names."""
    policy: str
    """Last part of its ARN, `AmazonEKSWorkerNodePolicy`; empty when it cannot be told."""


class View:
    """One module, ready to be judged."""

    def __init__(self, configuration: Configuration, finder: UseFinder, options: CheckOptions) -> None:
        """Work out nothing before a rule asks.

        Args:
            configuration: the module.
            finder: its uses.
            options: what to judge against.
        """
        self.configuration = configuration
        self.finder = finder
        self.options = options
        self.evaluator = Evaluator(configuration)

    @cached_property
    def clusters(self) -> list[Entity]:
        """Return the clusters."""
        return self.configuration.of_type("aws_eks_cluster")

    @cached_property
    def node_groups(self) -> list[Entity]:
        """Return the managed node groups."""
        return self.configuration.of_type("aws_eks_node_group")

    @property
    def is_whole(self) -> bool:
        """Whether what is missing here is missing altogether: all files, and no module that may bring it."""
        return self.options.whole_set and self.configuration.complete and not self.configuration.modules

    def value(self, entity: Entity, *path: str) -> Known:
        """Return the value of an argument, None when it is not set, UNKNOWN when it cannot be told."""
        return self.evaluator.argument(entity, *path)

    def line(self, entity: Entity, *path: str) -> int:
        """Return the line of an argument; of the block above it, or the entity, when it is not set."""
        bodies, line = [entity.body], entity.line
        for name in path:
            found = next((body.attributes[name] for body in bodies if name in body.attributes), None)
            if found is not None:
                return found.line
            blocks = [block for body in bodies for block in blocks_of(body, name)]
            if not blocks:
                break
            bodies, line = [block.body for block in blocks], blocks[0].line
        return line

    def finding(self, rule: Rule, entity: Entity, *path: str, says: str, fix: str = "") -> Finding:
        """Return a finding at an argument of an entity."""
        return rule.at(entity.file, self.line(entity, *path), says, fix=fix)

    def instances(self, entity: Entity) -> int | None:
        """Return how many of it there will be, None when that cannot be told."""
        if not entity.repetition:
            return 1
        found = self.value(entity, entity.repetition)
        if entity.repetition == "count":
            return found if isinstance(found, int) and not isinstance(found, bool) else None
        return len(found) if isinstance(found, list | dict) else None

    def reached(self, node: Expression | None) -> list[Entity]:
        """Return the resources and data sources that an expression leads to, through locals as well."""
        found: list[Entity] = []
        waiting = [node] if node is not None else []
        seen: set[str] = set()
        while waiting:
            for each in expressions(waiting.pop()):
                if not isinstance(each, Traversal):
                    continue
                target = target_of(Use(each, "", NOWHERE, frozenset()), self.configuration)
                if target is None or target.address in seen:
                    continue
                seen.add(target.address)
                if target.kind == "local" and target.value is not None:
                    waiting.append(target.value)
                elif target.kind in ("resource", "data"):
                    found.append(target)
        return found

    def reached_by(self, entity: Entity, *path: str, type: str = "") -> list[Entity]:
        """Return what an argument leads to, of one type when it is given."""
        argument = entity.argument(*path)
        found = self.reached(argument.value) if argument is not None else []
        return [each for each in found if not type or each.type == type]

    @cached_property
    def _edges(self) -> dict[str, set[str]]:
        edges: dict[str, set[str]] = {}
        for use in self.finder.uses:
            target = target_of(use, self.configuration)
            if target is not None:
                edges.setdefault(use.owner.address, set()).add(target.address)
        return edges

    def dependencies(self, entity: Entity) -> set[str]:
        """Return the addresses that have to be made before an entity, however far away."""
        found: set[str] = set()
        waiting = [entity.address]
        while waiting:
            for target in self._edges.get(waiting.pop(), ()):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Return the managed policies that this module puts on roles."""
        found: list[Attachment] = []
        for entity in self.configuration.of_type("aws_iam_role_policy_attachment"):
            roles = tuple(self.reached_by(entity, "role", type="aws_iam_role"))
            argument = entity.argument("policy_arn")
            for names in self.names_of(entity):
                arn = self.evaluator.fresh(argument.value if argument else None, names)
                found.append(
                    Attachment(entity, roles, arn.rsplit("/", 1)[-1] if isinstance(arn, str) else "")
                )
        for entity in self.configuration.of_type("aws_iam_role"):
            arns = self.value(entity, "managed_policy_arns")
            for arn in arns if isinstance(arns, list) else []:
                found.append(
                    Attachment(entity, (entity,), arn.rsplit("/", 1)[-1] if isinstance(arn, str) else "")
                )
        return found

    def names_of(self, entity: Entity) -> Iterator[dict[str, Known]]:
        """Yield `each` and `count` for every instance of an entity; once without values when nobody can tell."""
        if entity.repetition == "for_each":
            over = self.value(entity, "for_each")
            if isinstance(over, dict):
                yield from ({"each": {"key": key, "value": value}} for key, value in over.items())
                return
            if isinstance(over, list):
                yield from ({"each": {"key": key, "value": key}} for key in over)
                return
        elif entity.repetition == "count":
            number = self.instances(entity)
            if number is not None and number <= 100:
                yield from ({"count": {"index": index}} for index in range(number))
                return
        yield {"each": {"key": UNKNOWN, "value": UNKNOWN}} if entity.repetition else {}

    def policies_of(self, role: Entity) -> tuple[set[str], bool]:
        """Return names of the managed policies on a role, and whether there may be more."""
        mine = [each for each in self.attachments if role in each.roles or not each.roles]
        return {each.policy for each in mine if each.policy}, any(not each.policy for each in mine)

    @cached_property
    def is_auto_mode(self) -> bool:
        """Whether a cluster runs in Auto Mode, or might."""
        return any(
            self.value(each, "compute_config", "enabled") not in (None, False) for each in self.clusters
        )
