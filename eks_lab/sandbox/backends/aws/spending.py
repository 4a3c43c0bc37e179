"""The AWS budget of a session, and why it is not what stops the spending.

AWS reckons budgets from billing data that come several times a day (AWS Budgets user guide, "Best practices": up to
8–12 hours late) and filters by a tag only once somebody has activated it for cost allocation. So the budget is for the
learner's own eyes; `limits` reckons by the clock and the price, and refuses.
"""

from __future__ import annotations

from eks_lab.sandbox.backends.aws.requests import DENIED, EXPIRED, THROTTLED, RefusedError
from eks_lab.sandbox.backends.aws.site import SESSION_TAG, Site

NOT_PERMITTED = "not permitted"
"""In place of an id: AWS lets this principal make no budget, and nothing was made."""


class Budget:
    """A cost budget with the session's limit."""

    step = kind = "budget"
    title = "Make a budget in AWS Budgets"

    def name(self, site: Site) -> str:
        """Return its name."""
        return site.name("budget")

    def find(self, site: Site) -> str:
        """Return its name when there is one; the session is in the name."""
        name = self.name(site)
        try:
            found = site.found(
                "budgets", "DescribeBudget", AccountId=site.ledger.head.account, BudgetName=name
            )
        except RefusedError as error:
            if error.code in DENIED:
                return ""
            raise
        return name if found else ""

    def make(self, site: Site) -> str:
        """Make it where that is permitted; otherwise the estimate alone watches."""
        head = site.ledger.head
        try:
            site.call(
                "budgets",
                "CreateBudget",
                AccountId=head.account,
                Budget={
                    "BudgetName": self.name(site),
                    "BudgetLimit": {"Amount": f"{head.budget_usd:.2f}", "Unit": "USD"},
                    "TimeUnit": "MONTHLY",
                    "BudgetType": "COST",
                    "CostFilters": {"TagKeyValue": [f"user:{SESSION_TAG}${head.session}"]},
                },
                ResourceTags=site.listed_tags,
            )
        except RefusedError as error:
            if error.code == "DuplicateRecordException":
                return self.name(site)
            if error.code in EXPIRED | THROTTLED:
                raise
            # Not permitted, too many, no billing view: the cluster does not depend on it.
            return NOT_PERMITTED
        return self.name(site)

    def settle(self, site: Site) -> None:
        """Do nothing: it is ready when it is made."""

    def remove(self, site: Site, id: str) -> None:
        """Delete it."""
        if id != NOT_PERMITTED:
            site.delete("budgets", "DeleteBudget", AccountId=site.ledger.head.account, BudgetName=id)
