# SPDX-License-Identifier: GPL-2.0
# flood.py ADDRESS: sends UDP datagrams to port 9 of an address as fast as it can, whatever becomes of them.
import socket
import sys

target = sys.argv[1]
flood = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
flood.setblocking(False)
while True:
    try:
        flood.sendto(b"clear", (target, 9))
    except OSError:
        pass
