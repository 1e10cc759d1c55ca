# SPDX-License-Identifier: GPL-2.0
# The objects that every host of the protocol shares, kernel or userspace: freestanding, and with no
# undefined symbol but memcpy, memset, memmove and memcmp (tests/core.sh). Kbuild reads this too.
wg-core := \
	core/actions.o \
	core/admission.o \
	core/allowedips.o \
	core/cookie.o \
	core/gso.o \
	core/keypair.o \
	core/noise.o \
	core/handshake.o \
	core/handshake-reason.o \
	core/ratelimiter.o \
	core/remote.o \
	core/replay.o \
	core/timers.o \
	core/tai64n.o \
	crypto/blake2s.o \
	crypto/chacha20.o \
	crypto/chacha20poly1305.o \
	crypto/curve25519.o \
	crypto/kdf.o \
	crypto/poly1305.o \
	crypto/siphash.o
