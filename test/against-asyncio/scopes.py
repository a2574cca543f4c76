"""Cancellation as Meantime means it, put on top of asyncio's tasks: a tree of scopes. What asyncio cancels goes into it by `Task.cancel`, and from it to the futures that tasks are
parked on.

Each place names the rule of differences.ts that it is, and counts its use where asyncio by itself would have done something else.
"""

import asyncio
import types

# Whether timers of the same instant ring in the order in which they were set.
fifo = True


class Scope:
    """A place that can be cancelled: a task, a time limit, a group, a gather, the inside of a shield."""

    def __init__(self, outer, task=None, shield=False):
        self.outer = outer
        self.task = task or outer.task
        self.shield = shield
        self.asked = False
        self.inside = []
        if outer is not None:
            outer.inside.append(self)

    def enter(self):
        self.task.scope = self

    def leave(self):
        self.outer.inside.remove(self)
        self.task.scope = self.outer

    def asking(self):
        """The outermost cancelled scope around here, up to a shield: it names the error."""
        found, at = None, self
        while at is not None:
            if at.asked:
                found = at
            if at.shield:
                break
            at = at.outer
        return found

    def ask(self):
        if self.asked:
            return
        before = self.asking()
        self.asked = True
        if before is None:
            self.cut()

    def cut(self):
        """Cuts off what is parked here and below, parents first."""
        if self.task.scope is self:
            self.task.cut()
        for scope in list(self.inside):
            if not scope.shield:
                scope.cut()


class Task(asyncio.Task):
    """A task that is cancelled by way of its scopes."""

    # Where the next task belongs, whether it is the inside of a shield, which scope makes asyncio call `cancel`, and whether a step of the program does: asyncio has no arguments
    # for these.
    outer = None
    shields = False
    cause = None
    step = False

    def __init__(self, coro, loop, **options):
        self.root = self.scope = Scope(Task.outer, self, Task.shields)
        self.count = 0
        self.begun = False
        self.sealed = 0
        self.committed = False
        self.owed = False
        self.ahead = None
        self.asked_at = None
        self.left_by = None
        self.named = None
        super().__init__(coro, loop=loop, **options)
        self.add_done_callback(Task.over)

    @staticmethod
    def below(outer, make, shields=False):
        """Makes a task that belongs there."""
        Task.outer, Task.shields = outer, shields
        try:
            return make()
        finally:
            Task.outer, Task.shields = None, False

    @staticmethod
    def because(scope, call, *args):
        """Calls something of asyncio's that cancels tasks, for the sake of a scope."""
        former, Task.cause = Task.cause, scope
        try:
            call(*args)
        finally:
            Task.cause = former

    def over(self):
        if self.root.outer is not None:
            self.root.outer.inside.remove(self.root)
        if self.ahead is not None:
            self._loop.used("tree")

    def cancel(self, msg=None):
        """Called by asyncio's own classes."""
        if self.done():
            return False
        self.count += 1
        # The TaskGroup of 3.13 cancels its own task once more if there is a failure too: that would be thrown where this settles, which is shielded.
        again = Task.cause is None and asyncio.current_task() is self
        if self.sealed or again:
            self._loop.used("shield")
        if not again:
            (Task.cause or self.root).ask()
        self.in_asyncio_too()
        return True

    def in_asyncio_too(self):
        """asyncio has asked this task too, at this time: then it was not the tree alone that did."""
        self.asked_at = self._loop.time()
        if self.ahead == self.asked_at:
            self.ahead = None

    def uncancel(self):
        self.count = max(0, self.count - 1)
        return self.count

    def cancelling(self):
        return self.count

    def ask(self):
        """Called by a step of the program."""
        if self.done():
            return
        self.count += 1
        if self.sealed:
            self._loop.used("shield")
        Task.step = True
        self.root.ask()
        Task.step = False
        self.in_asyncio_too()

    def cut(self):
        """Cuts off what it is parked on, if it is parked."""
        waiter = self._fut_waiter
        if self.done() or (waiter is not None and waiter.cancelled()):
            return
        if self.ahead is None and self.asked_at != self._loop.time():
            self.ahead = self._loop.time()
        if asyncio.current_task() is self:
            self.owed = True
            if Task.step:
                self._loop.used("self")
        elif self.sealed:
            self.owed = True
        elif self.committed or waiter is None or not waiter.cancel():
            self.owed = True
            self._loop.used("delivered" if self.begun else "starts")
        elif asyncio.current_task() is None:
            self._loop.cut_by_timers.append(self)
        else:
            self.named = self.scope.asking()


class Foreign(Exception):
    """The cancellation of somebody else, which is a failure like any other."""

    def __init__(self, scope):
        super().__init__()
        self.scope = scope


def cancelled(scope):
    error = asyncio.CancelledError()
    error.scope = scope
    return error


def passes(error, scope):
    """Whether a cancellation is that of a scope around, and on its way out."""
    asking = scope.asking()
    if asking is None or error.scope is asking:
        return asking is not None
    while scope is not None:
        if scope.asked and error.scope is scope:
            return True
        scope = scope.outer
    return False


@types.coroutine
def point(coro, commits=False, entry=True, level=True):
    """A cancellation point: waits for something of asyncio's. In a cancelled scope it does not: at once, or without `entry` only when it would have to be waited for, or without
    `level` all the same. With `commits`, whoever has been woken or cut off once finishes what is left without being disturbed."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    asking = task.scope.asking() if entry else None
    if asking is not None:
        coro.close()
        if not task.owed:
            loop.used("level")
        task.owed = False
        raise cancelled(asking)
    steps = coro.__await__()
    error = None
    try:
        while True:
            try:
                waiter = steps.send(None) if error is None else steps.throw(error)
            except StopIteration as stop:
                return stop.value
            except asyncio.CancelledError as thrown:
                # Whoever had to wait for the lock of a condition once more may find that another scope names it now.
                if commits or not hasattr(thrown, "scope"):
                    if getattr(thrown, "scope", None) not in (None, task.scope.asking()):
                        loop.used("identity")
                    thrown.scope = task.scope.asking()
                raise
            asking = task.scope.asking() if level and error is None and not task.committed else None
            if asking is not None:
                if not task.owed:
                    loop.used("level")
                task.owed = False
                error = cancelled(asking)
                continue
            error = None
            try:
                yield waiter
            except asyncio.CancelledError as thrown:
                thrown.scope = task.scope.asking()
                if task.named not in (None, thrown.scope):
                    loop.cannot = "naming"
                task.named = None
                error = thrown
            task.committed = commits
    finally:
        task.committed = False
