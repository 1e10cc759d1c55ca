#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The include rule of src/README.md: who may include whom, how it is spelled, and own header first.
# (x-private.h, which includes x.h, counts). Prints offenders as `file:line: why`. It also checks itself on a tree that breaks every rule.
. "$(dirname "$0")/tool.sh"

# offenders FOLDER
offenders()
{
	(cd "$1" && find . -path ./module/compat -prune -o -name '*.[ch]' -print | sed 's|^\./||' | sort | xargs awk '
		function folder(path) { return sub("/[^/]*$", "", path) ? path : "." }
		function exists(path, line) {
			if ((getline line < path) < 0) return 0
			close(path); return 1
		}
		function offence(why) { print FILENAME ":" FNR ": " why }
		BEGIN {
			may["crypto"] = "."
			may["uapi"] = ""
			may["core"] = "crypto ."
			may["lib"] = "crypto uapi ."
			may["wg"] = "lib crypto ."
			may["wg-quick"] = "wg-quick/steps lib crypto ."
			may["wg-quick/steps"] = "wg-quick lib crypto ."
			# What is below the steps of wg-quick; the rest of that folder is above.
			below = " config.h config.c config-keys.c strlist.h strlist.c tables.h tables.c hooks.h" \
				" hooks.c dns.h dns.c sysctl.h sysctl.c userspace.h userspace.c datapath.h" \
				" datapath.c daemon.h daemon.c namespaces.h namespaces.c verb.h verb.c test-hooks.h test-hooks.c signals.h signals.c "
			may["tun"] = "tun/confine tun/uapi tun/control tun/path tun/device tun/report core crypto lib ."
			may["tun/confine"] = "tun/report lib ."
			may["tun/uapi"] = "tun/confine tun/control tun/path tun/device tun/report core crypto lib ."
			may["tun/control"] = "tun/path tun/device tun/report core crypto lib ."
			may["tun/path"] = "tun/device tun/report core crypto lib ."
			may["tun/device"] = "tun/report core crypto lib ."
			may["tun/report"] = "core lib ."
			may["module"] = "core crypto uapi ."
			may["."] = ""
			# A file of module/ may include those before it: src/module/README.md has the order.
			order = "aead.h endpoint.h endpoint.c segment.h segment.c handshake-report.h handshake-report.c" \
				" nesting.h nesting.c crypt-queue.h" \
				" device.h crypt-queue.c" \
				" peer.h peer.c keypair.h keypair.c socket.h socket.c actions.h actions.c send.h seal.c send.c" \
				" handshakes.h handshakes.c receive.h open.c receive.c peers.h peers.c link.h link.c netlink.h" \
				" netlink.c netlink-set.c selftest.h selftest.c main.c"
			n = split(order, files, " ")
			for (i = 1; i <= n; i++) rank["module/" files[i]] = i
		}
		FNR == 1 {
			from = folder(FILENAME); first = 1
			base = FILENAME; sub(".*/", "", base)
			own = base; sub("\\.c$", ".h", own)
			must = FILENAME ~ /\.c$/ && exists(from "/" own)
			if (!(from in may)) offence("a folder that the rule does not know: " from)
		}
		/^[ \t]*#[ \t]*include[ \t]*</ && first && must {
			offence("own header \"" own "\" comes first"); must = 0
		}
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\""); name = part[2]
			private = own; sub("\\.h$", "-private.h", private)
			if (first && must && name != own && name != private) offence("own header \"" own "\" comes first")
			first = 0; must = 0
			up = from; rest = name
			while (sub("^\\.\\./", "", rest)) up = folder(up)
			if (rest == name && name ~ /\// && !exists(from "/" name)) {
				offence("\"" name "\" must be spelled ../FOLDER/FILE"); next
			}
			to = rest ~ /\// ? folder(rest) : "."
			if (up != ".") to = to == "." ? up : up "/" to
			if (rest == name) to = name ~ /\// ? from "/" folder(name) : from
			if (to == from && name ~ /\//) offence("\"" name "\" is in the same folder: bare name")
			else if (to != from && index(" " may[from] " ", " " to " ") == 0)
				offence(from "/ must not include " (to == "." ? name : to "/"))
			if (from == "module" && to == from) {
				if (!(FILENAME in rank)) offence("a file that the order of module/ does not know")
				else if (!(from "/" name in rank) || rank[from "/" name] > rank[FILENAME])
					offence(FILENAME " comes before " name " in the order of module/")
			}
			file = name; sub(".*/", "", file)
			if (to == "wg-quick" && from == "wg-quick/steps" && index(below, " " file " ") == 0)
				offence("wg-quick/" file " is above the steps")
			if (from == "wg-quick" && index(below, " " base " ") &&
			    (to == "wg-quick/steps" || to == from && index(below, " " file " ") == 0))
				offence("wg-quick/" base " is below " name)
			if (!exists(from "/" name)) offence("\"" name "\" does not exist there")
		}
		from != "." && /__KERNEL__/ { offence("only port.h may say __KERNEL__") }
	')
}

