# SPDX-License-Identifier: GPL-2.0
# wirekit. `make`, `make check`, `make install`; V=1 shows the commands. Every path below can be
# given on the command line; objects go under $(B) only.

PREFIX      ?= /usr
DESTDIR     ?=
SYSCONFDIR  ?= /etc
BINDIR      ?= $(PREFIX)/bin
MANDIR      ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/vendor-completions
SYSTEMDUNITDIR ?= /lib/systemd/system
RUNSTATEDIR ?= /var/run
# Where wg-quick finds NAME.conf, and where it keeps its journals and locks.
CONFDIR     ?= $(SYSCONFDIR)/wireguard
STATEDIR    ?= /run/wireguard-quick

CC         ?= cc
CLANG      ?= clang
PKG_CONFIG ?= pkg-config
B          ?= build
# SAN=1: AddressSanitizer and UndefinedBehaviorSanitizer. TSAN=1: ThreadSanitizer. COV=1: counts what
# runs. TESTHOOKS=1: the step-boundary hook that the crash tests use; never in an installed binary.
SAN        ?=
TSAN       ?=
COV        ?=
TESTHOOKS  ?=
WERROR     ?= -Werror

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

VERSION := $(shell sed -n 's/^.define WIREKIT_VERSION "\(.*\)"/\1/p' src/version.h)

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-align -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wnull-dereference \
	-Wframe-larger-than=16384 $(WERROR)
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE $(CFLAGS) $(INSTRUMENT)
ALL_CPPFLAGS = -D_GNU_SOURCE $(if $(INSTRUMENT),,-D_FORTIFY_SOURCE=2) -DRUNSTATEDIR='"$(RUNSTATEDIR)"' \
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
mans       := $(patsubst man/%.scd,$(B)/man/%,$(wildcard man/*.scd))

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
$(core_o): ALL_CFLAGS += $(if $(INSTRUMENT),,-Wframe-larger-than=2048)

$(B)/man/%: man/%.scd
	$(say) SCDOC $@
	$(Q)mkdir -p $(@D)
	$(Q)scdoc < $< > $@

completions := $(patsubst completion/%.bash,%,$(wildcard completion/*.bash))
fish_completions := $(notdir $(wildcard completion/*.fish))
zsh_completions := $(notdir $(wildcard completion/_*))
INSTALL ?= install
units := wg-quick@.service wg-quick-killswitch@.service wg-quick-watch.service wg-quick-watch@.service wg-tun@.service
installed = $(BINDIR)/wg $(BINDIR)/wg-quick $(BINDIR)/wg-tun \
	$(foreach m,$(mans),$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m)) \
	$(addprefix $(BASHCOMPDIR)/,$(completions)) \
	$(addprefix $(FISHCOMPDIR)/,$(fish_completions)) \
	$(addprefix $(ZSHCOMPDIR)/,$(zsh_completions)) \
	$(addprefix $(SYSTEMDUNITDIR)/,$(units) wg-quick.target)

install: all
	$(if $(INSTRUMENT)$(TESTHOOKS),\
		$(error SAN, TSAN, COV and TESTHOOKS are for tests: they are not installed))
	$(say) INSTALL '$(DESTDIR)$(BINDIR)/{wg,wg-quick,wg-tun}'
	$(Q)$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(BASHCOMPDIR)' \
		'$(DESTDIR)$(FISHCOMPDIR)' '$(DESTDIR)$(ZSHCOMPDIR)' '$(DESTDIR)$(SYSTEMDUNITDIR)'
	$(Q)$(INSTALL) -m 0755 $(B)/wg/wg $(B)/wg-quick/wg-quick $(B)/tun/wg-tun '$(DESTDIR)$(BINDIR)'
	$(Q)for m in $(mans); do $(INSTALL) -D -m 0644 $$m '$(DESTDIR)$(MANDIR)'/man$${m##*.}/$${m##*/} || exit; done
	$(Q)for c in $(completions); do \
		$(INSTALL) -m 0644 completion/$$c.bash '$(DESTDIR)$(BASHCOMPDIR)'/$$c || exit; done
	$(Q)$(INSTALL) -m 0644 $(addprefix completion/,$(fish_completions)) '$(DESTDIR)$(FISHCOMPDIR)'
	$(Q)$(INSTALL) -m 0644 $(addprefix completion/,$(zsh_completions)) '$(DESTDIR)$(ZSHCOMPDIR)'
	$(Q)for u in $(units); do sed 's|@BINDIR@|$(BINDIR)|g' systemd/$$u.in >$(B)/$$u || exit; done
	$(Q)$(INSTALL) -m 0644 $(addprefix $(B)/,$(units)) systemd/wg-quick.target '$(DESTDIR)$(SYSTEMDUNITDIR)'
	$(Q)test -d '$(DESTDIR)$(CONFDIR)' || $(INSTALL) -d -m 0700 '$(DESTDIR)$(CONFDIR)'

# The configuration folder goes only if it is empty.
uninstall:
	$(Q)rm -f $(foreach f,$(installed),'$(DESTDIR)$(f)')
	$(Q)rmdir '$(DESTDIR)$(CONFDIR)' 2>/dev/null || :

# The kernel module: for the kernel whose headers are in KDIR (src/Kbuild has more settings), or by DKMS
# for every kernel that has no WireGuard of its own.
KERNEL     ?= $(shell uname -r)
KDIR       ?= /lib/modules/$(KERNEL)/build
DKMS       ?= dkms
dkms_files := Kbuild core.mk dkms.conf version.h port.h uapi crypto core module
dkms_name  := wirekit/$(VERSION)
dkms_src   := /usr/src/wirekit-$(VERSION)

module:
	$(Q)test -e '$(KDIR)/Makefile' || \
		{ echo 'make: no headers of a kernel in $(KDIR): give their folder as KDIR=' >&2; exit 1; }
	$(Q)$(MAKE) -C '$(KDIR)' M='$(CURDIR)/src' modules

# Modules in updates/ come before the kernel's own. kbuild's modules_install would complain that it has
# neither the kernel's key nor its map.
module-install: module
	$(Q)release=$$(modinfo -F vermagic src/wireguard.ko | cut -d ' ' -f 1) && \
		$(INSTALL) -d "$(DESTDIR)/lib/modules/$$release/updates" && \
		$(INSTALL) -m 0644 src/wireguard.ko "$(DESTDIR)/lib/modules/$$release/updates" && \
		{ test -n '$(DESTDIR)' || depmod -a "$$release"; }

module-clean:
	$(Q)$(MAKE) -C '$(KDIR)' M='$(CURDIR)/src' clean

# What DKMS gets, and nothing else, in the folder DEST.
module-source:
	$(Q)$(INSTALL) -d '$(DEST)'
	$(Q)cd src && cp -a -u $(dkms_files) '$(DEST)'

dkms-install:
	$(say) INSTALL '$(DESTDIR)$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || ! $(DKMS) status '$(dkms_name)' | grep -q . || $(DKMS) remove '$(dkms_name)' --all
	$(Q)rm -rf '$(DESTDIR)$(dkms_src)'
	$(Q)$(MAKE) -s module-source DEST='$(DESTDIR)$(dkms_src)'
	$(Q)test -n '$(DESTDIR)' || { $(DKMS) add '$(dkms_name)' && $(DKMS) autoinstall -k '$(KERNEL)'; }

dkms-uninstall:
	$(Q)test -n '$(DESTDIR)' || ! $(DKMS) status '$(dkms_name)' | grep -q . || $(DKMS) remove '$(dkms_name)' --all
	$(Q)rm -rf '$(DESTDIR)$(dkms_src)'

# Debian packages, in build/deb; $(B) has nothing to do with them.
deb:
	$(Q)sh contrib/debian/build.sh

include tests/tests.mk

clean:
	$(Q)rm -rf $(B)

# By name, for $(B) also holds whole systems that tests run in.
-include $(filter-out $(B)/./vm/%,$(wildcard $(foreach d,. unit fuzz fuzz/src tests,$(B)/$d/*.d $(B)/$d/*/*.d $(B)/$d/*/*/*.d)))

.PHONY: all install uninstall deb clean FORCE module module-install module-clean module-source \
	dkms-install dkms-uninstall
.DELETE_ON_ERROR:
