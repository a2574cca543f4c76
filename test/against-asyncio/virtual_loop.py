"""An asyncio event loop that waits for nothing: when nothing is ready, its clock moves on to the next timer. Its time is in milliseconds, as whole numbers."""

import asyncio
import heapq
import selectors

from flavour import Task, fifo


class Stuck(Exception):
    """Nothing is ready and no timer is set: what still waits would wait for ever."""


class Selector(selectors.SelectSelector):
    """Never looks at a file; moves the clock instead."""

    now = 0

    def select(self, timeout=None):
        if timeout is None:
            raise Stuck
        self.now += timeout
        return []


class Timer(asyncio.TimerHandle):
    """asyncio leaves it to its heap which of two equal timers is first."""

    __slots__ = ("order",)

    def __lt__(self, other):
        if self._when != other._when:
            return self._when < other._when
        self._loop.used("fifo-timers")
        return self.order < other.order


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.rules = {}
        super().__init__(Selector())
        self._clock_resolution = 0.5
        self.set_task_factory(lambda loop, coro, **options: Task(coro, loop, **options))

    def restart(self):
        """The clock back to 0, for another program."""
        self._selector.now = 0
        self.turns = 0
        self.timers = 0
        self.rules = {}
        self.cut_by_timers = []
        self.cannot = None

    def used(self, rule):
        self.rules[rule] = self.rules.get(rule, 0) + 1

    def time(self):
        return self._selector.now

    def call_at(self, when, callback, *args, context=None):
        if not fifo:
            return super().call_at(when, callback, *args, context=context)
        timer = Timer(when, callback, args, self, context)
        timer.order = self.timers = self.timers + 1
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def _run_once(self):
        self.turns += 1
        # Who was cut off by a timer: which scope would name that if nobody ran before him.
        for task in self.cut_by_timers:
            task.named = task.scope.asking()
        self.cut_by_timers.clear()
        super()._run_once()
