#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""senders.py FILE: sends UDP, DNS and TCP, IPv4 and IPv6, without end, for kill-switch.sh. FILE has the number
of rounds that were sent."""
import os
import socket
import sys
import time

V4, V6 = "198.51.100.7", "2001:db8::7"
rounds = int(open(sys.argv[1]).read() or 0)
while True:
    for family, far, near in ((socket.AF_INET, V4, "192.0.2.2"), (socket.AF_INET6, V6, "fd02::2")):
        for to in ((far, 9), (near, 53)):
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                try:
                    s.sendto(b"x", to)
                except OSError:
                    pass
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.setblocking(False)
            try:
                s.connect((far, 9))
            except OSError:
                pass
    rounds += 1
    with open(sys.argv[1] + ".new", "w") as f:
        f.write(str(rounds))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    time.sleep(0.005)
