"""Parameter sweeps: designs, a driver that can be killed at any moment, and analyses of the results."""

import lazy_loader

# Names are imported on first use. They are listed in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
