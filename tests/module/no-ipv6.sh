#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/no-ipv6.sh: our module for a kernel that was built without IPv6, and in one that has it
# but was told to do without.
. "$(dirname "$0")/../tool.sh"
cd "$top" || exit 1
kernel=${VM_KERNELS:-$top/build/vm}/uml/build
work=$top/build/module/no-ipv6

# The headers of the kernel, with another configuration.
configure_without()
{
	rm -rf "$work"
	mkdir -p "$work/kernel" "$work/module" && make -s module-source DEST="$work/module" &&
		(cd "$kernel" && cp -a Makefile .config Module.symvers arch include scripts "$work/kernel") &&
		sed -i '/CONFIG_IPV6/d' "$work/kernel/include/config/auto.conf" \
			"$work/kernel/include/generated/autoconf.h"
}

# What such a kernel has all the same, of what has IPv6 in its name.
builds_without()
{
	nice make -s -C "$work/kernel" ARCH=um M="$work/module" W=1 || return
	same "" "$(nm -u "$work/module/wireguard.ko" | grep -iE 'ip_*v?6|inet6|addrconf' |
		grep -vxE ' *U (__ipv6_addr_type|csum_ipv6_magic|icmpv6_ndo_send)')"
}

check "the module is built for the kernel 'uml'" sh tests/module/build.sh uml
[ $failures = 0 ] || finish
check "a kernel is configured without IPv6" configure_without
check "the module asks nothing of it that it has not" builds_without
VM_ARGUMENTS=ipv6.disable=1 sh tests/vm/run.sh uml --module build/module/uml/wireguard.ko \
	tests/module/only/no-ipv6.sh || failures=1
rm -rf "$work"
finish
