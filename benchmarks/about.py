"""What each contestant is, for a reader who has not read the code."""

ABOUT = {
    "mesa": """A Mesa model as a good Mesa user would write it: an agent an actor, with `perceive`, `deliberate` and
  `act` as methods, called stage by stage with `agents.do`; numbers are Python floats, rows are lists by actor,
  moves that cannot be made are not valued, and all noise of a world is drawn by one call of numpy. Many worlds are
  many models, in two processes that were started before the clock (`benchmarks/mesa_model.py`).""",
    "twin": """The equations of [the model's page](../model/README.md) as plain functions over dicts
  (`tests/reference`). It is there to be read, and nothing in it is fast.""",
    "lifted": """`LeverageModel`, an ordinary Mesa model in which every number is an array over worlds: Mesa calls
  the stages, compiled kernels do them.""",
    "one": """`realpolitik_model.simulate`: the same kernels in one compiled loop over months, one block of worlds
  after the other, here on one thread.""",
    "every": """`realpolitik.run`, which is what the command `run` does: chunks of worlds over threads, and their
  summing up.""",
    "worlds": """Flat tables, one world after the other, all in the first cache, no allocation
  (`benchmarks/c/worlds.c`). Drivers, leverage and saliences that no world moves are worked out once for all worlds;
  a gain only where a feasible move asks for it, and it is kept until something it reads has changed.""",
    "lanes": """The same for 32 worlds at a time, eight vectors of four numbers to a row (`benchmarks/c/lanes.c`).""",
}