clean()
{
	found=$(offenders "$1")
	[ -z "$found" ] || { printf '%s\n' "$found"; return 1; }
}

sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT
mkdir -p "$sample/wg-quick/steps" "$sample/lib" "$sample/wg" "$sample/core" "$sample/odd" "$sample/module"
touch "$sample/port.h" "$sample/lib/b.h" "$sample/wg/v.h" "$sample/core/c.h" "$sample/odd/o.h"
printf '#include "b.h"\n#include "a.h"\n#include "../wg/v.h"\n' >"$sample/lib/a.c"
printf '#include "../port.h"\n#include "../lib/b.h"\n#include "none.h"\n' >"$sample/lib/a.h"
printf '#include <stdio.h>\n#include "b.h"\n#ifdef __KERNEL__\n' >"$sample/lib/b.c"
printf '#include "lib/b.h"\n#include "../core/c.h"\n' >"$sample/wg/w.c"
printf 'int x;\n' >>"$sample/odd/o.h"
printf '#include "../lib/b.h"\n' >"$sample/core/c.c"
touch "$sample/module/peer.h" "$sample/module/send.h" "$sample/module/actions.h"
printf '#include "peer.h"\n#include "send.h"\n' >"$sample/module/actions.c"
printf '#include "actions.h"\n' >"$sample/module/new.c"
touch "$sample/wg-quick/run.h" "$sample/wg-quick/hooks.h" "$sample/wg-quick/steps/step.h"
printf '#include "hooks.h"\n#include "run.h"\n#include "steps/step.h"\n' >"$sample/wg-quick/hooks.c"
printf '#include "../hooks.h"\n#include "../run.h"\n' >"$sample/wg-quick/steps/rule.c"
check "a tree that breaks every rule is found out" same 'core/c.c:1: core/ must not include lib/
core/c.c:1: own header "c.h" comes first
lib/a.c:1: own header "a.h" comes first
lib/a.c:3: lib/ must not include wg/
lib/a.h:2: "../lib/b.h" is in the same folder: bare name
lib/a.h:3: "none.h" does not exist there
lib/b.c:1: own header "b.h" comes first
lib/b.c:3: only port.h may say __KERNEL__
module/actions.c:1: own header "actions.h" comes first
module/actions.c:2: module/actions.c comes before send.h in the order of module/
module/new.c:1: a file that the order of module/ does not know
odd/o.h:1: a folder that the rule does not know: odd
wg-quick/hooks.c:2: wg-quick/hooks.c is below run.h
wg-quick/hooks.c:3: wg-quick/hooks.c is below steps/step.h
wg-quick/steps/rule.c:2: wg-quick/run.h is above the steps
wg/w.c:1: "lib/b.h" must be spelled ../FOLDER/FILE
wg/w.c:2: wg/ must not include core/' "$(offenders "$sample" | sort)"
check "includes follow the map" clean "$top/src"
finish
