"""Benchmarks: the engine beside other ways to run the same equations."""
