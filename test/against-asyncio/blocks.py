"""The blocks of asyncio with what is meant to be otherwise in Meantime: time limits, groups and gather, and which failure they throw."""

import asyncio

from ordered import Ordered
from scopes import Foreign, Scope, Task, cancelled, passes, point


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
        return await point(super().__aexit__(kind, error, traceback), entry=False, level=error is None and not self._aborting)

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
