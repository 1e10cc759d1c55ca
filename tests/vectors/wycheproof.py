#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# python3 wycheproof.py < x25519_test.json > x25519-wycheproof.txt: one line a test, "NUMBER PRIVATE
# PUBLIC SHARED", the keys in hex.
import json
import sys

print("# Copyright 2016-2026 The Wycheproof Authors. SPDX-License-Identifier: Apache-2.0")
print("# From x25519_test.json by wycheproof.py; see README.md. NUMBER PRIVATE PUBLIC SHARED")
for group in json.load(sys.stdin)["testGroups"]:
    for test in group["tests"]:
        print(test["tcId"], test["private"], test["public"], test["shared"])
