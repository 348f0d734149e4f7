"""The theory of leverage-weighted interests: who moves, why, and at what price.

One idea runs the model: an actor weighs what a move does to others by the leverage they hold over it. The equations
E1-E8 are in `equations`, as plain functions of values; the `engine` plays them on many worlds; `model/README.md` is
their contract.
"""

import lazy_loader

# Names are imported on first use: running an ensemble does not import Mesa. They are listed in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
