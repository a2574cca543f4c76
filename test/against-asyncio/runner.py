"""Runs programs of program.ts in asyncio: JSON lines in, JSON lines out, all in one process. Python 3.11 or newer, nothing but its standard library.

Each line of output has the trace of one program, and how often each rule of differences.ts was needed for it. With the argument `plain` it is asyncio as it is, without any rule.
"""

import asyncio
import json
import sys

from flavour import Foreign, passes, point
from handing import Barrier, Condition, HandingBarrier, HandingCondition, HandingQueue, HandingSemaphore, Queue, Semaphore
from steps import Steps, said
from virtual_loop import Stuck, VirtualLoop

# As in program.ts.
CELL = 20


class Me:
    """A task as its own steps see it. The steps inside a shield have a copy, with the same things held."""

    def __init__(self, name, place, group):
        self.name = name
        self.place = place
        self.group = group
        self.limit = None
        self.held = []

    def inside(self, **changes):
        other = Me(self.name, self.place, self.group)
        other.limit, other.held = self.limit, self.held
        vars(other).update(changes)
        return other


class Run(Steps):
    """One program."""

    def __init__(self, program, loop, handing):
        self.program = program
        self.loop = loop
        self.did = {}
        self.got = {}
        self.tasks = {}
        self.needs = set()
        self.stuck = False
        self.shared = {name: self.make(name, size, handing) for name, size in program["shared"].items()}
        self.places = {name: i + 1 for i, name in enumerate(program["tasks"])}

    def make(self, name, size, handing):
        match name[0]:
            case "l":
                return asyncio.Lock()
            case "s":
                return HandingSemaphore(size) if handing else Semaphore(self, size)
            case "e":
                return asyncio.Event()
            case "c":
                return HandingCondition() if handing else Condition(self)
            case "q":
                return HandingQueue(size) if handing else Queue(self, size)
            case "b":
                return HandingBarrier(size) if handing else Barrier(self, size)
        raise ValueError(f"a shared thing's name begins with one of lsecqb, got {name}")

    def run(self):
        main = self.loop.create_task(self.body("main", None))
        self.tasks["main"] = main
        try:
            self.loop.run_until_complete(asyncio.wait([main]))
        except Stuck:
            self.stuck = True
        return {"did": self.did, "got": self.got, "ended": {name: how_ended(task) for name, task in self.tasks.items()}}

    def log(self, me, what, on=None):
        self.did.setdefault(me.name, []).append(f"{self.loop.time()} {what}")
        if on is not None:
            self.got.setdefault(on, []).append(f"{self.loop.time()} {me.name} {what}")

    def border(self, cells):
        return (self.loop.time() // CELL + cells) * CELL

    # --- moving on to the task's own place in a cell

    async def settle(self, me):
        rest = (me.place - self.loop.time()) % CELL
        if rest > 0:
            await point(asyncio.sleep(rest))

    async def settle_shielded(self, me, further=0):
        rest = (me.place - self.loop.time() - further) % CELL + further
        if rest > 0:
            task = asyncio.current_task()
            task.sealed += 1
            try:
                await asyncio.sleep(rest)
            finally:
                task.sealed -= 1

    # --- tasks

    async def body(self, name, group):
        task = asyncio.current_task()
        task.begun = True
        me = Me(name, self.places[name], group)
        self.log(me, "starts")
        try:
            await self.settle(me)
            value = (await self.steps(me, self.program["tasks"][name]) or (None,))[0]
        except BaseException as error:
            await self.end(me, f"ends by {said(error)}")
            if not isinstance(error, asyncio.CancelledError):
                raise
            task.left_by = getattr(error, "scope", None)
            if passes(error, task.root):
                raise
            self.loop.used("foreign")
            raise Foreign(error.scope) from None
        await self.end(me, "ends" if value is None else f"ends with {value}")
        return value

    async def end(self, me, what):
        await self.settle_shielded(me)
        while me.held:
            self.shared[me.held.pop()].release()
        self.log(me, what)

    async def steps(self, me, steps):
        """The value in a tuple if one of them returned, else nothing."""
        for step in steps:
            done = await getattr(self, "do_" + step["do"])(me, step)
            if done is not None:
                return done
        return None


def how_ended(task):
    if not task.done():
        return "never"
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    if error is not None:
        return f"failed by {said(error)}"
    return "done" if task.result() is None else f"done with {task.result()}"


def main():
    print(json.dumps({"python": ".".join(map(str, sys.version_info[:3]))}), flush=True)
    loop = VirtualLoop()
    for line in sys.stdin:
        program = json.loads(line)
        loop.restart()
        run = Run(program, loop, False)
        trace = run.run()
        if run.needs:
            loop.restart()
            for rule in run.needs:
                loop.used(rule)
            run = Run(program, loop, True)
            trace = run.run()
        cannot = "stuck" if run.stuck else loop.cannot
        print(json.dumps({"trace": trace, "rules": loop.rules, "cannot": cannot}, separators=(",", ":")))
        if run.stuck:
            loop.close()
            loop = VirtualLoop()
    loop.close()


if __name__ == "__main__":
    main()
