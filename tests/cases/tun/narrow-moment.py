#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A way that is narrow for a moment switches segmentation offload off for that moment only."""
# beside others: it waits most of the time and measures no time
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import time
from case import check, finish, skip
from rig import Rig

with Rig() as rig:
    rig.warm()
    capture = rig.capture("A", "u0")
    before = rig.outer_super_packets(capture)
    if not before[0]:
        skip("segmentation offload is not in use here")
    for mtu in (1400, 1500):
        for side in "AB":
            rig.ip(side, "link set u0 mtu %d" % mtu)
        after = rig.outer_super_packets(capture)
    time.sleep(30)
    later = rig.outer_super_packets(capture)
    check(
        "super-packets are back half a minute later",
        later[0] > 0,
        "super-packets and seconds: before %d, %.2f; right after %d, %.2f; later %d, %.2f"
        % (before + after + later),
    )
finish()
