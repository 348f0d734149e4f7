"""realpolitik: arguments about who holds leverage over whom, made to run, be questioned and scored.

import realpolitik as rp

ensemble = rp.run("karabakh", worlds=2000, seed=1)
ensemble.probability("withdrawal", by="2024-06")
story = rp.explain("karabakh", world=17)
"""

import lazy_loader

# Names are imported on first use, so that help is fast and a scenario is read without the compiled model. They are
# listed once, in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
