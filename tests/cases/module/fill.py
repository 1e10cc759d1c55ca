# SPDX-License-Identifier: GPL-2.0
"""fill.py LIMIT: datagrams to sockets that nobody reads, until UDP has all the memory that it may
have (LIMIT pages), then more of them for 20 s. Creates /tmp/filled once it is so."""
import resource
import socket
import sys
import time

limit = int(sys.argv[1])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sockets = []


def pages_used():
    with open("/proc/net/sockstat") as f:
        return next(int(line.split()[-1]) for line in f if line.startswith("UDP:"))


def fill():
    best = stalled = 0
    while stalled <= 200 and len(sockets) <= 3500:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        sockets.append(s)
        for _ in range(12):
            size = 15000 if pages_used() < limit - 40 else 1000
            sender.sendto(b"x" * size, s.getsockname())
        used = pages_used()
        stalled = stalled + 1 if used <= best else 0
        best = max(used, best)


try:
    fill()
except OSError as error:
    print(error)
print(len(sockets), "sockets; pages in use", pages_used(), "of", limit, flush=True)
open("/tmp/filled", "w").close()
for _ in range(40):
    for _ in range(60):
        sender.sendto(b"x" * 60, sockets[-1].getsockname())
    time.sleep(0.5)
