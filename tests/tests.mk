# SPDX-License-Identifier: GPL-2.0
# Tests, fuzzers and benchmarks; included by ../Makefile.

# A unit test mirrors a source file: tests/unit/lib/conf/conf.c tests src/lib/conf/conf.c. It links the
# library, and for wg/ and wg-quick/ the objects of that binary but its main.o.
unit_src  := $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c)
unit_bin  := $(patsubst tests/unit/%.c,$(B)/unit/%,$(unit_src))
CMOCKA_LIBS := $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null || echo -lcmocka)

#: unit              the unit tests
unit: $(unit_bin)

$(B)/unit/crypto/% $(B)/unit/lib/% $(B)/unit/core/%: tests/unit/%.c
# cmocka's failing asserts do not return, which the compiler cannot know; and a test may have large
# things on its stack.
$(B)/unit/%.o: ALL_CFLAGS += -Wno-null-dereference -Wno-frame-larger-than

$(B)/unit/%.o: tests/unit/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(filter $(B)/unit/crypto/% $(B)/unit/lib/%,$(unit_bin)): %: %.o $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) $(NFT_LIBS) $(MNL_LIBS) -lcrypto

$(filter $(B)/unit/core/%,$(unit_bin)): %: %.o $(core) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) -lcrypto

# As an archive, of which a test's own functions take the place of some (unit/tun/fake.h).
$(B)/libtun.a: $(filter-out $(B)/tun/main.o,$(tun_o))
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(filter $(B)/unit/tun/%,$(unit_bin)): %: %.o $(B)/libtun.a $(core) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) $(MNL_LIBS) -lcrypto

$(filter $(B)/unit/wg/%,$(unit_bin)): %: %.o $(filter-out $(B)/wg/main.o,$(wg_o)) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) $(NFT_LIBS) $(MNL_LIBS)

$(filter $(B)/unit/wg-quick/%,$(unit_bin)): %: %.o $(filter-out $(B)/wg-quick/main.o,$(wg-quick_o)) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(CMOCKA_LIBS) $(NFT_LIBS) $(MNL_LIBS)

# X25519 and Poly1305 a second time, with 32-bit limbs and names of their own, for the same programs.
limbs-32 := $(addprefix $(B)/unit/crypto/,curve25519-32.o poly1305-32.o)
$(B)/unit/crypto/curve25519-32.o: names := curve25519 curve25519_each curve25519_public curve25519_clamp
$(B)/unit/crypto/poly1305-32.o: names := $(addprefix poly1305_,init update align final)

$(limbs-32): $(B)/unit/crypto/%-32.o: src/crypto/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -ffreestanding \
		-DWG_CURVE25519_BITS=32 -DWG_POLY1305_BITS=32 \
		$(foreach f,$(names),-Dwg_$f=wg_$(f)_32) -MMD -MP -c -o $@ $<

$(addprefix $(B)/unit/crypto/,curve25519 poly1305 libcrypto): $(limbs-32)

# The simulator: the core between a virtual clock and a bad network. It counts what the curve costs.
sim      := $(B)/tests/sim/sim
sim_o    := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/sim/*.c))
sim_wrap := -Wl,--wrap=wg_curve25519,--wrap=wg_curve25519_each,--wrap=wg_curve25519_public

$(sim_o): $(B)/tests/%.o: tests/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(sim): $(sim_o) $(core) $(library)
	$(say) LD $@
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(sim_wrap) -o $@ $^

#: sim               the simulator of networks
sim: $(sim)

# Each fuzzer is one file with LLVMFuzzerTestOneInput; everything is built again with clang and the
# sanitizers, under $(B)/fuzz. FUZZ_RUNS: inputs a fuzzer tries in `make fuzz-short`.
fuzz_bin := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
#= FUZZ_RUNS         inputs for each fuzzer
FUZZ_RUNS ?= 20000
#= FUZZ_SECONDS      how long each fuzzer runs
FUZZ_SECONDS ?= 600
FUZZ_FLAGS := -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
fuzz_o := $(patsubst src/%.c,$(B)/fuzz/src/%.o,$(wildcard src/crypto/*.c src/core/*.c src/lib/*/*.c) \
	$(filter-out %/main.c,$(wildcard src/wg-quick/*.c src/wg-quick/*/*.c)))

$(B)/fuzz/src/%.o: src/%.c
	$(say) CLANG $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -std=gnu11 $(ALL_CPPFLAGS) -U_FORTIFY_SOURCE $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

# Nothing in it depends on its input, and it is most of what a handshake costs.
$(B)/fuzz/src/crypto/curve25519.o: FUZZ_FLAGS := -g -O2

$(B)/fuzz/%: tests/fuzz/%.c $(fuzz_o)
	$(say) CLANG $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -std=gnu11 $(ALL_CPPFLAGS) -U_FORTIFY_SOURCE $(FUZZ_FLAGS) -fsanitize=fuzzer -pthread \
		-o $@ $^ $(FUZZ_LIBS) $(NFT_LIBS) $(MNL_LIBS)

# The packets of wg-tun are not in the library.
$(addprefix $(B)/fuzz/,super-packet arrival): $(foreach f,checksum coalesce icmp segment,$(B)/fuzz/src/tun/path/$f.o)

