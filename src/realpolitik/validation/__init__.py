"""Validation of a scenario: claims, history, counterfactual directions, deployments and simple forecasters."""

from realpolitik.validation.validating import Check, ScoreSheet, best_uncertainty, validate

__all__ = ["Check", "ScoreSheet", "best_uncertainty", "validate"]
