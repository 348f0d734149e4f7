"""Validation: claims, history, counterfactual directions, deployments and simple forecasters; one case or several."""

from realpolitik.validation.cases import CaseSheets, validate_cases
from realpolitik.validation.validating import Check, ScoreSheet, best_uncertainty, validate

__all__ = ["CaseSheets", "Check", "ScoreSheet", "best_uncertainty", "validate", "validate_cases"]
