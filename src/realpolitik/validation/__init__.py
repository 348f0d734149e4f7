"""Validation of a scenario: claims, history, counterfactual directions and deployments, beside simple forecasters."""

from realpolitik.validation.validating import Check, ScoreSheet, best_uncertainty, validate

__all__ = ["Check", "ScoreSheet", "best_uncertainty", "validate"]
