"""Which asyncio the programs run in: as it is, if the runner was called with `plain`, or with what is meant to be otherwise in Meantime."""

import sys

if "plain" in sys.argv:
    from plain import Foreign, Group, Scope, Task, Timeout, cancelled, failures_of, fifo, passes, point
else:
    from blocks import Group, Timeout, failures_of
    from scopes import Foreign, Scope, Task, cancelled, fifo, passes, point

__all__ = ["Foreign", "Group", "Scope", "Task", "Timeout", "cancelled", "failures_of", "fifo", "passes", "point"]
