"""Audits: how much each claim of an argument carries for an outcome."""

from realpolitik.auditing.auditing import audit
from realpolitik.auditing.result import Audit, Burden

__all__ = ["Audit", "Burden", "audit"]
