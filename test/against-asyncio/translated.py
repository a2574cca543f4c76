"""What is meant to be otherwise in Meantime, put on top of asyncio's own classes. Each place names the rule of differences.ts that it is, and counts its use where asyncio by
itself would have done something else.

Cancellation is a tree of scopes here. asyncio's own calls of `Task.cancel` lead into it, and from it to the futures that tasks are parked on; the timers, futures, locks, events,
groups, time limits, gather and shield are asyncio's.
"""

import asyncio
import sys
import types

# Before 3.13 a group whose child fails while the group waits for its end forgets to take its own cancellation back.
asyncio_forgets = sys.version_info < (3, 13)


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
        # The TaskGroup of 3.13 cancels its own task once more if there is a failure too.
        if Task.cause is not None or asyncio.current_task() is not self:
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
            self._loop.used("shield")
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


class Timeout(asyncio.Timeout):
    """A border knows its own cancellation by what it is, and not by a count."""

    def __init__(self, when, scope):
        super().__init__(when)
        self.scope = scope

    async def __aenter__(self):
        self.scope.enter()
        return await super().__aenter__()

    def _on_timeout(self):
        Task.because(self.scope, super()._on_timeout)

    def move(self, when):
        try:
            self.reschedule(when)
        except RuntimeError:  # it has expired
            return "no"
        return "yes"

    async def __aexit__(self, kind, error, traceback):
        own = getattr(error, "scope", None) is self.scope
        self.scope.leave()
        try:
            await super().__aexit__(kind, error, traceback)
        except TimeoutError:
            if own:
                raise
            self.scope.task._loop.used("identity")
        else:
            if own:
                self.scope.task._loop.used("identity")
                raise TimeoutError from error


class Ordered(dict):
    """The set of a TaskGroup, in the order of spawning."""

    def add(self, each):
        self[each] = None

    def discard(self, each):
        self.pop(each, None)


class Group(asyncio.TaskGroup):
    def __init__(self, loop):
        super().__init__()
        self.scope = Scope(asyncio.current_task().scope)
        self.loop = loop
        self._tasks = Ordered()
        self.failed_at = None
        self.cut_off = False

    async def run(self, body):
        """The whole block: its value, or the one error that it throws."""
        self.scope.enter()
        value, ended = None, False
        try:
            async with self:
                try:
                    value = await body
                    ended = True
                except asyncio.CancelledError as error:
                    if passes(error, self.scope):
                        raise
                    self.loop.used("foreign")
                    raise Foreign(error.scope) from None
        except asyncio.CancelledError as error:
            if ended and self.cut_off:
                raise self.named_now(error) from None
            if not ended and error.scope is not self.scope:
                raise
            if ended and error.scope is not self.scope:
                self.loop.used("group-value")
        except BaseExceptionGroup as group:
            self.throw_first(list(group.exceptions))
        else:
            if self.cut_off:
                self.loop.used("level")
                raise cancelled(self.scope.asking())
        finally:
            self.scope.leave()
        return value

    async def __aexit__(self, kind, error, traceback):
        if error is not None and not isinstance(error, asyncio.CancelledError):
            self.failed_at = len(self._errors)
        was_asked = self._parent_cancel_requested
        try:
            return await point(super().__aexit__(kind, error, traceback), entry=False, level=error is None and not self._aborting)
        finally:
            if asyncio_forgets and self._parent_cancel_requested and not was_asked:
                self._parent_task.uncancel()

    def named_now(self, error):
        """The scope that names the cancellation may be another one by the time all have ended."""
        scope = self.scope.asking()
        if scope is not error.scope:
            self.loop.used("identity")
        return cancelled(scope)

    def throw_first(self, errors):
        if self.failed_at is not None and self.failed_at != len(errors) - 1:
            self.loop.used("completion-order")
            errors.insert(self.failed_at, errors.pop())
        throw_first(errors, self.loop)

    def _abort(self):
        Task.because(self.scope, self._abort_all)

    def _abort_all(self):
        self.scope.ask()
        super()._abort()

    def _on_task_done(self, task):
        if task.cancelled() and task.left_by not in (task.root, self.scope):
            self.cut_off = True
        Task.because(self.scope, super()._on_task_done, task)

    def cancel(self):
        """asyncio has that from 3.15 on."""
        if not self.scope.asked:
            self.loop.used("quiet-group")
        Task.step = True
        self._abort()
        Task.step = False
        self._parent_task.in_asyncio_too()

    def spawn(self, coro):
        late, self._aborting = self._aborting, False
        if late:
            self.loop.used("late-spawn")
        try:
            return Task.below(self.scope, lambda: self.create_task(coro))
        finally:
            self._aborting = late

    async def gather(self, coros):
        """asyncio's gather, but whatever the way out, no child is left behind."""
        self.scope.enter()
        tasks = [Task.below(self.scope, lambda coro=coro: self.loop.create_task(coro)) for coro in coros]
        failed = []
        for task in tasks:
            task.add_done_callback(lambda task: failed.append(task.exception()) if not task.cancelled() and task.exception() else None)
        stopped = None
        try:
            return await point(gathered(tasks), entry=False)
        except BaseException as error:
            stopped = error
            if not all(task.done() for task in tasks):
                if not isinstance(error, asyncio.CancelledError):
                    self.loop.used("gather")
                Task.because(self.scope, self.scope.ask)
                for task in tasks:
                    task.in_asyncio_too()
                await point(all_over(tasks), entry=False, level=False)
        finally:
            self.scope.leave()
        if failed:
            throw_first(failed, self.loop)
        if any(task.cancelled() for task in tasks):
            raise self.named_now(stopped) from None
        # All have swallowed the cancellation.
        self.loop.used("gather")
        return [task.result() for task in tasks]


async def gathered(tasks):
    future = asyncio.gather(*tasks)
    # Seen, also if this is cut off before it can look.
    future.add_done_callback(lambda future: future.cancelled() or future.exception())
    return await future


async def all_over(tasks):
    left = [task for task in tasks if not task.done()]
    while left:
        try:
            _, left = await asyncio.wait(left)
        except asyncio.CancelledError:
            left = [task for task in left if not task.done()]


def throw_first(errors, loop):
    """The first failure is thrown as itself and stands for all."""
    if len(errors) > 1:
        loop.used("first-failure")
    first = errors[0]
    known = failures_of(first)
    for error in errors[1:]:
        for each in failures_of(error):
            if not any(itself(each) is itself(other) for other in known):
                known.append(each)
    itself(first).failures = known
    raise cancelled(first.scope) if isinstance(first, Foreign) else first


def failures_of(error):
    return list(getattr(itself(error), "failures", [error]))


def itself(error):
    """Meantime has one error for each cancellation, whoever meets it; here it is the scope."""
    return getattr(error, "scope", error)
