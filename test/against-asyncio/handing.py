"""Where asyncio wakes somebody and leaves the thing lying about until he comes, Meantime hands it to him. That makes a difference only if a third one comes in between.

So there are two of each here: asyncio's own, which notices that somebody came in between; then the program is run again with the other one, which hands over.
"""

import asyncio
import sys
from collections import deque


class Queue(asyncio.Queue):
    handed = -2

    def __init__(self, run, size):
        super().__init__(size)
        self.run = run

    def _wakeup_next(self, waiters):
        if any(not waiter.done() for waiter in waiters):
            self.handed = self.run.loop.turns
        super()._wakeup_next(waiters)

    def comes(self):
        """Somebody comes to put or to get."""
        if self.run.loop.turns - self.handed <= 1:
            self.run.needs.add("hand-over")


class Semaphore(asyncio.Semaphore):
    """It counts as locked until he who was handed a permit has come round, also if there is another permit, for which nobody waits."""

    def __init__(self, run, size):
        super().__init__(size)
        self.run = run

    def locked(self):
        locked = super().locked()
        if locked and not has_none(self):
            self.run.needs.add("hand-over")
        return locked


class HandingSemaphore(asyncio.Semaphore):
    """He has it already, and who comes next may have the other."""

    def locked(self):
        return has_none(self)


def has_none(semaphore):
    return semaphore._value == 0 or any(not waiter.done() for waiter in semaphore._waiters or ())


class Place(asyncio.Future):
    """A place in a list, which is left at once by whoever is cut off. asyncio's own waiters leave when they come round."""

    where = None
    item = None

    @staticmethod
    def last_in(where, item=None):
        place = Place(loop=asyncio.get_running_loop())
        place.where, place.item = where, item
        where.append(place)
        return place

    def cancel(self, msg=None):
        if self in self.where:
            self.where.remove(self)
        return super().cancel(msg)


class HandingQueue:
    """Whoever is woken has been served."""

    def __init__(self, size):
        self.size = size
        self.items = deque()
        self.getters = deque()
        self.putters = deque()

    def comes(self):
        pass

    def put_nowait(self, item):
        if self.getters:
            self.getters.popleft().set_result(item)
        elif len(self.items) < self.size:
            self.items.append(item)
        else:
            raise asyncio.QueueFull

    def get_nowait(self):
        if not self.items:
            raise asyncio.QueueEmpty
        item = self.items.popleft()
        if self.putters:
            putter = self.putters.popleft()
            self.items.append(putter.item)
            putter.set_result(None)
        return item

    async def get(self):
        try:
            return self.get_nowait()
        except asyncio.QueueEmpty:
            return await Place.last_in(self.getters)

    async def put(self, item):
        try:
            self.put_nowait(item)
        except asyncio.QueueFull:
            await Place.last_in(self.putters, item)


class Condition(asyncio.Condition):
    handed = -2
    came = -2
    cut = -2
    notifying = False

    def __init__(self, run):
        self.lock = asyncio.Lock()
        super().__init__(self.lock)
        self.acquire = self.acquire_again
        self.run = run

    def take(self):
        """Somebody comes to take the lock."""
        self.came = self.run.loop.turns
        self.meets(self.handed)
        return self.lock.acquire()

    async def acquire_again(self):
        """Called by `wait`, whoever ended it."""
        self.meets(self.came)
        if isinstance(sys.exc_info()[1], asyncio.CancelledError):
            # Of two who are cut off together the first has the lock first: a group of asyncio's cancels its children before its own body.
            if self.cut == self.run.loop.turns:
                self.run.loop.used("tree")
            self.cut = self.run.loop.turns
        return await self.lock.acquire()

    def meets(self, other):
        if self.run.loop.turns - other <= 1:
            self.run.needs.add("hand-over")

    def notify(self, n=1):
        self.handed = self.run.loop.turns
        self.notifying = True
        try:
            super().notify(n)
        finally:
            self.notifying = False

    def _notify(self, n):
        """Since 3.13 also called for a waiter that was cut off, whether it had been notified or not. Here it never had."""
        if self.notifying:
            super()._notify(n)
        elif self._waiters:
            self.run.loop.used("spurious")


class HandingCondition:
    """Whoever is notified, or cut off, waits for the lock from that moment on."""

    def __init__(self):
        self.locked = False
        self.queued = deque()
        self.waiters = deque()

    async def take(self):
        if self.locked:
            await Place.last_in(self.queued)
        self.locked = True

    def release(self):
        self.locked = len(self.queued) > 0
        if self.locked:
            self.queued.popleft().set_result(None)

    def queue(self, waiter):
        self.queued.append(waiter)
        if not self.locked:
            self.release()

    def notify(self, n=1):
        for _ in range(min(n, len(self.waiters))):
            self.queue(self.waiters.popleft())

    async def wait(self):
        waiter = Notified(loop=asyncio.get_running_loop())
        waiter.condition = self
        self.waiters.append(waiter)
        self.release()
        await waiter
        if waiter.cut:
            raise asyncio.CancelledError


class Notified(asyncio.Future):
    """A place in the list of a condition, and then in that of its lock."""

    condition = None
    cut = False

    def cancel(self, msg=None):
        if self in self.condition.waiters:
            self.condition.waiters.remove(self)
            self.cut = True
            self.condition.queue(self)
        return self.cut


class Barrier(asyncio.Barrier):
    """Whoever is cut off counts here until he comes round, whoever comes after him is given a place for the second time, and nobody can come until all have left."""

    def __init__(self, run, parties):
        super().__init__(parties)
        self._cond = Condition(run)
        self.run = run
        self.came = -2
        self.cut = False

    def full(self):
        """Whether it still lets out those who were all there."""
        return self._state.value == "draining"

    async def wait(self):
        if self.full() or (self.cut and self._count > 0):
            self.run.needs.add("barrier")
        self.came = self.run.loop.turns
        self.cut = self.cut and self._count > 0
        try:
            return await super().wait()
        except asyncio.CancelledError:
            self.cut = True
            if self.run.loop.turns - self.came <= 1:
                self.run.needs.add("barrier")
            raise


class HandingBarrier:
    """Whoever is cut off has not come; places are given when all are there."""

    def __init__(self, parties):
        self.parties = parties
        self.waiters = deque()

    def full(self):
        return False

    async def wait(self):
        if len(self.waiters) + 1 < self.parties:
            return await Place.last_in(self.waiters)
        for index, place in enumerate(self.waiters):
            place.set_result(index)
        self.waiters.clear()
        return self.parties - 1
