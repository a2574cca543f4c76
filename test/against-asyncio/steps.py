"""What each step of a program does in asyncio. interpret.ts is the same for Meantime, step by step."""

import asyncio
import json

from flavour import Foreign, Group, Scope, Task, Timeout, cancelled, failures_of, point


class Raised(Exception):
    """What the step `raise` raises."""


class Steps:
    """The steps of runner.Run."""

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
