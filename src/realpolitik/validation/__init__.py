"""The validation ladder: claims, history, directions, deployments, each beside simpler forecasters."""

from realpolitik.validation.checks import Check
from realpolitik.validation.sheet import Sheet, best_uncertainty, validate

__all__ = ["Check", "Sheet", "best_uncertainty", "validate"]
