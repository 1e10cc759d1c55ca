# SPDX-License-Identifier: GPL-2.0
# wirekit: `make help` lists targets and variables, from the lines here and in tests/tests.mk that begin
# with "#:" (targets) and "#=" (variables). Objects go under $(B) only.

#= PREFIX            where programs and their files are installed
PREFIX      ?= /usr
#= DESTDIR           a folder put before every path, to make a package; with it no question is asked
DESTDIR     ?=
#= SYSCONFDIR        settings of the system
SYSCONFDIR  ?= /etc
#= BINDIR            programs
BINDIR      ?= $(PREFIX)/bin
#= MANDIR            man pages
MANDIR      ?= $(PREFIX)/share/man
#= BASHCOMPDIR       completion for bash
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
#= FISHCOMPDIR       completion for fish
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
#= ZSHCOMPDIR        completion for zsh
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
#= SYSTEMDUNITDIR    units of systemd
SYSTEMDUNITDIR ?= $(PREFIX)/lib/systemd/system
#= RUNSTATEDIR       sockets of userspace implementations are in its folder "wireguard"
RUNSTATEDIR ?= /var/run
#= CONFDIR           where wg-quick finds NAME.conf
CONFDIR     ?= $(SYSCONFDIR)/wireguard
#= STATEDIR          journals and locks of wg-quick
STATEDIR    ?= /run/wireguard-quick

#= CC                the compiler
CC         ?= cc
#= CFLAGS            its options
CFLAGS     ?= -O2 -g
#= CLANG             the compiler of the fuzzers
CLANG      ?= clang
#= PKG_CONFIG        what is asked for libraries
PKG_CONFIG ?= pkg-config
#= SCDOC             what makes the man pages
SCDOC      ?= scdoc
#= INSTALL           what installs a file
INSTALL    ?= install
#= B                 where objects go
B          ?= build
#= WERROR            WERROR=1: warnings are errors, as in the tests
WERROR     ?=
#= SAN               SAN=1: builds with AddressSanitizer and UndefinedBehaviorSanitizer
SAN        ?=
#= TSAN              TSAN=1: builds with ThreadSanitizer
TSAN       ?=
#= COV               COV=1: counts what runs
COV        ?=
#= TESTHOOKS         TESTHOOKS=1: with the hook of the crash tests; never in an installed binary
TESTHOOKS  ?=
#= V                 V=1: shows the commands
V          ?=

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

VERSION := $(shell sed -n 's/^.define WIREKIT_VERSION "\(.*\)"/\1/p' src/version.h)

WARNINGS = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-align -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wnull-dereference \
	$(if $(optimised),-Wframe-larger-than=16384) $(if $(filter-out 0,$(WERROR)),-Werror)
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE $(CFLAGS) $(INSTRUMENT)
# The C library warns where it is to fortify what is not optimised. A distribution's level wins over ours.
optimised = $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))
fortified = $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))
FORTIFY = $(if $(INSTRUMENT)$(fortified),,$(if $(optimised),-D_FORTIFY_SOURCE=2))
ALL_CPPFLAGS = -D_GNU_SOURCE $(FORTIFY) -DRUNSTATEDIR='"$(RUNSTATEDIR)"' \
	-DCONFDIR='"$(CONFDIR)"' -DSTATEDIR='"$(STATEDIR)"' -DSYSCONFDIR='"$(SYSCONFDIR)"' \
	$(if $(TESTHOOKS),-DWG_TEST_HOOKS) $(PKG_CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(INSTRUMENT) $(LDFLAGS)
INSTRUMENT = $(strip $(if $(SAN),$(SAN_FLAGS)) $(if $(TSAN),$(TSAN_FLAGS)) \
	$(if $(COV),$(COV_FLAGS)))
# The red zones around what is on the stack make frames larger than they will be.
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-Wno-frame-larger-than
TSAN_FLAGS := -fsanitize=thread -fno-omit-frame-pointer -Wno-frame-larger-than
# -O0 would count branches on constants in each copy of what is inlined, which nothing can take.
COV_FLAGS := -Og --coverage -fprofile-update=atomic -Wno-frame-larger-than
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags libmnl libnftnl 2>/dev/null)
MNL_LIBS := $(shell $(PKG_CONFIG) --libs libmnl 2>/dev/null || echo -lmnl)
NFT_LIBS := $(shell $(PKG_CONFIG) --libs libnftnl 2>/dev/null || echo -lnftnl -lmnl)

