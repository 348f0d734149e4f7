"""Audits: how much each claim of an argument contributes to the probability of an outcome."""

from realpolitik.auditing.auditing import Audit, Burden, audit

__all__ = ["Audit", "Burden", "audit"]
