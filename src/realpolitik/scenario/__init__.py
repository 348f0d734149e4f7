"""Scenario files: read, checked with line and column, resolved on their base, and changed by dotted path.

Names are imported on first use: listing the shipped scenarios does not import pydantic.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
