"""The kernels for GPUs: their PTX, played instruction by instruction, leaves the bits that a processor leaves."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given

import realpolitik as rp
from driver import MEMORY
from emulator import as_c
from playing import GOLDEN, digests, numbers_of, worlds_of
from realpolitik.scenario.changes import parse_setting
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import Case, simulate
from realpolitik_model.engine.ptx import FAST, OLDEST, WARPS, compared, in_memory, ptx_of
from realpolitik_model.engine.warps import with_uniform_branches
from realpolitik_model.gpu import NoGpu
from reference import random_cases
from reference.random_cases import quiet
from traffic import Watching, through_a_cache, traffic

AHEAD = pytest.mark.gpu  # foresight: minutes to compile
KERNELS = ["play", pytest.param("play_ahead", marks=AHEAD)]
PLAYED = {"play": ("karabakh", 22), "play_ahead": ("sweden-nato", 4)}
"""A scenario, and months."""
FORK = "drivers.war.scale=0.5@2022-09"
MOST_INSTRUCTIONS = 40_000
"""Per world of the base case, a warp's instructions shared by its worlds: 39,000 when this was written. Some 3,000 of
them cut addresses to 32 bits, which NVIDIA's assembler needs no instruction for."""
MOST_ROWS = 300
"""Numbers of 8 bytes that a GPU's memory moves per world and month, as `traffic` simulates it, in 24 months: 292
when this was written, with the cache of one of 16 warps."""
DIVISION = re.compile(r"\b(div|rcp)\.rn\.f64(\s+%\w+, )(.*);")
TOOLS = os.environ.get("REALPOLITIK_ASSEMBLER", "")
"""A folder with NVIDIA's ptxas and nvdisasm: `make assembled`."""
PROCESSORS = ["sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]

gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc")
assembler = pytest.mark.skipif(not TOOLS, reason="make assembled fetches NVIDIA's assembler")


def ahead(name):
    """Return whether some actor of a shipped scenario has foresight."""
    return rp.load(name).case().horizon({}) > 0


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    """Return an emulator of a GPU."""
    return Watching(tmp_path_factory.mktemp("emulator"))


@pytest.fixture(params=KERNELS)
def worlds(request):
    """Return a function that gives the arguments of `simulate` for worlds that take a kernel, with all paths kept."""
    name, months = PLAYED[request.param]
    scenario = rp.load(name)
    case = (scenario.set([parse_setting(FORK)]) if request.param == "play" else scenario).case()

    def arguments(count, months=months):
        numbers = np.arange(count)
        drawn = draw_numbers(scenario, 1, numbers, "prior")
        return {"case": case, "worlds": numbers, "seed": 1, "numbers": drawn, "months": months, "paths": count}

    return arguments


def the_same(arguments, device):
    """Assert that a device leaves what this process leaves; return it."""
    here, there = (simulate(**arguments, device=one) for one in (None, device))
    for part in here._fields:
        assert getattr(here, part).tobytes() == getattr(there, part).tobytes(), part
    return here


@gcc
@pytest.mark.parametrize("name", [pytest.param(s.name, marks=AHEAD if ahead(s.name) else ()) for s in rp.shipped()])
def test_the_accepted_worlds(name, emulator):
    """Worlds 0 to 19 of each shipped scenario have the accepted digests."""
    golden = json.loads(GOLDEN.read_text())[name]
    assert digests(rp.load(name), emulator.gpu).items() <= golden.items()


@gcc
def test_worlds_of_a_last_block_that_is_not_full(emulator, worlds):
    """Votes, marks that a warp shares, a fork, and threads with worlds that are not kept leave every bit as it is."""
    outputs = the_same(worlds(emulator.gpu.lanes + 5), emulator.gpu)
    assert outputs.issues.std(axis=0).any(), "the worlds differ"
    assert outputs.made.any()


@gcc
def test_little_memory_takes_more_launches(emulator, worlds):
    """A GPU that holds the worlds of one warp at a time plays one more in two launches."""
    few, gpu = worlds(emulator.gpu.lanes + 1, months=2) | {"paths": 0}, emulator.gpu
    enough = gpu.memory
    try:
        tighten(gpu, few)
        before = len(gpu.driver.launches)
        the_same(few, gpu)
        assert gpu.driver.launches[before:] == [1, 1]
    finally:
        gpu.memory = enough


def tighten(gpu, arguments):
    """Leave a GPU as little memory as one warp needs."""
    too_little, enough = 0, MEMORY
    while enough - too_little > 1:
        gpu.memory = (too_little + enough) // 2
        try:
            gpu.batch(arguments["case"], {path: float(one.max()) for path, one in arguments["numbers"].items()})
            enough = gpu.memory
        except NoGpu:
            too_little = gpu.memory
    gpu.memory = enough


@gcc
def test_thread_blocks_need_not_be_full(emulator, worlds):
    """The last ones of two thread blocks have no world."""
    the_same(two_thread_blocks(emulator, worlds), emulator.gpu)
    assert emulator.gpu.driver.shared[-1] > 0
    assert emulator.gpu.driver.launches[-1] in {2 * rows for rows in WARPS.values()}


def two_thread_blocks(emulator, worlds):
    """Return the arguments for worlds of which the second thread block has two warps."""
    rows = WARPS["play_ahead" if worlds(1)["case"].horizon({}) else "play"]
    return worlds((rows + 1) * emulator.gpu.lanes + 1, months=1)


@pytest.mark.gpu
@gcc
def test_little_shared_memory(emulator, worlds, monkeypatch):
    """Where it does not hold what a thread block reads most, that stays in the memory of the GPU."""
    monkeypatch.setattr(emulator.gpu, "_fast", 10_000)
    the_same(two_thread_blocks(emulator, worlds), emulator.gpu)
    assert emulator.gpu.driver.shared[-1] == 0


@gcc
@pytest.mark.parametrize("foresight", [False, pytest.param(True, marks=AHEAD)])
def test_random_scenarios(emulator, foresight):
    """Worlds of random scenarios, of which some numbers differ, keep their bits too."""

    @quiet(60)
    @given(random_cases.cases())
    def agree(scenario):
        case, some = Case.of(scenario.document, scenario.forks), worlds_of(scenario, 9)
        numbers = numbers_of(scenario, some)
        assume((case.horizon({path: float(one.max()) for path, one in numbers.items()}) > 0) == foresight)
        arguments = {"case": case, "worlds": some, "seed": scenario.seed, "numbers": numbers, "paths": 5}
        the_same(arguments, emulator.gpu)

    agree()


@gcc
def test_what_a_world_costs(emulator):
    """Each instruction of a warp serves all of its worlds: no change makes them many more unnoticed."""
    case, worlds = rp.load("karabakh").case(), np.arange(emulator.gpu.lanes)
    simulate(case, worlds, seed=1, months=1, device=emulator.gpu)
    before = sum(count for count, _ in emulator.executed("play"))
    simulate(case, worlds, seed=1, device=emulator.gpu)
    executed = sum(count for count, _ in emulator.executed("play")) - before
    assert MOST_INSTRUCTIONS / 2 < executed / worlds.size < MOST_INSTRUCTIONS


@gcc
def test_what_a_world_moves(emulator):
    """A GPU waits for its memory most, so no change makes kernels move much more unnoticed."""
    [by_table] = traffic(emulator, months=24).values()
    assert MOST_ROWS / 2 < np.sum([*by_table.values()]) < MOST_ROWS


def test_a_cache_writes_back_what_was_stored():
    """It fetches what is read and not there; what it has no room for, it writes back if it was stored."""
    accesses = [(1, True), (2, False), (1, False), (3, False), (2, False), (1, True)]
    assert through_a_cache(accesses, 2) == ({2: 2, 3: 1}, {1: 2, 2: 0, 3: 0})
    assert through_a_cache(accesses, 3) == ({2: 1, 3: 1}, {1: 1})


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_gpu_rounds_as_a_processor_does(kernel):
    """No product is fused with a sum, no operation is approximate, and the kernel calls nothing that is not in it."""
    text = ptx_of(kernel)
    operations = set(re.findall(r"\b((?:fma|mad|add|sub|mul|div|rcp|sqrt|min|max)\.\S*f(?:32|64))\b", text))
    assert operations <= {"add.rn.f64", "sub.rn.f64", "mul.rn.f64", "div.rn.f64", "rcp.rn.f64"}
    assert {"add.rn.f64", "mul.rn.f64", "div.rn.f64"} <= operations
    assert f".target {OLDEST}" in text
    assert f".visible .entry {kernel}(" in text
    called = set(re.findall(r"^\s*call\S*\s+(?:\(\w+\), )?(\w+)", text, re.MULTILINE))
    assert called <= set(re.findall(r"^\.func .*?(\w+)\($", text, re.MULTILINE)), "only what is in the kernel is called"
    assert re.findall(r"\.extern .*", text) == [f".extern .shared .align 16 .b8 {FAST}[];"]
    assert "vote.sync.any" in text
    loads = set(re.findall(r"^\s*ld\.(?!param)\S*", text, re.MULTILINE))
    assert not [load for load in loads if load.endswith("8")], "tables are read word by word"


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_is_in_shared_memory_is_known(kernel):
    """A kernel reads tables and marks from there, with instructions for it; or all of it from the memory of the GPU."""
    text = ptx_of(kernel)
    plain, shared, in_global = (
        len(re.findall(rf"^\s*ld{kind}\.b", text, re.MULTILINE)) for kind in ("", r"\.shared", r"\.global")
    )
    assert shared > 500
    if kernel == "play":
        assert plain < 50, "only what is at either place"
        assert in_global > 50
    assert not re.search(r"\.shared\.\w+\s", in_memory(text)), "neither loads nor addresses"
    assert in_memory(text).count("ld.") == text.count("ld.")


@pytest.mark.parametrize("kernel", KERNELS)
def test_few_branches_part_the_threads_of_a_warp(kernel):
    """Only the ends of loops over lanes, and over the words that each thread copies when it begins."""
    text = ptx_of(kernel)
    assert len(re.findall(r"@!?%p\d+ bra\s", text)) < len(re.findall(r"@!?%p\d+ bra\.uni\s", text)) / 15


def module(*lines, end="ret;"):
    """Return a module with a kernel of a few lines; %r1 is the number of a thread, %rd1 the address of some memory."""
    start = ["mov.u32 \t%r1, %tid.x;", "ld.param.b64 \t%rd1, [one_param_0];"]
    body = "\n".join(line if line.startswith("$") else f"\t{line}" for line in [*start, *lines, end])
    return f".visible .entry one(\n\t.param .u64 one_param_0\n)\n{{\n{body}\n}}\n"


@pytest.mark.parametrize(
    ("lines", "uniform"),
    [
        (["ld.b64 \t%rd2, [%rd1+8];", "setp.eq.b64 \t%p1, %rd2, 0;", "@%p1 bra \t$L;", "$L:"], 1),
        (["setp.eq.b32 \t%p1, %r1, 0;", "@%p1 bra \t$L;", "$L:"], 0),
        (
            [
                "cvt.u64.u32 \t%rd3, %r1;",
                "add.s64 \t%rd4, %rd1, %rd3;",
                "ld.v2.b64 \t{%rd5, %rd6}, [%rd4];",
                "setp.lt.f64 \t%p2, %rd6, %rd5;",
                "@!%p2 bra \t$L;",
                "$L:",
                "vote.sync.any.pred \t%p3, %p2, -1;",
                "@%p3 bra \t$M;",
                "$M:",
            ],
            1,
        ),
        (
            [
                "setp.eq.b32 \t%p1, %r1, 0;",
                "mov.b64 \t%rd7, 1;",
                "@%p1 bra \t$L;",
                "mov.b64 \t%rd7, 2;",
                "$L:",
                "setp.eq.b64 \t%p4, %rd7, 2;",
                "@%p4 bra \t$M;",
                "$M:",
            ],
            0,
        ),
    ],
    ids=["loaded by all", "by thread", "a vote of what differs", "set on the way of some"],
)
def test_which_branches_are_uniform(lines, uniform):
    """Those whose condition is the same for all threads: also not set where only some of them come by."""
    assert with_uniform_branches(module(*lines)).count("bra.uni") == uniform


def test_calls_hand_on_what_differs():
    """A parameter differs if some call gives it what differs."""
    function = (
        ".func two(\n\t.param .b64 two_param_0,\n\t.param .b64 two_param_1\n)\n{\n"
        "\tld.param.b64 \t%rd1, [two_param_0+16];\n\tld.param.b64 \t%rd2, [two_param_1];\n"
        "\tsetp.eq.b64 \t%p1, %rd1, 0;\n\t@%p1 bra \t$A;\n$A:\n\tsetp.eq.b64 \t%p2, %rd2, 0;\n\t@%p2 bra \t$B;\n$B:\n"
        "\tret;\n}\n"
    )
    call = [
        "cvt.u64.u32 \t%rd3, %r1;",
        "st.param.v2.b64 \t[param0], {%rd3, %rd3};",
        "st.param.b64 \t[param0+16], %rd1;",
    ]
    call += ["st.param.b64 \t[param1], %rd3;"]
    text = with_uniform_branches(function + module(*call, "call.uni two, (param0, param1);"))
    assert re.findall(r"@%p(\d) bra(\.uni)?", text) == [("1", ".uni"), ("2", "")]


def test_a_load_into_the_register_of_its_address():
    """The emulator overwrites that register last."""
    text = as_c(module("ld.global.v2.b64 \t{%rd1, %rd2}, [%rd1+8];"))
    assert text.index("EACH rd[2][l] = *(uint64_t *)((char *)rd[1][l] + 16)") < text.index(
        "EACH rd[1][l] = *(uint64_t *)((char *)rd[1][l] + 8)"
    )


def test_extremes_are_compared():
    """The greater of two numbers is selected by the comparison that the equations make."""
    assert compared(module("max.f64 \t%rd2, %rd1, 0d0000000000000000;")).splitlines()[4:9:2] == [
        "\t.reg .pred \t%extreme;",
        "\tld.param.b64 \t%rd1, [one_param_0];",
        "\tselp.f64 \t%rd2, %rd1, 0d0000000000000000, %extreme;",
    ]


@assembler
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("processor", PROCESSORS)
def test_nvidias_assembler_takes_the_kernels(kernel, processor, tmp_path):
    """It translates them for every processor; there too, nothing but a division is made of fused instructions."""
    plain = DIVISION.sub(lambda one: f"mul.rn.f64{one[2]}{one[3]}{', %rd1' * (one[1] == 'rcp')};", ptx_of(kernel))
    for name, text in (("whole", ptx_of(kernel)), ("plain", plain)):
        source, code = tmp_path / f"{name}.ptx", tmp_path / f"{name}.cubin"
        source.write_text(text, encoding="utf-8")
        subprocess.run([Path(TOOLS, "ptxas"), f"-arch={processor}", source, "-o", code], check=True)
    listing = subprocess.run(
        [Path(TOOLS, "nvdisasm"), "-c", tmp_path / "plain.cubin"], capture_output=True, text=True, check=True
    )
    operations = set(re.findall(r"\b(D[A-Z]{3,})\b", listing.stdout))
    assert {"DADD", "DMUL", "DSETP"} <= operations
    assert "DFMA" not in operations
