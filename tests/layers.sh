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
			may["wg-quick"] = "lib crypto ."
			may["tun"] = "tun/confine tun/uapi tun/control tun/path tun/device tun/report core crypto lib ."
			may["tun/confine"] = "tun/report lib ."
			may["tun/uapi"] = "tun/confine tun/control tun/path tun/device tun/report core crypto lib ."
			may["tun/control"] = "tun/path tun/device tun/report core crypto lib ."
			may["tun/path"] = "tun/device tun/report core crypto lib ."
			may["tun/device"] = "tun/report core crypto lib ."
			may["tun/report"] = "core lib ."
			may["module"] = "core crypto uapi ."
			may["."] = ""
		}
		FNR == 1 {
			from = folder(FILENAME); first = 1
			own = FILENAME; sub(".*/", "", own); sub("\\.c$", ".h", own)
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
mkdir "$sample/lib" "$sample/wg" "$sample/core" "$sample/odd"
touch "$sample/port.h" "$sample/lib/b.h" "$sample/wg/v.h" "$sample/core/c.h" "$sample/odd/o.h"
printf '#include "b.h"\n#include "a.h"\n#include "../wg/v.h"\n' >"$sample/lib/a.c"
printf '#include "../port.h"\n#include "../lib/b.h"\n#include "none.h"\n' >"$sample/lib/a.h"
printf '#include <stdio.h>\n#include "b.h"\n#ifdef __KERNEL__\n' >"$sample/lib/b.c"
printf '#include "lib/b.h"\n#include "../core/c.h"\n' >"$sample/wg/w.c"
printf 'int x;\n' >>"$sample/odd/o.h"
printf '#include "../lib/b.h"\n' >"$sample/core/c.c"
check "a tree that breaks every rule is found out" same 'core/c.c:1: core/ must not include lib/
core/c.c:1: own header "c.h" comes first
lib/a.c:1: own header "a.h" comes first
lib/a.c:3: lib/ must not include wg/
lib/a.h:2: "../lib/b.h" is in the same folder: bare name
lib/a.h:3: "none.h" does not exist there
lib/b.c:1: own header "b.h" comes first
lib/b.c:3: only port.h may say __KERNEL__
odd/o.h:1: a folder that the rule does not know: odd
wg/w.c:1: "lib/b.h" must be spelled ../FOLDER/FILE
wg/w.c:2: wg/ must not include core/' "$(offenders "$sample" | sort)"
check "includes follow the map" clean "$top/src"
finish
