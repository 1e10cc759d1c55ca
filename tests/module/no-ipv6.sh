#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/no-ipv6.sh: our module in a kernel that has IPv6 but was told to do without.
. "$(dirname "$0")/../tool.sh"
cd "$top" || exit 1
check "the module is built for the kernel 'uml'" sh tests/module/build.sh uml
[ $failures = 0 ] || finish
VM_ARGUMENTS=ipv6.disable=1 exec sh tests/vm/run.sh uml --module build/module/uml/wireguard.ko \
	tests/module/only/no-ipv6.sh
