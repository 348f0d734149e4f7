"""Plays worlds through the real bindings of the CUDA driver, whatever library they find: python -m bound."""

import sys

import numpy as np

import realpolitik as rp
from realpolitik_model import simulate
from realpolitik_model.gpu import Gpu


def main():
    """Print the name of the GPU, the worlds of a batch, and how many worlds came back."""
    from cuda.bindings import driver

    gpu = Gpu(driver, ".visible .entry {}(".format)
    case = rp.load("karabakh").case()
    outputs = simulate(case, np.arange(300), seed=1, months=3, paths=5, device=gpu)
    sys.stdout.write(f"{gpu.name}\n{gpu.batch(case, {})}\n{len(outputs.first)}\n")


if __name__ == "__main__":
    main()
