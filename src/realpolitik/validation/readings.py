"""Who acted? An exit can be read as leverage at work, as a sum that Moscow did for itself, or as a bargain."""

from os import PathLike

from realpolitik.explaining import Decision, explain
from realpolitik.scenario import Scenario

EXITS = ("withdraw", "withdraw_for_price")
PAID = 0.1
"""Terms from which on an exit counts as sold; below, as free."""


def reading(decision: Decision) -> str:
    """Return which reading fits the exact account of an exit.

    "bargain" if it was paid; "cost-benefit" if Moscow's own interests alone, less the cost, speak for it; else
    "leverage": it would have stayed, had it not weighed what others could withhold.
    """
    account = decision.account
    if account.tau >= PAID:
        return "bargain"
    return "cost-benefit" if account.own > account.cost else "leverage"


def exit_of(scenario: str | PathLike[str] | Scenario, world: int, seed: int = 1) -> Decision | None:
    """Return the decision by which Moscow left in a world; None if it stayed."""
    story = explain(scenario, world=world, seed=seed, actor="Moscow", flips=False)
    return next((d for d in story.decisions if d.account.move in EXITS and d.account.result != "refused"), None)
