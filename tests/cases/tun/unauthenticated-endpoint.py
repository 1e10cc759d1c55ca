#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""No message that is not authenticated moves the endpoint of a peer: neither a cookie reply nor a
handshake message nor data."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import socket
import struct
import time
from case import WG, check, finish
from packets import initiation, take
from rig import Rig


def endpoint(rig):
    return rig.on("B", "%s show %s endpoints" % (WG, rig.device("B"))).split()[1]


with Rig() as rig:
    capture = rig.capture("B", "u0")
    rig.warm()
    # The header of IPv4 and UDP is behind that of Ethernet.
    messages = [
        f[42:] for f in take(capture, incoming=False) if f[12:14] == b"\x08\0" and f[23] == 17
    ]
    begun = next(m for m in messages if m[:4] == b"\1\0\0\0")
    data = next(m for m in messages if m[:4] == b"\4\0\0\0")
    damaged = data[:-1] + bytes([data[-1] ^ 1])
    index = {m[0]: m[4:8] for m in messages}
    rig.ip("A", "addr add 192.0.2.77/24 dev u0")
    stranger = rig.socket("A", socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("192.0.2.77", 7777))
    forged = {
        "a cookie reply": b"\3\0\0\0" + index[1] + os.urandom(56),
        "an initiation with a right mac1": initiation(rig.public["B"]),
        "a response": b"\2\0\0\0" + os.urandom(4) + index[2] + os.urandom(80),
        "a replayed initiation": begun,
        "data of the session that is damaged": damaged,
        "data with the index of the session": b"\4\0\0\0"
        + data[4:8]
        + struct.pack("<Q", 99)
        + os.urandom(48),
        "replayed data": data,
    }
    for what, message in forged.items():
        for _ in range(3):
            stranger.sendto(message, ("192.0.2.2", 51822))
        time.sleep(0.2)
        check("not moved by " + what, endpoint(rig) == "192.0.2.1:51821", endpoint(rig))
    said = rig.on("A", "ping -q -c 1 -W 2 10.9.0.2", check=False)
    check("the tunnel carries packets still", " 0% packet loss" in said)
finish()