crypto_o   := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/crypto/*.c))
core_o     := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/core/*.c))
lib_o      := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/lib/*/*.c))
wg_o       := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/wg/*.c))
wg-quick_o := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/wg-quick/*.c src/wg-quick/*/*.c))
tun_o      := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/tun/*.c src/tun/*/*.c))
library    := $(B)/libwirekit.a
core       := $(B)/libcore.a
pages      := $(patsubst man/%.scd,%,$(wildcard man/*.scd))

# What is missing is said at the beginning, all at once. A library that pkg-config does not know may still be
# where the compiler finds it.
offline := help clean dist uninstall install-tree deb check lint bench-module module module-install module-clean \
	module-source dkms-install dkms-uninstall
built := $(filter-out $(offline),$(or $(MAKECMDGOALS),all))
probe = $(shell $(PKG_CONFIG) --exists $1 2>/dev/null || \
	echo 'int main(void) { return 0; }' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -include stdio.h -include stdarg.h -include stddef.h -include stdint.h \
		-include setjmp.h -include $2 -x c - $3 -o /dev/null 2>/dev/null || echo $1:$4)
ifneq ($(built),)
missing := $(if $(shell command -v $(firstword $(CC))),,$(firstword $(CC)):gcc) \
	$(call probe,libmnl,libmnl/libmnl.h,-lmnl,libmnl-dev) \
	$(call probe,libnftnl,libnftnl/rule.h,-lnftnl,libnftnl-dev) \
	$(call probe,libcrypto,openssl/evp.h,-lcrypto,libssl-dev) \
	$(if $(filter unit,$(built)),$(call probe,cmocka,cmocka.h,-lcmocka,libcmocka-dev))
ifneq ($(strip $(missing)),)
packages := $(foreach m,$(missing),$(lastword $(subst :, ,$m)))
$(foreach m,$(missing),$(info make: $(firstword $(subst :, ,$m)) is missing, in Debian's package $(lastword \
	$(subst :, ,$m))$(if $(findstring :gcc,$m),,; `pkg-config $(firstword $(subst :, ,$m))` would find it)))
$(error Building needs what is missing. On Debian: apt-get install $(strip $(packages)))
endif
endif
ifneq ($(shell command -v $(firstword $(SCDOC)) 2>/dev/null),)
mans := $(addprefix $(B)/man/,$(pages))
else ifneq ($(filter all install,$(built)),)
$(info make: $(SCDOC) is missing, in Debian's package scdoc: the man pages are left out)
endif

#: all               the programs and man pages; also without a target
all: $(B)/wg/wg $(B)/wg-quick/wg-quick $(B)/tun/wg-tun $(mans)

$(library): $(crypto_o) $(lib_o)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(core): $(core_o)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/wg/wg: $(wg_o) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(MNL_LIBS)

$(B)/wg-quick/wg-quick: $(wg-quick_o) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(NFT_LIBS) $(MNL_LIBS)

$(B)/tun/wg-tun: $(tun_o) $(core) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(MNL_LIBS) -lcrypto

# A change of flags rebuilds everything: the flags are a file that objects depend on. What some objects have
# besides, which a prerequisite of theirs would have too, is not among them.
flags := $(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_CPPFLAGS))
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(flags)' | cmp -s - $@ || echo '$(flags)' > $@
FORCE:

$(B)/%.o: src/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# crypto/ and core/ are freestanding: they must also build into a kernel.
$(crypto_o) $(core_o): ALL_CFLAGS += -ffreestanding
$(core_o): ALL_CFLAGS += $(if $(INSTRUMENT),,$(if $(optimised),-Wframe-larger-than=2048))

# The pages name the paths that are built in, and the version.
page = -e '1s/$$/ "wirekit $(VERSION)"/' $(call page_path,/etc/wireguard,$(CONFDIR)) \
	$(call page_path,/var/run/wireguard,$(RUNSTATEDIR)/wireguard) \
	$(call page_path,/run/wireguard-quick,$(STATEDIR))
page_path = -e 's,\(^\|[^/a-z]\)$1,\1$(subst _,\\_,$2),g'
$(B)/man/%: man/%.scd src/version.h $(B)/flags
	$(say) SCDOC $@
	$(Q)mkdir -p $(@D)
	$(Q)sed $(page) $< | $(SCDOC) > $@

completions := $(patsubst completion/%.bash,%,$(wildcard completion/*.bash))
fish_completions := $(notdir $(wildcard completion/*.fish))
zsh_completions := $(notdir $(wildcard completion/_*))
units := wg-quick@.service wg-quick-killswitch@.service wg-quick-watch.service wg-quick-watch@.service wg-tun@.service
installed = $(BINDIR)/wg $(BINDIR)/wg-quick $(BINDIR)/wg-tun \
	$(foreach m,$(pages),$(MANDIR)/man$(subst .,,$(suffix $m))/$m) \
	$(addprefix $(BASHCOMPDIR)/,$(completions)) \
	$(addprefix $(FISHCOMPDIR)/,$(fish_completions)) \
	$(addprefix $(ZSHCOMPDIR)/,$(zsh_completions)) \
	$(addprefix $(SYSTEMDUNITDIR)/,$(units) wg-quick.target)

# What was installed without DESTDIR, for `make uninstall`.
MANIFEST = $(PREFIX)/share/wirekit/manifest

# Whoever gives DESTDIR makes a package, or another system, and is asked nothing. On this system itself the
# same tree is built first, and copied where no package's files are in the way.
#: install           installs them, where no package's files are in the way, and notes what
install: all
	$(if $(INSTRUMENT)$(TESTHOOKS),\
		$(error SAN, TSAN, COV and TESTHOOKS are for tests: they are not installed))
ifeq ($(DESTDIR),)
	$(say) INSTALL '$(BINDIR)/{wg,wg-quick,wg-tun}'
	$(Q)rm -rf $(B)/stage
	$(Q)$(MAKE) -s install-tree DESTDIR='$(abspath $(B))/stage'
	$(Q)sh contrib/install.sh install '$(abspath $(B))/stage' '$(MANIFEST)'
else
	$(say) INSTALL '$(DESTDIR)$(BINDIR)/{wg,wg-quick,wg-tun}'
	$(Q)$(MAKE) -s install-tree
endif

install-tree:
	$(Q)$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(BASHCOMPDIR)' \
		'$(DESTDIR)$(FISHCOMPDIR)' '$(DESTDIR)$(ZSHCOMPDIR)' '$(DESTDIR)$(SYSTEMDUNITDIR)'
	$(Q)$(INSTALL) -m 0755 $(B)/wg/wg $(B)/wg-quick/wg-quick $(B)/tun/wg-tun '$(DESTDIR)$(BINDIR)'
	$(Q)for m in $(mans); do $(INSTALL) -D -m 0644 $$m '$(DESTDIR)$(MANDIR)'/man$${m##*.}/$${m##*/} || exit; done
	$(Q)for c in $(completions); do \
		$(INSTALL) -m 0644 completion/$$c.bash '$(DESTDIR)$(BASHCOMPDIR)'/$$c || exit; done
	$(Q)$(INSTALL) -m 0644 $(addprefix completion/,$(fish_completions)) '$(DESTDIR)$(FISHCOMPDIR)'
	$(Q)$(INSTALL) -m 0644 $(addprefix completion/,$(zsh_completions)) '$(DESTDIR)$(ZSHCOMPDIR)'
	$(Q)$(INSTALL) -m 0644 systemd/wg-quick.target '$(DESTDIR)$(SYSTEMDUNITDIR)'
	$(Q)for u in $(units); do unit='$(DESTDIR)$(SYSTEMDUNITDIR)'/$$u; \
		sed 's|@BINDIR@|$(BINDIR)|g' systemd/$$u.in >"$$unit" && chmod 0644 "$$unit" || exit; done
	$(Q)test -d '$(DESTDIR)$(CONFDIR)' || $(INSTALL) -d -m 0700 '$(DESTDIR)$(CONFDIR)'

# The configuration folder goes only if it is empty.
#: uninstall         removes what was installed and has not changed since; refuses while tunnels are up
uninstall:
ifeq ($(DESTDIR),)
	$(Q)sh contrib/install.sh uninstall '$(MANIFEST)' '$(STATEDIR)' '$(CONFDIR)' '$(BINDIR)/wg' \
		$(foreach f,$(installed),'$(f)')
else
	$(Q)rm -f $(foreach f,$(installed),'$(DESTDIR)$(f)')
	$(Q)rmdir '$(DESTDIR)$(CONFDIR)' 2>/dev/null || :
endif

# The kernel module: for the kernel whose headers are in KDIR (src/Kbuild has more settings), or by DKMS
# for every kernel that has no WireGuard of its own.
#= KERNEL            the kernel that the module is for
KERNEL     ?= $(shell uname -r)
#= KDIR              the folder with its headers
KDIR       ?= /lib/modules/$(KERNEL)/build
#= DKMS              the program dkms
DKMS       ?= dkms
dkms_files := Kbuild core.mk dkms.conf version.h port.h uapi crypto core module
dkms_name  := wirekit/$(VERSION)
dkms_src   := /usr/src/wirekit-$(VERSION)

#: module            the kernel module, for the kernel whose headers are in KDIR
module:
	$(Q)test -e '$(KDIR)/Makefile' || \
		{ echo 'make: no headers of a kernel in $(KDIR): give their folder as KDIR=' >&2; exit 1; }
	$(Q)$(MAKE) -C '$(KDIR)' M='$(CURDIR)/src' modules

# Modules in updates/ come before the kernel's own. kbuild's modules_install would complain that it has
# neither the kernel's key nor its map.
#: module-install    installs the module for that kernel
module-install: module
	$(Q)release=$$(modinfo -F vermagic src/wireguard.ko | cut -d ' ' -f 1) && \
		$(INSTALL) -d "$(DESTDIR)/lib/modules/$$release/updates" && \
		$(INSTALL) -m 0644 src/wireguard.ko "$(DESTDIR)/lib/modules/$$release/updates" && \
		{ test -n '$(DESTDIR)' || depmod -a "$$release"; }

#: module-clean      removes what `make module` left in src
module-clean:
	$(Q)$(MAKE) -C '$(KDIR)' M='$(CURDIR)/src' clean

# What DKMS gets, and nothing else, in the folder DEST.
#: module-source     copies what DKMS needs to the folder DEST
module-source:
	$(Q)$(INSTALL) -d '$(DEST)'
	$(Q)cd src && cp -R -u --preserve=timestamps $(dkms_files) '$(DEST)'
	$(Q)cd '$(DEST)' && find $(dkms_files) \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o \
		-name '.*.cmd' \) -delete && chmod -R u+rw,go=rX .

