"""Runs programs of program.ts in asyncio: JSON lines in, JSON lines out, all in one process. Python 3.11 or newer, nothing but its standard library.

Each line of output has the trace of one program, and how often each rule of differences.ts was needed for it. Where no rule is named, what ran is asyncio and nothing else.
"""

import asyncio
import json
import sys

from handing import Barrier, Condition, HandingBarrier, HandingCondition, HandingQueue, Queue
from translated import Foreign, Group, Scope, Task, Timeout, cancelled, failures_of, passes, point
from virtual_loop import Stuck, VirtualLoop

CELL = 20


class Raised(Exception):
    """What the step `raise` raises."""


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


class Run:
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
                return asyncio.Semaphore(size)
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
            task.left_by = error.scope
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

    # --- waits

    async def waited(self, me, coro, what, on=None, commits=False):
        value = await point(coro, commits)
        self.log(me, what if value is None or value is True else f"{what} {value}", on)
        await self.settle(me)

    async def do_sleep(self, me, step):
        await point(asyncio.sleep(self.border(step["for"]) - self.loop.time()))
        self.log(me, "slept")

    async def do_checkpoint(self, me, step):
        await self.waited(me, asyncio.sleep(0), "passed a checkpoint")

    async def do_acquire(self, me, step):
        await point(self.shared[step["on"]].acquire())
        me.held.append(step["on"])
        self.log(me, f"acquired {step['on']}", step["on"])
        await self.settle(me)

    async def do_get(self, me, step):
        queue = self.shared[step["on"]]
        queue.comes()
        await self.waited(me, queue.get(), f"got from {step['on']}", step["on"])

    async def do_put(self, me, step):
        queue = self.shared[step["on"]]
        queue.comes()
        await self.waited(me, queue.put(step["item"]), f"put {step['item']} into {step['on']}", step["on"])

    async def do_wait(self, me, step):
        await self.waited(me, self.shared[step["on"]].wait(), f"saw {step['on']}")

    async def do_meet(self, me, step):
        barrier = self.shared[step["on"]]
        await self.waited(me, barrier.wait(), f"met at {step['on']}", commits=not barrier.full())

    async def do_await(self, me, step):
        await self.waited(me, self.shared[step["on"]].wait(), f"was notified of {step['on']}", step["on"], commits=True)

    async def do_join(self, me, step):
        task = self.tasks.get(step["task"])
        if task is None:
            return
        await self.settle(me)
        await point(over(task))
        if task.cancelled():
            raise cancelled(task.left_by)
        error = task.exception()
        if error is not None:
            raise cancelled(error.scope) if isinstance(error, Foreign) else error
        self.log(me, f"joined {step['task']}{'' if task.result() is None else f' {task.result()}'}")
        await self.settle(me)

    # --- what is done at once

    async def do_tryAcquire(self, me, step):
        acquiring = self.shared[step["on"]].acquire()
        try:
            acquiring.send(None)
        except StopIteration:
            me.held.append(step["on"])
            self.log(me, f"acquired {step['on']} at once", step["on"])
        else:
            acquiring.close()
            self.log(me, f"found {step['on']} taken")

    async def do_release(self, me, step):
        if step["on"] in me.held:
            me.held.remove(step["on"])
            self.shared[step["on"]].release()
            self.log(me, f"released {step['on']}")

    async def do_tryGet(self, me, step):
        queue = self.shared[step["on"]]
        queue.comes()
        try:
            self.log(me, f"got from {step['on']} at once {queue.get_nowait()}", step["on"])
        except asyncio.QueueEmpty:
            self.log(me, f"found {step['on']} empty")

    async def do_tryPut(self, me, step):
        queue = self.shared[step["on"]]
        queue.comes()
        try:
            queue.put_nowait(step["item"])
        except asyncio.QueueFull:
            self.log(me, f"found {step['on']} full")
        else:
            self.log(me, f"put {step['item']} into {step['on']} at once", step["on"])

    async def do_set(self, me, step):
        self.shared[step["on"]].set()
        self.log(me, f"set {step['on']}")

    async def do_clear(self, me, step):
        self.shared[step["on"]].clear()
        self.log(me, f"cleared {step['on']}")

    async def do_notify(self, me, step):
        self.shared[step["on"]].notify(step["count"])
        self.log(me, f"notified {step['count']} of {step['on']}")

    async def do_spawn(self, me, step):
        name = step["task"]
        self.tasks[name] = me.group.spawn(self.body(name, me.group))
        self.log(me, f"spawned {name}")

    async def do_cancel(self, me, step):
        task = self.tasks.get(step["task"])
        if task is not None:
            self.log(me, f"cancels {step['task']}")
            task.ask()

    async def do_cancelGroup(self, me, step):
        if me.group is not None:
            self.log(me, "cancels its group")
            me.group.cancel()

    async def do_reschedule(self, me, step):
        if me.limit is not None:
            self.log(me, f"rescheduled: {me.limit.move(self.border(step['for']))}")

    async def do_raise(self, me, step):
        await self.settle_shielded(me)
        raise Raised(step["name"])

    async def do_return(self, me, step):
        return (step["value"],)

    # --- blocks

    async def left(self, me, what, block):
        """Waits for a block, says how it was left, and settles before anything else happens."""
        try:
            done = await block
        except BaseException as error:
            self.log(me, f"left {what} by {said(error, True)}")
            await self.settle_shielded(me)
            raise
        self.log(me, f"left {what}")
        await self.settle(me)
        return done

    async def do_hold(self, me, step):
        async def holding():
            thing = self.shared[step["on"]]
            await point(thing.take() if step["do"] == "condition" else thing.acquire())
            try:
                self.log(me, f"holds {step['on']}", step["on"])
                await self.settle(me)
                return await self.steps(me, step["steps"])
            finally:
                await self.settle_shielded(me)
                thing.release()
                if step["do"] == "condition":
                    # Whoever was cut off there now has the lock, and looks which scope names that: nothing else may happen in this instant.
                    await self.settle_shielded(me, 1)

        return await self.left(me, step["on"], holding())

    do_with = do_condition = do_hold

    async def do_timeout(self, me, step):
        async def limited():
            scope = Scope(asyncio.current_task().scope)
            async with Timeout(self.border(step["for"]), scope) as limit:
                return await self.steps(me.inside(limit=limit), step["steps"])

        return await self.left(me, "a timeout", limited())

    async def do_group(self, me, step):
        async def grouped():
            group = Group(self.loop)
            return await group.run(self.steps(me.inside(group=group), step["steps"]))

        return await self.left(me, "a group", grouped())

    async def do_gather(self, me, step):
        async def gathered():
            group = Group(self.loop)
            values = await group.gather([self.body(name, me.group) for name in step["tasks"]])
            self.log(me, f"gathered {json.dumps(values)}")

        await self.left(me, "a gather", gathered())

    async def do_shield(self, me, step):
        async def outcome():
            asyncio.current_task().begun = True
            try:
                return True, await self.steps(me.inside(limit=None), step["steps"])
            except BaseException as error:
                return False, error

        async def shielded():
            # asyncio's shield makes a task of what is in it, which begins a turn later.
            await self.settle_shielded(me)
            inner = Task.below(asyncio.current_task().scope, lambda: self.loop.create_task(outcome()), shields=True)
            while not inner.done():
                try:
                    await asyncio.shield(inner)
                except asyncio.CancelledError:
                    self.loop.used("shield")
            ok, value = inner.result()
            if ok:
                return value
            raise value

        return await self.left(me, "a shield", shielded())

    async def do_try(self, me, step):
        try:
            try:
                return await self.steps(me, step["steps"])
            except BaseException as error:
                kind = "cancel" if isinstance(error, asyncio.CancelledError) else "error"
                if kind not in step:
                    raise
                self.log(me, f"caught {said(error)}")
                await self.settle_shielded(me)
                return await self.steps(me, step[kind])
        finally:
            if "finally" in step:
                await self.settle_shielded(me)
                await self.steps(me, step["finally"])
                await self.settle_shielded(me)


async def over(task):
    """Waits for a task and leaves it alone when cut off, as `await task` does not."""
    if not task.done():
        await asyncio.wait([task])


def said(error, all=False):
    """An error in a word; if asked for, with all the failures that it stands for."""
    if all and len(failures_of(error)) > 1:
        return "+".join(said(each) for each in failures_of(error))
    if isinstance(error, (asyncio.CancelledError, Foreign)):
        return "cancelled"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, Raised):
        return str(error)
    return f"{type(error).__name__}: {error}"


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
