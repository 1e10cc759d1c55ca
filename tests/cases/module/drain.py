# SPDX-License-Identifier: GPL-2.0
"""How long the sender's processor is taken by a super-packet of 64 forged initiations: giving it
to the link, less giving the same to a socket whose buffer is full."""
import os
import socket
import time
from within import enter

SO_RCVBUF, UDP_SEGMENT, UDP_GRO = 8, 103, 104
SIZE, COUNT = 148, 64

enter("two")
full = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
full.bind(("0.0.0.0", 5))
full.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
full.setsockopt(socket.SOL_SOCKET, SO_RCVBUF, 1)
enter("one")
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
messages = (b"\1\0\0\0" + os.urandom(SIZE - 4)) * COUNT


def microseconds(port):
    """For one super-packet, on average."""
    begin = time.perf_counter()
    for _ in range(1000):
        sender.sendto(messages, ("192.0.2.2", port))
    return (time.perf_counter() - begin) * 1e3


microseconds(5)
microseconds(1002)
nothing, link = [min(r) for r in zip(*[(microseconds(5), microseconds(1002)) for _ in range(5)])]
print("figure us %.1f" % max(0, link - nothing))
