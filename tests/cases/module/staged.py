# SPDX-License-Identifier: GPL-2.0
"""staged.py PEERS: super-packets of 59 KB to so many peers that do not answer, 10.8.9.1 and so on,
and how many KiB of memory the machine has less then."""
import socket
import sys
import time

SO_SNDBUFFORCE, UDP_SEGMENT = 32, 103
SIZE, COUNT = 1372, 43


def free():
    with open("/proc/meminfo") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("MemFree:"))


peers = int(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 30)
s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
s.setblocking(False)
time.sleep(1)
before = free()
for _ in range(300):
    for peer in range(peers):
        try:
            s.sendto(b"x" * SIZE * COUNT, ("10.8.9.%d" % (peer + 1), 5))
        except BlockingIOError:
            pass
time.sleep(0.3)
print("figure kib", before - free())
