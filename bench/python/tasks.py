"""asyncio: one operation many times in a row, or many parked tasks; the result as one line of JSON."""

import asyncio
import gc
import json
import os
import sys
import time


async def trivial():
    pass


async def one():
    return 1


async def spawn(n):
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(trivial())
    return n


async def pass_on(n):
    queue = asyncio.Queue(1)

    async def put():
        for i in range(n):
            await queue.put(i)

    async def get():
        total = 0
        for _ in range(n):
            total += await queue.get()
        return total

    async with asyncio.TaskGroup() as group:
        group.create_task(put())
        task = group.create_task(get())
    return task.result()


async def timeouts(n):
    total = 0
    for _ in range(n):
        async with asyncio.timeout(10):
            total += await one()
    return total


async def repeated(params):
    operation = {"spawn": spawn, "pass": pass_on, "timeouts": timeouts}[params["operation"]]
    n = params["n"]
    await operation(n // 10)
    start = time.perf_counter()
    result = await operation(n)
    ns = (time.perf_counter() - start) / n * 1e9
    wanted = n * (n - 1) // 2 if params.get("expected") == "sum" else n
    if result != wanted:
        raise SystemExit(f"{params['operation']} of {n} gave {result} instead of {wanted}")
    return {"ns": ns}


def resident():
    """Bytes; None where there is no /proc."""
    gc.collect()
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return None


async def park(n):
    loop = asyncio.get_running_loop()

    async def wait():
        await loop.create_future()

    async def hold():
        async with asyncio.TaskGroup() as group:
            for _ in range(n):
                group.create_task(wait())

    task = asyncio.create_task(hold())
    while len(asyncio.all_tasks()) < n + 2:
        await asyncio.sleep(0)
    await asyncio.sleep(0)

    async def stop():
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass

    return stop


async def parked(params):
    n = params["n"]
    for _ in range(3):
        await (await park(1000))()
    before = resident()
    stop = await park(n)
    after = resident()
    start = time.perf_counter()
    await stop()
    result = {"ns": (time.perf_counter() - start) / n * 1e9}
    if before is not None:
        result["rss"] = (after - before) / n
    return result


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(parked(given) if given.get("measure") == "parked" else repeated(given))))
