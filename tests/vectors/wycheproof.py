#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# python3 wycheproof.py < NAME_test.json > OURS-wycheproof.txt: one line a test, its fields in hex, an
# empty one as "-". Of an AEAD only the tests whose nonce has the one length that the cipher takes.
import json
import sys

FIELDS = {
    "XDH": ["private", "public", "shared"],
    "CHACHA20-POLY1305": ["result", "key", "iv", "aad", "msg", "ct", "tag"],
    "XCHACHA20-POLY1305": ["result", "key", "iv", "aad", "msg", "ct", "tag"],
    "SIPHASH-2-4": ["result", "key", "msg", "tag"],
}
NONCE_BITS = {"CHACHA20-POLY1305": 96, "XCHACHA20-POLY1305": 192}

suite = json.load(sys.stdin)
name = suite["algorithm"].upper()
fields = FIELDS[name]
print("# Copyright 2016-2026 The Wycheproof Authors. SPDX-License-Identifier: Apache-2.0")
print("# From the tests of", suite["algorithm"], "by wycheproof.py; see README.md. NUMBER",
      *(f.upper() for f in fields))
for group in suite["testGroups"]:
    if group.get("ivSize") != NONCE_BITS.get(name):
        continue
    for test in group["tests"]:
        print(test["tcId"], *(test[f] or "-" for f in fields))
