// SPDX-License-Identifier: GPL-2.0
/* resolvconf, in the form that openresolv, Debian's resolvconf and resolvectl's all take: -m 0 -x
 * puts the tunnel's servers before all others (openresolv), -f accepts that the entry is gone. */
#include "dns.h"
#include <limits.h>
#include <string.h>
#include "../../lib/base/process.h"

/* openresolv may restart a name server, for which systemd allows 90 seconds by itself. */
#ifdef WG_TEST_HOOKS
#define TIME_LIMIT_MS 5000
#else
#define TIME_LIMIT_MS 90000
#endif

static int run_resolvconf(const struct wg_process *p, struct wg_error *err)
{
	err->text[0] = '\0';
	return wg_process_explain(wg_process_run(p, err), "resolvconf", err);
}

int dns_set(const char *name, const char *text, const volatile int *stop, struct wg_error *err)
{
	const char *const argv[] = {"resolvconf", "-a", name, "-m", "0", "-x", NULL};
	const struct wg_process p = {
		.argv = argv, .input = text, .input_len = strlen(text), .stop = stop,
		.limit_ms = TIME_LIMIT_MS};

	return run_resolvconf(&p, err);
}

int dns_unset(const char *name, const volatile int *stop, struct wg_error *err)
{
	const char *const argv[] = {"resolvconf", "-d", name, "-f", NULL};
	const struct wg_process p = {.argv = argv, .stop = stop, .limit_ms = TIME_LIMIT_MS};
	char path[PATH_MAX];

	if (!wg_process_find("resolvconf", path, sizeof(path)))
		return 0;
	return run_resolvconf(&p, err);
}
