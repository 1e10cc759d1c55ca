#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The indices of sessions are random: those that were seen do not tell the next ones."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import struct
from case import check, finish
from packets import take
from rig import Rig

COUNT = 12

with Rig() as rig:
    rig.warm()
    capture = rig.capture("B", "u0")
    indices = {1: [], 2: []}
    for _ in range(COUNT):
        for step in ("down", "up"):
            rig.ip("A", "link set %s %s" % (rig.device("A"), step))
        rig.on("A", "ping -q -c 1 -W 6 10.9.0.2", check=False)
        for frame in take(capture, 0.05, incoming=False):
            if frame[12:14] == b"\x08\0" and frame[23] == 17 and frame[42] in indices:
                indices[frame[42]].append(struct.unpack("<I", frame[46:50])[0])
    for kind, seen in indices.items():
        gaps = {b - a for a, b in zip(seen, seen[1:])}
        # By chance a gap is as small as that in one run of 1,500.
        near = [g for g in gaps if abs(g) < 1 << 16]
        high = {i >> 24 for i in seen}
        check(
            "those of %s" % ("initiations" if kind == 1 else "responses"),
            len(seen) >= COUNT and len(gaps) == len(seen) - 1 and not near and len(high) > 4,
            " ".join("%08x" % i for i in seen),
        )
finish()
