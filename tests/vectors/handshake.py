#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Whole handshakes with fixed keys and randomness, computed from the papers and RFCs with nothing but
hashlib: python3 handshake.py > handshake.h"""
import hashlib
import hmac
import struct

P = 2**255 - 19


def x25519(secret, point):
    """RFC 7748 section 5."""
    k = int.from_bytes(secret, 'little') & ~7 & (2**255 - 1) & ~(1 << 254) | 1 << 254
    u = int.from_bytes(point, 'little') & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x3, z3 = (da + cb)**2 % P, u * (da - cb)**2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, 'little')


def public(secret):
    return x25519(secret, b'\x09' + bytes(31))


def rounds(state):
    """The twenty rounds of RFC 8439 section 2.3, without the addition at the end."""
    s = list(state)

    def quarter(a, b, c, d):
        for add, xor, other, by in ((a, d, b, 16), (c, b, d, 12), (a, d, b, 8), (c, b, d, 7)):
            s[add] = (s[add] + s[other]) & 0xffffffff
            v = s[xor] ^ s[add]
            s[xor] = (v << by | v >> (32 - by)) & 0xffffffff

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return s


def initial(key, tail):
    return struct.unpack('<16I', b'expand 32-byte k' + key + tail)


def block(key, counter, nonce):
    state = initial(key, struct.pack('<I', counter) + nonce)
    return struct.pack('<16I', *((a + b) & 0xffffffff for a, b in zip(state, rounds(state))))


def poly1305(key, text):
    r = int.from_bytes(key[:16], 'little') & 0x0ffffffc0ffffffc0ffffffc0fffffff
    acc = 0
    for i in range(0, len(text), 16):
        acc = (acc + int.from_bytes(text[i:i + 16] + b'\x01', 'little')) * r % (2**130 - 5)
    return ((acc + int.from_bytes(key[16:], 'little')) % 2**128).to_bytes(16, 'little')


def padded(text):
    return text + bytes(-len(text) % 16)


def aead(key, nonce, text, ad):
    """RFC 8439 section 2.8, for texts of at most one block."""
    sealed = bytes(a ^ b for a, b in zip(text, block(key, 1, nonce)))
    lengths = struct.pack('<QQ', len(ad), len(sealed))
    return sealed + poly1305(block(key, 0, nonce)[:32], padded(ad) + padded(sealed) + lengths)


def xaead(key, nonce, text, ad):
    s = rounds(initial(key, nonce[:16]))
    return aead(struct.pack('<8I', *s[:4], *s[12:]), bytes(4) + nonce[16:], text, ad)


def hash_(data):
    return hashlib.blake2s(data).digest()


def mac(key, data):
    return hashlib.blake2s(data, digest_size=16, key=key).digest()


def kdf(n, key, data):
    one = hmac.new(key, data, hashlib.blake2s).digest()
    out, last = [], b''
    for i in range(n):
        last = hmac.new(one, last + bytes([i + 1]), hashlib.blake2s).digest()
        out.append(last)
    return out


def seal(k, text, h):
    return aead(k, bytes(12), text, h)


def pattern(start):
    return bytes((start + 7 * i) & 0xff for i in range(32))


STATIC_I, STATIC_R, EPHEMERAL_I, EPHEMERAL_R = (pattern(n) for n in (1, 66, 131, 196))
INDEX_I, INDEX_R = 0x01020304, 0xa1b2c3d4
UNIX = 1700000000123456789
COOKIE_SECRET, COOKIE_NONCE = pattern(77), pattern(99)[:24]
ADDRESS = bytes([192, 0, 2, 1]) + struct.pack('>H', 51820)


def macs(message, to, cookie=None):
    message += mac(hash_(b'mac1----' + to), message)
    return message + (mac(cookie, message) if cookie else bytes(16))


def handshake(psk):
    i_pub, r_pub = public(STATIC_I), public(STATIC_R)
    c = hash_(b'Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s')
    h = hash_(hash_(c + b'WireGuard v1 zx2c4 Jason@zx2c4.com') + r_pub)
    # Section 5.4.2
    e = public(EPHEMERAL_I)
    [c] = kdf(1, c, e)
    h = hash_(h + e)
    c, k = kdf(2, c, x25519(EPHEMERAL_I, r_pub))
    static = seal(k, i_pub, h)
    h = hash_(h + static)
    c, k = kdf(2, c, x25519(STATIC_I, r_pub))
    seconds, ns = divmod(UNIX, 10**9)
    stamp = seal(k, struct.pack('>QI', 2**62 + 10 + seconds, ns // 2**24 * 2**24), h)
    h = hash_(h + stamp)
    initiation = struct.pack('<II', 1, INDEX_I) + e + static + stamp
    # Section 5.4.3
    e_r = public(EPHEMERAL_R)
    [c] = kdf(1, c, e_r)
    h = hash_(h + e_r)
    [c] = kdf(1, c, x25519(EPHEMERAL_R, e))
    [c] = kdf(1, c, x25519(EPHEMERAL_R, i_pub))
    c, tau, k = kdf(3, c, psk)
    h = hash_(h + tau)
    response = struct.pack('<III', 2, INDEX_R, INDEX_I) + e_r + seal(k, b'', h)
    sent = macs(initiation, r_pub)
    # Section 5.4.7
    cookie = mac(COOKIE_SECRET, ADDRESS)
    reply = struct.pack('<II', 3, INDEX_I) + COOKIE_NONCE
    reply += xaead(hash_(b'cookie--' + r_pub), COOKIE_NONCE, cookie, sent[116:132])
    return (psk, sent, macs(response, i_pub), reply, macs(initiation, r_pub, cookie),
            *kdf(2, c, b''))


def c_string(data):
    text = data.hex()
    lines = [text[i:i + 72] for i in range(0, len(text), 72)]
    return '\n\t\t'.join('"' + line + '"' for line in lines)


READER = """static inline u8 handshake_digit(char c)
{
	return (u8)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* How many bytes. */
static inline size_t handshake_hex(u8 *out, const char *hex)
{
	size_t n = 0;

	for (; hex[2 * n]; n++)
		out[n] = (u8)(handshake_digit(hex[2 * n]) << 4 | handshake_digit(hex[2 * n + 1]));
	return n;
}
"""


def write():
    print('/* SPDX-License-Identifier: GPL-2.0 */')
    print('/* Whole handshakes with fixed keys and randomness. Made by handshake.py. */')
    print('#ifndef WG_TESTS_VECTORS_HANDSHAKE_H\n#define WG_TESTS_VECTORS_HANDSHAKE_H\n')
    print('#include "../../src/port.h"\n')
    for name, value in (('STATIC_I', STATIC_I), ('STATIC_R', STATIC_R),
                        ('EPHEMERAL_I', EPHEMERAL_I), ('EPHEMERAL_R', EPHEMERAL_R),
                        ('COOKIE_SECRET', COOKIE_SECRET), ('COOKIE_NONCE', COOKIE_NONCE),
                        ('ADDRESS', ADDRESS)):
        print(f'#define HANDSHAKE_{name} \\\n\t"{value.hex()}"')
    print(f'#define HANDSHAKE_INDEX_I {INDEX_I:#x}U\n#define HANDSHAKE_INDEX_R {INDEX_R:#x}U')
    print(f'#define HANDSHAKE_UNIX {UNIX}ULL\n')
    names = ('psk', 'initiation', 'response', 'cookie_reply', 'initiation_with_cookie',
             'initiator_sends', 'responder_sends')
    print('struct handshake_vector {\n\tconst char *' + ';\n\tconst char *'.join(names) + ';\n};\n')
    print('static const struct handshake_vector handshake_vectors[] = {')
    for psk in (bytes(32), pattern(33)):
        print('\t{')
        for name, value in zip(names, handshake(psk)):
            print(f'\t\t.{name} =\n\t\t{c_string(value)},')
        print('\t},')
    print('};\n')
    print(READER)
    print('#endif')


write()
