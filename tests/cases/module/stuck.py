# SPDX-License-Identifier: GPL-2.0
"""stuck.py DEAD ALIVE: datagrams to the address of a peer that does not answer, until the socket
takes no more or 1000 were taken; then how many seconds it takes to send one to a peer that
answers, at most 25."""
import socket
import sys
import time

dead, alive = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in dead else socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
taken = 0
try:
    while taken < 1000:
        s.sendto(b"x" * 1200, (dead, 5))
        taken += 1
except BlockingIOError:
    pass
s.settimeout(25)
begin = time.time()
try:
    s.sendto(b"y", (alive, 5))
    seconds = time.time() - begin
except OSError:
    seconds = 25
print("figure taken", taken)
print("figure seconds %.2f" % seconds)
