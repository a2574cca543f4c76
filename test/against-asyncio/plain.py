"""asyncio as it is, under the names of scopes.py and blocks.py. A program that needed no rule has to do the same here, or the rules were not counted as they should be."""

import asyncio

from ordered import Ordered

fifo = False


class Scope:
    def __init__(self, outer):
        self.outer = outer


class Task(asyncio.Task):
    root = scope = left_by = None
    begun = False
    sealed = 0

    def __init__(self, coro, loop, **options):
        super().__init__(coro, loop=loop, **options)

    @staticmethod
    def below(outer, make, shields=False):
        return make()

    def ask(self):
        self.cancel()


class Foreign(Exception):
    """Never raised: who waits for a cancelled task is cancelled."""


def cancelled(scope):
    return asyncio.CancelledError()


def passes(error, scope):
    return True


async def point(coro, commits=False):
    return await coro


class Timeout(asyncio.Timeout):
    def __init__(self, when, scope):
        super().__init__(when)

    def move(self, when):
        try:
            self.reschedule(when)
        except RuntimeError:  # it has expired
            return "no"
        return "yes"


class Group(asyncio.TaskGroup):
    def __init__(self, loop):
        super().__init__()
        self._tasks = Ordered()

    async def run(self, body):
        try:
            async with self:
                return await body
        except BaseExceptionGroup as group:
            # More than one would have needed a rule.
            raise group.exceptions[0] from None

    def cancel(self):
        """It has been cancelled before, or there would have been a need for a rule."""

    def spawn(self, coro):
        return self.create_task(coro)

    async def gather(self, coros):
        return await asyncio.gather(*coros)


def failures_of(error):
    return [error]
