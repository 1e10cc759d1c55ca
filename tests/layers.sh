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
			# The rooms of lib/ and of wg-quick/, from the lowest on: each may include those before it.
			split("base net device conf command", lib, " ")
			for (i = 1; i in lib; i++) {
				may["lib/" lib[i]] = libs "crypto uapi ."
				libs = libs "lib/" lib[i] " "
			}
			split("config host dns steps journal check plan reconcile watch", rooms, " ")
			for (i = 1; i in rooms; i++) {
				may["wg-quick/" rooms[i]] = below libs "crypto ."
				below = below "wg-quick/" rooms[i] " "
			}
			may["wg-quick"] = below libs "crypto ."
			may["wg"] = libs "crypto ."
			may["tun"] = "tun/confine tun/uapi tun/control tun/path tun/device tun/report core crypto " libs "."
			may["tun/confine"] = "tun/report " libs "."
			may["tun/uapi"] = "tun/confine tun/control tun/path tun/device tun/report core crypto " libs "."
			may["tun/control"] = "tun/path tun/device tun/report core crypto " libs "."
			may["tun/path"] = "tun/device tun/report core crypto " libs "."
			may["tun/device"] = "tun/report core crypto " libs "."
			may["tun/report"] = "core " libs "."
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
mkdir -p "$sample/wg-quick/steps" "$sample/wg-quick/host" "$sample/lib/base" "$sample/lib/conf" "$sample/wg" "$sample/core" "$sample/odd" "$sample/module"
touch "$sample/port.h" "$sample/lib/base/b.h" "$sample/wg/v.h" "$sample/core/c.h" "$sample/odd/o.h"
printf '#include "b.h"\n#include "a.h"\n#include "../../wg/v.h"\n#include "../conf/k.h"\n' >"$sample/lib/base/a.c"
printf '#include "../../port.h"\n#include "../base/b.h"\n#include "none.h"\n' >"$sample/lib/base/a.h"
printf '#include <stdio.h>\n#include "b.h"\n#ifdef __KERNEL__\n' >"$sample/lib/base/b.c"
printf '#include "lib/base/b.h"\n#include "../core/c.h"\n' >"$sample/wg/w.c"
printf 'int x;\n' >>"$sample/odd/o.h"
printf '#include "../lib/base/b.h"\n' >"$sample/core/c.c"
touch "$sample/module/peer.h" "$sample/module/send.h" "$sample/module/actions.h"
printf '#include "peer.h"\n#include "send.h"\n' >"$sample/module/actions.c"
printf '#include "actions.h"\n' >"$sample/module/new.c"
touch "$sample/lib/conf/k.h" "$sample/wg-quick/verb.h" "$sample/wg-quick/host/hooks.h" "$sample/wg-quick/steps/step.h"
printf '#include "hooks.h"\n#include "../verb.h"\n#include "../steps/step.h"\n' >"$sample/wg-quick/host/hooks.c"
printf '#include "../host/hooks.h"\n#include "../verb.h"\n' >"$sample/wg-quick/steps/rule.c"
check "a tree that breaks every rule is found out" same 'core/c.c:1: core/ must not include lib/base/
core/c.c:1: own header "c.h" comes first
lib/base/a.c:1: own header "a.h" comes first
lib/base/a.c:3: lib/base/ must not include wg/
lib/base/a.c:4: lib/base/ must not include lib/conf/
lib/base/a.h:2: "../base/b.h" is in the same folder: bare name
lib/base/a.h:3: "none.h" does not exist there
lib/base/b.c:1: own header "b.h" comes first
lib/base/b.c:3: only port.h may say __KERNEL__
module/actions.c:1: own header "actions.h" comes first
module/actions.c:2: module/actions.c comes before send.h in the order of module/
module/new.c:1: a file that the order of module/ does not know
odd/o.h:1: a folder that the rule does not know: odd
wg-quick/host/hooks.c:2: wg-quick/host/ must not include wg-quick/
wg-quick/host/hooks.c:3: wg-quick/host/ must not include wg-quick/steps/
wg-quick/steps/rule.c:2: wg-quick/steps/ must not include wg-quick/
wg/w.c:1: "lib/base/b.h" must be spelled ../FOLDER/FILE
wg/w.c:2: wg/ must not include core/' "$(offenders "$sample" | sort)"
check "includes follow the map" clean "$top/src"
finish
