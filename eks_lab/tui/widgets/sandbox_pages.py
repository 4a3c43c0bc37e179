"""The tables of the sandbox: one page in front of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from eks_lab.tui.sandbox_view import Page, SandboxView
from eks_lab.tui.status_rows import Row, Tone
from eks_lab.tui.widgets.status_table import StatusTable

if TYPE_CHECKING:
    from textual.app import ComposeResult

TITLES = {
    Page.WORKLOADS: "Workloads",
    Page.EKS: "EKS",
    Page.NETWORK: "Network",
    Page.ACCESS: "Access",
    Page.COST: "Cost",
    Page.FAULTS: "Faults",
}
"""Of the pages, in their order."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table of a page is laid out."""

    columns: tuple[str, ...]
    bold: int
    """Number of the column that holds the status."""
    share: int
    """Of the height; 0 is as high as its rows."""
    is_last_shown_whole: bool = False


LAYOUTS: dict[Page, dict[str, Layout]] = {
    Page.WORKLOADS: {
        "nodes": Layout(("NAME", "STATUS", "ZONE", "TYPE", "PODS"), 1, 0),
        "pods": Layout(("NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "NODE"), 3, 3),
        "events": Layout(("TIME", "TYPE", "REASON", "OBJECT", "MESSAGE"), 1, 2, True),
    },
    Page.EKS: {
        "clusters": Layout(("NAME", "STATUS", "VERSION", "API SERVER", "WORKLOADS"), 1, 0),
        "nodegroups": Layout(("CLUSTER", "NAME", "STATUS", "DESIRED", "TYPES", "HEALTH"), 2, 1, True),
        "addons": Layout(("CLUSTER", "NAME", "STATUS", "VERSION"), 2, 1),
    },
    Page.NETWORK: {
        "subnets": Layout(("NAME", "ADDRESSES", "USED", "CIDR", "ZONE", "ID"), 1, 1),
        "instances": Layout(
            ("INSTANCE, ENI", "STATE", "USED BY PODS", "SLOTS FILLED", "HOLDS", "TYPE, SUBNET", "ID"), 1, 1
        ),
    },
    Page.ACCESS: {
        "access": Layout(("CLUSTER", "PRINCIPAL", "TYPE", "POLICIES"), 1, 1, True),
        "associations": Layout(("CLUSTER", "NAMESPACE", "SERVICE ACCOUNT", "ROLE"), 3, 1),
    },
    Page.COST: {
        "costs": Layout(("WHAT", "RUNNING", "SO FAR", "AN HOUR", "A MONTH"), 0, 1),
        "running": Layout(("ID", "STATE", "AN HOUR", "SINCE", "WHAT"), 1, 1, True),
    },
    Page.FAULTS: {
        "faults": Layout(("FAULT", "STATE", "ID", "LOOKS LIKE"), 1, 1, True),
    },
}
"""From top to bottom."""


class SandboxPages(ContentSwitcher):
    """Shows one page; only that one is brought up to date."""

    DEFAULT_CSS = """
    SandboxPages {
        height: 1fr;
        .-share-0 { height: auto; max-height: 7; }
        .-share-0 GridTable { height: auto; max-height: 5; }
        .-share-1 { height: 1fr; }
        .-share-2 { height: 2fr; }
        .-share-3 { height: 3fr; }
    }
    """

    def __init__(self) -> None:
        """Show the workloads first."""
        super().__init__(id="sandbox-pages", initial=_id(Page.WORKLOADS))

    def compose(self) -> ComposeResult:
        """Compose every page."""
        for page, tables in LAYOUTS.items():
            with Vertical(id=_id(page)):
                main = _main(page)
                for name, layout in tables.items():
                    table = StatusTable(
                        layout.columns,
                        layout.bold,
                        id=f"sandbox-{name}",
                        is_last_shown_whole=layout.is_last_shown_whole,
                    )
                    table.set_class(name != main, "-side")
                    yield table.add_class(f"-share-{layout.share}")

    @property
    def page(self) -> Page:
        """What is in front."""
        return Page((self.current or _id(Page.WORKLOADS)).removeprefix(_ID))

    @page.setter
    def page(self, page: Page) -> None:
        self.current = _id(page)

    def show(self, view: SandboxView) -> None:
        """Bring the page in front up to date.

        Args:
            view: was looked at for this page.
        """
        for name, table in view.tables(self.page).items():
            self.query_one(f"#sandbox-{name}", StatusTable).show(table)

    @property
    def fault(self) -> Row | None:
        """The fault with the cursor."""
        return self.query_one("#sandbox-faults", StatusTable).row if self.page is Page.FAULTS else None

    def focus_main(self) -> None:
        """Give the keys to the main table of the page."""
        self.query_one(f"#sandbox-{_main(self.page)}", StatusTable).table.focus()


def troubles(view: SandboxView, page: Page) -> dict[Page, bool]:
    """Return for each page that a view is about whether something there has a problem.

    Args:
        view: was looked at for a page.
        page: that page; one answer of the control API fills all pages of the account.
    """
    account = (Page.EKS, Page.NETWORK, Page.ACCESS)
    return {
        each: any(row.tone is Tone.BAD for table in view.tables(each).values() for row in table.rows)
        for each in (account if page in account else (page,))
    }


_ID = "sandbox-page-"


def _main(page: Page) -> str:
    """Return the name of the table of a page that gets the keys, and the room where there is little."""
    return next(name for name, layout in LAYOUTS[page].items() if layout.share)


def _id(page: Page) -> str:
    return f"{_ID}{page.value}"
