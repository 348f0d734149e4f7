"""Worlds played by a thread per lane, as on a GPU, keep their bits; kernels for GPUs round as a processor does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from realpolitik_model import simulate
from threaded import MANY, worlds_of

TESTS = Path(__file__).parents[1]
WORLDS = 33
"""The last block has one world, and lanes that are not kept."""
PLAYED = {"play": "karabakh", "play_ahead": "sweden-nato"}
MONTHS = {"play": 22, "play_ahead": 4}
FORK = "drivers.war.scale=0.5@2022-09"


@pytest.fixture(scope="module", params=["play", pytest.param("play_ahead", marks=pytest.mark.gpu)])
def kernel(request):
    """Return the name of a kernel."""
    return request.param


@pytest.fixture(scope="module")
def folder(kernel, tmp_path_factory):
    """Run a kernel of the threaded build, in a process of its own."""
    folder = tmp_path_factory.mktemp("threads")
    environment = os.environ | {"REALPOLITIK_THREADED": "1", "REALPOLITIK_LANES": "32", "NUMBA_OPT": "0"}
    what = [PLAYED[kernel], FORK if kernel == "play" else "", str(WORLDS), str(MONTHS[kernel])]
    command = [sys.executable, "-W", "ignore", "-m", "threaded", kernel, folder, *what]
    run = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return folder


def the_same(arguments, file):
    """Assert that what a file holds is what `simulate` returns for these arguments; return it."""
    played = np.load(file)
    for part, values in simulate(**arguments)._asdict().items():
        assert played[part].tobytes() == values.tobytes(), part
    return played


def test_a_thread_per_lane_plays_the_same_worlds(kernel, folder):
    """Votes, marks that a block shares, a fork, and the last block, which is not full, leave every bit as it is."""
    expected = worlds_of(PLAYED[kernel], FORK if kernel == "play" else "", WORLDS, MONTHS[kernel])
    played = the_same(expected, folder / "worlds.npz")
    assert played["issues"].std(axis=0).any(), "the worlds differ"
    assert played["made"].any()


def test_little_memory_takes_more_launches(kernel, folder):
    """A GPU that holds 32 worlds at a time plays 33 in two launches of one warp, to the same bits."""
    few = worlds_of(PLAYED[kernel], FORK if kernel == "play" else "", WORLDS, 2) | {"paths": 0}
    played = the_same(few, folder / "tight.npz")
    assert played["launches"].tolist() == [2, 8, 1, 1]


def test_blocks_of_the_gpu_need_not_be_full(kernel, folder):
    """Of eight warps in two blocks, two have no world."""
    the_same(worlds_of(PLAYED[kernel], FORK if kernel == "play" else "", MANY, 1), folder / "many.npz")


@pytest.mark.parametrize("processor", ["sm_80", "sm_90"])
def test_a_gpu_rounds_as_a_processor_does(kernel, folder, processor):
    """No product is fused with a sum, no operation is approximate, and the kernel calls nothing that is not in it."""
    text = (folder / f"{processor}.ptx").read_text(encoding="utf-8")
    operations = set(re.findall(r"\b((?:fma|mad|add|sub|mul|div|rcp|sqrt)\.\S*f(?:32|64))\b", text))
    assert operations <= {"add.rn.f64", "sub.rn.f64", "mul.rn.f64", "div.rn.f64", "rcp.rn.f64"}
    assert {"add.rn.f64", "mul.rn.f64", "div.rn.f64"} <= operations
    assert f".target {processor}" in text
    assert f".visible .entry {kernel}(" in text
    called = set(re.findall(r"^\s*call\S*\s+(?:\(\w+\), )?(\w+)", text, re.MULTILINE))
    assert called <= set(re.findall(r"^\.func .*?(\w+)\($", text, re.MULTILINE)), "only what is in the kernel is called"
    assert ".extern" not in text
    assert "vote.sync.any" in text
    loads = set(re.findall(r"^\s*ld\.(?!param)\S*", text, re.MULTILINE))
    assert not [load for load in loads if load.endswith("8")], "tables are read word by word"
