# SPDX-License-Identifier: GPL-2.0
"""python3 without.py CALL[:[INDEX:]ARGUMENT]=ERROR... -- COMMAND...: runs the command where these system calls fail, as
under a container engine's filter. CALL is a number; with ARGUMENT only calls fail whose argument of this INDEX, from 0,
which is the default, is this number."""
import ctypes, os, struct, sys

LD, JEQ, RET, ALLOW, ERRNO = 0x20, 0x15, 0x06, 0x7fff0000, 0x50000
rules, command = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
code = []
for rule in rules:
    call, error = rule.split("=")
    number, _, argument = call.partition(":")
    refuse = [(RET, 0, 0, ERRNO | int(error))]
    if argument:
        index, _, value = argument.rpartition(":")
        refuse = [(LD, 0, 0, 16 + 8 * int(index or 0)), (JEQ, 0, 1, int(value))] + refuse
    code += [(LD, 0, 0, 0), (JEQ, 0, len(refuse), int(number))] + refuse
code.append((RET, 0, 0, ALLOW))
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(22, 2, fprog, 0, 0):
    sys.exit("no filter: " + os.strerror(ctypes.get_errno()))
os.execvp(command[0], command)
