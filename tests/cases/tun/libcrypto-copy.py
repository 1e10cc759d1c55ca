#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""An OpenSSL whose EVP_CIPHER_CTX_copy fails for ChaCha20-Poly1305 (3.0.0 to 3.0.12, 3.1.0 to
3.1.4), on a processor without vectors: the daemon carries packets."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from case import WG_TUN_TESTHOOKS, check, finish, sh, skip
from rig import Rig

if not os.access(WG_TUN_TESTHOOKS, os.X_OK):
    skip("no wg-tun that was built with TESTHOOKS=1")
with open("/run/no-copy.c", "w") as f:
    f.write("int EVP_CIPHER_CTX_copy(void *a, const void *b) { (void)a; (void)b; return 0; }\n")
sh("gcc -shared -fPIC -o /run/no-copy.so /run/no-copy.c")
with Rig(
    program=WG_TUN_TESTHOOKS,
    environment={"LD_PRELOAD": "/run/no-copy.so", "WG_TEST_NO_VECTORS": "1"},
) as rig:
    said = rig.on("A", "ping -c 3 -i 0.2 -W 6 10.9.0.2", check=False)
    check("a tunnel carries packets", " 0% packet loss" in said)
finish()
