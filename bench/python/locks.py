"""threading.Lock: two threads, critical sections of some 100 ns; ns for each as one line of JSON."""

import json
import sys
import threading
import time

params = json.loads(sys.argv[1])
n = params["n"]
lock = threading.Lock()
here = threading.Barrier(2)
cells = [0.0, 0]
times = []


def work(count):
    x = cells[0]
    here.wait()
    start = time.perf_counter()
    for i in range(count):
        lock.acquire()
        # As long as the section of the others: these two lines take Python some 100 ns.
        cells[0] = (cells[0] * 1.0000001 + 3) % 1000003
        cells[1] += 1
        lock.release()
    times.append((start, time.perf_counter()))


threads = [threading.Thread(target=work, args=(n // 2,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert cells[1] == n
print(json.dumps({"ns": (max(end for _, end in times) - min(start for start, _ in times)) / n * 1e9}))
