"""Parameter sweeps: designs, a driver that loses nothing, and what a finished sweep can be asked."""

import lazy_loader

# Names are imported on first use. They are listed in __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
