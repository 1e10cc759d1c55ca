#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Thirty thousand peers are replaced by one: the peer that stays is served meanwhile."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import base64
import os
import socket
import subprocess
import time
from case import check, finish
from star import Star

COUNT = 30000


def uapi(request):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect("/run/wireguard/wgS.sock")
    s.sendall(request)
    answer = b""
    while not answer.endswith(b"\n\n"):
        answer += s.recv(65536)
    return answer


def peer(i):
    allowed = b"10.%d.%d.%d/32" % (100 + (i >> 16), i >> 8 & 255, i & 255)
    return b"public_key=%s\nallowed_ip=%s\n" % (os.urandom(32).hex().encode(), allowed)


with Star("V") as star:
    star.ping("V")
    uapi(b"set=1\n" + b"".join(map(peer, range(COUNT))) + b"\n")
    time.sleep(1)
    command = ["ping", "-n", "-D", "-i", "0.01", "-w", "8", "10.77.0.1"]
    pings = star.popen("V", command, stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    begin = time.time()
    key = base64.b64decode(star.public["V"]).hex().encode()
    uapi(b"set=1\nreplace_peers=true\npublic_key=%s\nallowed_ip=10.77.0.2/32\n\n" % key)
    took = time.time() - begin
    lines = pings.communicate()[0].splitlines()
    at = [float(l[1:].split("]")[0]) for l in lines if "time=" in l]
    gap = max((b - a for a, b in zip(at, at[1:])), default=9)
    check(
        "a peer that is replaced by itself hears again within 6.5 s",
        gap <= 6.5,
        "replacing took %.2f s, the longest silence was %.2f s" % (took, gap),
    )
finish()
