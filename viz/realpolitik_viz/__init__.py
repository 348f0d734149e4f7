"""Figures as functions of results; this package computes nothing itself.

from realpolitik_viz import ensemble_figure, save

save(ensemble_figure(rp.run("karabakh", worlds=2000, seed=1)), "karabakh.svg")
"""

import lazy_loader

# Names are imported on first use: finding the entry points does not import Matplotlib. They are listed in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