#: dkms-install      has DKMS build the module for every kernel that has no WireGuard
dkms-install:
	$(say) INSTALL '$(DESTDIR)$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || sh contrib/install.sh free 'use the module of that package' '$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || ! $(DKMS) status '$(dkms_name)' | grep -q . || $(DKMS) remove '$(dkms_name)' --all
	$(Q)rm -rf '$(DESTDIR)$(dkms_src)'
	$(Q)$(MAKE) -s module-source DEST='$(DESTDIR)$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || { $(DKMS) add '$(dkms_name)' && $(DKMS) autoinstall -k '$(KERNEL)'; }

#: dkms-uninstall    takes the module from DKMS again
dkms-uninstall:
	$(Q)test -n '$(DESTDIR)' || sh contrib/install.sh free 'remove that package' '$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || ! $(DKMS) status '$(dkms_name)' | grep -q . || $(DKMS) remove '$(dkms_name)' --all
	$(Q)rm -rf '$(DESTDIR)$(dkms_src)'

#: deb               Debian packages, in build/deb
deb:
	$(Q)sh contrib/debian/build.sh

# The files that git knows, as they are, or in a tree without git all of them; with the time of the last commit,
# which such a tree's files have.
dist := wirekit-$(VERSION)
git := git -c safe.directory='*'
#: dist              the tarball $(B)/wirekit-VERSION.tar.xz, the same bytes from the same commit
dist:
	$(say) DIST $(B)/$(dist).tar.xz
	$(Q)mkdir -p $(B)
	$(Q)if test -e .git; then $(git) ls-files -z && $(git) log -1 --format=%ct >$(B)/dist.time; \
		else find . \( -path ./build -o -path './$(B)' \) -prune -o ! -type d -printf '%P\0' && \
			stat -c %Y Makefile >$(B)/dist.time; fi >$(B)/dist.files
	$(Q)LC_ALL=C sort -z $(B)/dist.files | tar --null --no-recursion --files-from=- --format=gnu \
		--mtime="@$$(cat $(B)/dist.time)" --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
		--transform='flags=rSh;s|^|$(dist)/|' -cf $(B)/$(dist).tar
	$(Q)xz -9 -T1 -f $(B)/$(dist).tar
	$(Q)rm -f $(B)/dist.time $(B)/dist.files

#: help              prints this
help:
	$(Q)echo 'Targets:' && sed -n 's/^#: /  /p' Makefile tests/tests.mk && \
		echo && echo 'Variables, as in `make PREFIX=/usr/local install`, and their defaults:' && \
		sed -n '/^#= /{N;s/^#= \(.*\)\n[A-Z_]* *?= */  \1 [/;s/$$/]/;s/ \[]$$//;p}' Makefile tests/tests.mk

include tests/tests.mk

#: clean             removes $(B)
clean:
	$(Q)rm -rf $(B)

# By name, for $(B) also holds whole systems that tests run in.
-include $(filter-out $(B)/./vm/%,$(wildcard $(foreach d,. unit fuzz fuzz/src tests,$(B)/$d/*.d $(B)/$d/*/*.d $(B)/$d/*/*/*.d)))

.PHONY: all dist help install install-tree uninstall deb clean FORCE module module-install module-clean module-source \
	dkms-install dkms-uninstall
.DELETE_ON_ERROR:
