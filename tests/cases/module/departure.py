# SPDX-License-Identifier: GPL-2.0
"""departure.py send|receive ADDRESS: five datagrams that are to leave 300 ms after they are sent, and how many
milliseconds each takes at least."""
import socket
import struct
import sys
import time

SO_TXTIME = SCM_TXTIME = 61
COUNT, PORT = 5, 778

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if sys.argv[1] == "send":
    s.setsockopt(socket.SOL_SOCKET, SO_TXTIME, struct.pack("iI", time.CLOCK_MONOTONIC, 0))
    for _ in range(COUNT):
        now = time.monotonic_ns()
        leave = [(socket.SOL_SOCKET, SCM_TXTIME, struct.pack("Q", now + 300_000_000))]
        s.sendmsg([struct.pack("Q", now)], leave, 0, (sys.argv[2], PORT))
else:
    s.bind((sys.argv[2], PORT))
    s.settimeout(10)
    delays = []
    try:
        for _ in range(COUNT):
            sent = struct.unpack("Q", s.recv(100))[0]
            delays.append((time.monotonic_ns() - sent) // 1_000_000)
    except TimeoutError:
        pass
    print("figure delay", min(delays))
