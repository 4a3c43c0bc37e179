"""References of a module: what nobody declares, what leads in a circle, what nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, Rule
from eks_lab.checker.terraform.configuration import Configuration, Entity
from eks_lab.checker.terraform.schema import provider_schema
from eks_lab.checker.terraform.uses import Use, UseFinder, target_of

UNDECLARED = Rule(
    "tf-undeclared-reference",
    ERROR,
    "A variable, local, resource, data source, module or module output that nobody declares.",
    "Declare it, or write the name of one that is declared.",
    "terraform.verify",
)
REPETITION = Rule(
    "tf-repetition-reference",
    ERROR,
    "`each` without for_each, `count.index` without count, `self` outside a resource's own blocks.",
    "Give the block for_each or count, or use something else.",
    "terraform.verify",
)
CYCLE = Rule(
    "tf-cycle",
    ERROR,
    "Things that refer to each other in a circle: Terraform finds no order to make them in.",
    "Break the circle: move the reference into a resource of its own, such as a rule or an attachment.",
    "terraform.verify",
)
UNUSED_VARIABLE = Rule(
    "tf-unused-variable", NOTE, "A variable that nothing reads.", "Use it or remove it.", "terraform.verify"
)
UNUSED_LOCAL = Rule(
    "tf-unused-local", NOTE, "A local that nothing reads.", "Use it or remove it.", "terraform.verify"
)
UNUSED_DATA = Rule(
    "tf-unused-data",
    NOTE,
    "A data source that nothing reads: it costs an API call with each plan.",
    "Use it or remove it.",
    "terraform.verify",
)
RULES = (UNDECLARED, REPETITION, CYCLE, UNUSED_VARIABLE, UNUSED_LOCAL, UNUSED_DATA)
_BUILT_IN = {
    "path": ("module", "root", "cwd"),
    "terraform": ("workspace", "applying"),
    "each": ("key", "value"),
    "count": ("index",),
}
_LONGEST_CIRCLE = 6


def check_references(
    configuration: Configuration, finder: UseFinder, *, whole_set: bool
) -> Iterator[Finding]:
    """Yield what is wrong with the references of a module.

    Args:
        configuration: the module.
        finder: its uses.
        whole_set: whether all its files are here; else names nobody declares are not reported.
    """
    if whole_set and configuration.complete:
        for use in finder.uses:
            yield from _undeclared(use, configuration)
    yield from _repetition(finder.uses)
    yield from _cycles(configuration, finder)
    if whole_set and configuration.complete:
        yield from _unused(configuration, finder)


def _undeclared(use: Use, configuration: Configuration) -> Iterator[Finding]:
    traversal = use.traversal
    root = traversal.root
    if root in use.bound or root in ("self", "provider"):
        return
    names = [step.name for step in traversal.steps[:2] if step.kind == "attribute"]
    first = names[0] if names else ""
    if root in _BUILT_IN:
        if first not in _BUILT_IN[root]:
            known = ", ".join(f"{root}.{name}" for name in _BUILT_IN[root])
            yield UNDECLARED.at(
                use.file, traversal.line, f"there is no {traversal.text}", fix=f"Known: {known}."
            )
    elif target_of(use, configuration) is None:
        what, known_names, like = _sought(root, names, configuration)
        near = did_you_mean(like, known_names)
        yield UNDECLARED.at(use.file, traversal.line, what, fix=near or _how_to_declare(root, names))
    elif root == "module" and len(names) == 2:
        child = configuration.children.get(first)
        if child is not None and child.complete and names[1] not in child.outputs:
            near = did_you_mean(names[1], child.outputs)
            yield UNDECLARED.at(
                use.file,
                traversal.line,
                f"module {first!r} has no output {names[1]!r}",
                fix=near or f'Add output "{names[1]}" to the module.',
            )


def _sought(root: str, names: list[str], configuration: Configuration) -> tuple[str, list[str], str]:
    """Return a sentence, the names that exist, and the name that was sought."""
    first = names[0] if names else ""
    tables = {"var": ("variable", configuration.variables), "local": ("local", configuration.locals)}
    if root in tables:
        word, table = tables[root]
        return f"{word} {first!r} is not declared", [f"{root}.{name}" for name in table], f"{root}.{first}"
    if root == "module":
        return (
            f"there is no module {first!r}",
            [f"module.{name}" for name in configuration.modules],
            f"module.{first}",
        )
    if root in ("data", "ephemeral"):
        typed = configuration.data if root == "data" else configuration.ephemerals
        address = ".".join([root, *names])
        known = [f"{root}.{type_}.{name}" for type_, name in typed]
        return f"{address} is not declared", known, address
    address = ".".join([root, *names[:1]])
    known = [".".join(key) for key in configuration.resources]
    if not names:
        return f"{root!r} is neither a text in quotes nor a reference", [], root
    return f"resource {address} is not declared", known, address


def _how_to_declare(root: str, names: list[str]) -> str:
    first = names[0] if names else ""
    if root == "var":
        return f'Add variable "{first}" {{ … }}.'
    if root == "local":
        return f"Add {first} = … to a locals block."
    if root == "module":
        return f'Add module "{first}" {{ … }}.'
    if root == "data" and len(names) == 2:
        return f'Add data "{names[0]}" "{names[1]}" {{ … }}.'
    if not names:
        return f'Write "{root}" for a text, or var.{root} for a variable.'
    if "_" not in root and not provider_schema().exists("resource", root):
        return f"A reference begins with var, local, module, data or the type of a resource; {root} is none."
    return f'Add resource "{root}" "{first}" {{ … }}.'


def _repetition(uses: list[Use]) -> Iterator[Finding]:
    for use in uses:
        root = use.traversal.root
        if root in use.bound:
            continue
        needed = {"each": "for_each", "count": "count"}.get(root, "")
        if needed and use.owner.repetition != needed:
            yield REPETITION.at(
                use.file,
                use.traversal.line,
                f"{use.traversal.text} in {_title(use.owner)}, which has no {needed}",
                fix=f"Give it {needed}.",
            )
        elif root == "self" and not use.has_self:
            yield REPETITION.at(
                use.file,
                use.traversal.line,
                "self stands outside provisioner, connection and postcondition",
                fix="Write the resource's own address there instead.",
            )


def _title(owner: Entity) -> str:
    return owner.address if owner.name else "this block"


def _cycles(configuration: Configuration, finder: UseFinder) -> Iterator[Finding]:
    edges: dict[str, dict[str, Use]] = {}
    entities: dict[str, Entity] = {}
    for use in finder.uses:
        target = target_of(use, configuration)
        # A module's inputs and outputs are nodes of their own in Terraform, so two modules may use each other.
        if target is None or not use.owner.name or "module" in (use.owner.kind, target.kind):
            continue
        if use.owner.kind == "variable" and target is use.owner:
            continue
        entities[use.owner.address] = use.owner
        edges.setdefault(use.owner.address, {}).setdefault(target.address, use)
    for circle in _circles({name: list(targets) for name, targets in edges.items()}):
        use = edges[circle[0]][circle[1] if len(circle) > 1 else circle[0]]
        shown = circle if len(circle) <= _LONGEST_CIRCLE else [*circle[: _LONGEST_CIRCLE - 1], "…"]
        yield CYCLE.at(
            use.file,
            use.traversal.line,
            f"{circle[0]} refers to itself"
            if len(circle) == 1
            else f"these refer to each other in a circle: {' → '.join([*shown, circle[0]])}",
        )


def _circles(edges: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield one circle for each group of nodes that reach each other, by depth-first search without recursion."""
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path: list[str] = [start]
        on_path = {start}
        pending = [iter(edges.get(start, ()))]
        while pending:
            target = next(pending[-1], None)
            if target is None:
                pending.pop()
                finished = path.pop()
                on_path.discard(finished)
                done.add(finished)
            elif target in on_path:
                yield path[path.index(target) :]
                # One circle a start is enough: mending it shows the next one.
                done.update(path)
                break
            elif target not in done and target in edges:
                path.append(target)
                on_path.add(target)
                pending.append(iter(edges[target]))


def _unused(configuration: Configuration, finder: UseFinder) -> Iterator[Finding]:
    used = {
        target.address
        for use in finder.uses
        if (target := target_of(use, configuration)) is not None and target is not use.owner
    }
    tables = (
        (UNUSED_VARIABLE, configuration.variables.values()),
        (UNUSED_LOCAL, configuration.locals.values()),
        (UNUSED_DATA, configuration.data.values()),
    )
    for rule, entities in tables:
        for entity in entities:
            if entity.address not in used:
                yield rule.at(entity.file, entity.line, f"nothing reads {entity.address}")