# Of which the fuzzer's own functions take the place of some.
$(B)/fuzz/libtun.a: $(patsubst src/%.c,$(B)/fuzz/src/%.o,$(filter-out src/tun/main.c,$(wildcard src/tun/*.c src/tun/*/*.c)))
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/fuzz/uapi-request: $(B)/fuzz/libtun.a

# The simulator, but what draws its runs from seeds.
fuzz_sim := $(patsubst tests/sim/%.c,$(B)/fuzz/sim/%.o,$(filter-out %/sim.c,$(wildcard tests/sim/*.c)))

$(fuzz_sim): $(B)/fuzz/sim/%.o: tests/sim/%.c
	$(say) CLANG $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -std=gnu11 $(ALL_CPPFLAGS) -U_FORTIFY_SOURCE $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

$(B)/fuzz/sim-events: $(fuzz_sim)
$(B)/fuzz/sim-events: FUZZ_LIBS := $(sim_wrap)

#: fuzzers           the fuzzers, built with clang
fuzzers: $(fuzz_bin)

# Long runs, one fuzzer after another; new inputs go to $(B)/fuzz/corpus, findings to $(B)/fuzz.
#: fuzz              runs each fuzzer for FUZZ_SECONDS
fuzz: $(fuzz_bin)
	$(Q)for f in $(fuzz_bin); do n=$${f##*/}; mkdir -p $(B)/fuzz/corpus/$$n; \
		$$f -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(B)/fuzz/ \
			$(B)/fuzz/corpus/$$n tests/fuzz/corpus/$$n || exit 1; done

# The same few thousand inputs each time: new ones go to an empty folder, the first that is named.
#: fuzz-short        runs each fuzzer on FUZZ_RUNS inputs
fuzz-short: $(fuzz_bin)
	$(Q)for f in $(fuzz_bin); do n=$${f##*/}; echo "fuzz $$n: $(FUZZ_RUNS) inputs"; \
		new=$(B)/fuzz/short/$$n; rm -rf $$new && mkdir -p $$new || exit 1; \
		$$f -seed=1 -runs=$(FUZZ_RUNS) -artifact_prefix=$(B)/fuzz/ -verbosity=0 \
			$$new tests/fuzz/corpus/$$n >$(B)/fuzz/$$n.log 2>&1 || \
			{ cat $(B)/fuzz/$$n.log; exit 1; }; done

# What the scripts in oracle/, load/, bench/ and the tests of tunnels need compiled.
helpers := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/oracle/*.c tests/bench/*.c))

$(helpers): $(B)/tests/%: tests/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(HELPER_LIBS)

# These need the protocol's code.
$(addprefix $(B)/tests/bench/,forge handshakes): $(core) $(library)
$(B)/tests/bench/aead: $(library)
$(B)/tests/bench/aead: HELPER_LIBS := -lcrypto

# What is preloaded into daemons.
shims := $(patsubst tests/%.c,$(B)/tests/%.so,$(wildcard tests/*/*-shim.c))

$(shims): $(B)/tests/%.so: tests/%.c $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(filter-out -fPIE,$(ALL_CFLAGS)) -fPIC -shared -o $@ $<

#: helpers           what the test scripts run besides
helpers: $(helpers) $(shims)

# What the scripts in netns/ drive: a program that puts the library's functions on a command line.
net-tool := $(B)/tests/netns/net-tool

$(net-tool): tests/netns/net-tool.c $(library) $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(library) $(NFT_LIBS) $(MNL_LIBS)

#: net-tool          the library's functions on a command line, for tests
net-tool: $(net-tool)

# What the scripts in module/ drive.
netlink-raw := $(B)/tests/module/netlink-raw
nlfuzz      := $(B)/tests/module/nlfuzz

$(netlink-raw) $(nlfuzz): $(B)/tests/module/%: tests/module/%.c $(library) $(B)/flags
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(library) $(MNL_LIBS)

#: netlink-raw       what the tests of the module send
netlink-raw: $(netlink-raw)
#: nlfuzz            what sends it nonsense
nlfuzz: $(nlfuzz)

#: check             runs the tests; `sh tests/run.sh STAGE...` runs some
check:
	sh tests/run.sh

# Static analysis of src/, about two minutes.
#: lint              static analysis
lint:
	$(Q)sh tests/lint.sh

# What the tests of core/ and crypto/ run of it; everything is built again under $(B)/cov.
#: coverage          counts what the tests of the protocol run of it
coverage:
	$(Q)B=$(B)/cov sh tests/coverage.sh

# The tools, the data path, then WireGuard beside other tunnels.
#: bench             measures tools and data paths beside others
bench: all helpers
	sh tests/bench/run.sh
	sh tests/bench/tunnel.sh
	sh tests/bench/vpn.sh

#: bench-tunnel      measures the data paths alone
bench-tunnel: all helpers
	sh tests/bench/tunnel.sh

# WireGuard beside IPsec and OpenVPN: a table, and a chart in $(B).
#: bench-vpn         measures WireGuard beside IPsec and OpenVPN
bench-vpn: all helpers
	sh tests/bench/vpn.sh

# Our module beside the kernel's, in User Mode Linux.
#: bench-module      measures our module beside the kernel's own, in User Mode Linux
bench-module:
	sh tests/module/bench.sh

.PHONY: net-tool netlink-raw nlfuzz unit sim coverage fuzzers fuzz fuzz-short check lint bench bench-tunnel bench-vpn bench-module helpers
