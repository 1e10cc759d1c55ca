// SPDX-License-Identifier: GPL-2.0
/* defects.md: "kernels 7.0 to 7.1.4 damage the last datagram of a GSO send with equal tails; no way to
 * switch offloads off". */
#include "../../../../src/tun/path/offload.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static struct offload_choice parsed(const char *text)
{
	struct offload_choice c;
	struct wg_error err;

	assert_int_equal(offload_parse(&c, text, "--offload", &err), 0);
	return c;
}

static void choices_are_read(void **state)
{
	(void)state;
	assert_int_equal(parsed("auto").wanted, OFFLOAD_ON);
	assert_false(parsed("auto").keep);
	assert_int_equal(parsed("on").wanted, OFFLOAD_ON);
	assert_true(parsed("on").keep);
	assert_int_equal(parsed("off").wanted, 0);
	assert_int_equal(parsed("tun-gso").wanted, OFFLOAD_TUN_TSO | OFFLOAD_TUN_USO);
	assert_int_equal(parsed("udp-gro,tun-udp-gro,tun-tso").wanted,
			 OFFLOAD_UDP_GRO | OFFLOAD_TUN_UDP_GRO | OFFLOAD_TUN_TSO);
	assert_true(parsed("udp-gso").keep);
	/* Raw and packet sockets would see datagrams together. */
	assert_int_equal(OFFLOAD_ON & OFFLOAD_TUN_UDP_GRO, 0);
}

static void others_are_errors(void **state)
{
	static const char *const bad[] = {"", ",", "tun", "tun-gso,", ",tun-gso", "auto,off", "Off",
					  "tun-gso,,udp-gso", "tun-gso udp-gso", "udp-gsox"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct offload_choice c;
		struct wg_error err = {0};

		assert_true(offload_parse(&c, bad[i], "WG_TUN_OFFLOAD", &err) < 0);
		assert_non_null(strstr(err.text, "WG_TUN_OFFLOAD: expected auto, on, off"));
	}
}

enum { NONE = 0, TRAINS = OFFLOAD_UDP_GSO | OFFLOAD_TUN_UDP_GRO, VXLAN = OFFLOAD_TUN_UDP_GRO };

/* As uname -r, uname -v and /proc/version_signature have it. */
static const struct {
	const char *release, *version, *signature;
	u32 broken;
} kernels[] = {
	/* upstream */
	{"6.1.76", "", "", NONE},
	{"6.2.0-rc1", "", "", VXLAN},
	{"6.2.0", "", "", VXLAN},
	{"6.6.25", "", "", VXLAN},
	{"6.6.26-rc1", "", "", VXLAN},
	{"6.6.26", "", "", NONE},
	{"6.6.130", "", "", NONE},
	{"6.7.12", "", "", VXLAN},
	{"6.8.4", "", "", VXLAN},
	{"6.8.5", "", "", NONE},
	{"6.9.0-rc1", "", "", NONE},
	{"6.18.44", "", "", NONE},
	{"6.19.9", "", "", NONE},
	{"7.0.0-rc1", "", "", TRAINS},
	{"7.0-rc7", "", "", TRAINS},
	{"7.0.0", "", "", TRAINS},
	{"7.0.14", "", "", TRAINS},
	{"7.1.0-rc5", "", "", TRAINS},
	{"7.1.4", "", "", TRAINS},
	{"7.1.5-rc1", "", "", TRAINS},
	{"7.1.5", "", "", NONE},
	{"7.1.10", "", "", NONE},
	{"7.2.0-rc1", "", "", NONE},
	{"10.0.1", "", "", NONE},
	/* Debian's number is of the binary interface; the package's is upstream's. */
	{"6.1.0-18-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)", "", NONE},
	{"6.6.0-1-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.6.30-1 (2024-05-02)", "", NONE},
	{"6.6.13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.6.13-1 (2024-01-20)", "", VXLAN},
	{"6.12.41+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.41-1 (2025-08-12)", "", NONE},
	{"7.0.4+deb14-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 7.0.4-1 (2026-05-02)", "", TRAINS},
	{"7.1.5+deb14-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 7.1.5-1~exp1 (2026-08-02)", "", NONE},
	/* Ubuntu's has no patch level, its signature has. */
	{"6.5.0-35-generic", "#35~22.04.1-Ubuntu SMP", "Ubuntu 6.5.0-35.35~22.04.1-generic 6.5.13",
	 VXLAN},
	{"6.8.0-31-generic", "#31-Ubuntu SMP", "Ubuntu 6.8.0-31.31-generic 6.8.1", VXLAN},
	{"6.8.0-60-generic", "#63-Ubuntu SMP", "Ubuntu 6.8.0-60.63-generic 6.8.12", NONE},
	{"6.17.0-41-generic", "#41-Ubuntu SMP", "Ubuntu 6.17.0-41.41-generic 6.17.9", NONE},
	{"7.0.0-10-generic", "#10-Ubuntu SMP", "Ubuntu 7.0.0-10.10-generic 7.0.0", TRAINS},
	{"7.1.0-9-generic", "#9-Ubuntu SMP", "Ubuntu 7.1.0-9.9-generic 7.1.6", NONE},
	/* Without the signature, as in some containers, the oldest is assumed. */
	{"6.8.0-60-generic", "#63-Ubuntu SMP", "", VXLAN},
	/* others */
	{"6.2.16-20-pve", "#1 SMP PREEMPT_DYNAMIC PMX 6.2.16-20", "", VXLAN},
	{"7.0.2-6-pve", "#1 SMP PREEMPT_DYNAMIC PMX 7.0.2-6 (2026-05-20T08:55Z)", "", TRAINS},
	{"6.6.87.2-microsoft-standard-WSL2", "#1 SMP", "", NONE},
	{"6.6.25-rt29", "#1 SMP PREEMPT_RT", "", VXLAN},
	{"5.14.0-427.el9.x86_64", "#1 SMP", "", NONE},
	{"6.4.0-150600.23-default", "#1 SMP", "", VXLAN},
	{"6.18.44-fc-v782", "#1 SMP", "", NONE},
	{"7.0.0-default+", "#2 SMP", "", TRAINS},
	/* A number of something else. */
	{"7.1.5-custom", "#1 SMP Debian 6.1.76-1", "", NONE},
	{"7.1.5-custom", "#1 SMP", "garbage", NONE},
	{"7.1.5-custom", "#1 SMP", "Ubuntu garbage", NONE},
};

static void versions_are_known_by_the_names_of_distributions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		struct offload_kernel k;
		char why[512];

		assert_true(offload_kernel_parse(&k, kernels[i].release, kernels[i].version,
						 kernels[i].signature));
		if (offload_broken(&k, why, sizeof(why)) != kernels[i].broken)
			fail_msg("%s: %#x", kernels[i].release,
				 offload_broken(&k, why, sizeof(why)));
		assert_int_equal(why[0] != '\0', kernels[i].broken != NONE);
	}
}

static void no_version_is_none(void **state)
{
	static const char *const bad[] = {"", "x", "7", "7.", "7.x", "v7.0", ".7.0", "-7.0"};
	struct offload_kernel k;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(offload_kernel_parse(&k, bad[i], "", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices_are_read),
		cmocka_unit_test(others_are_errors),
		cmocka_unit_test(versions_are_known_by_the_names_of_distributions),
		cmocka_unit_test(no_version_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
