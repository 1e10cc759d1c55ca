// SPDX-License-Identifier: GPL-2.0
/* Loads libmnl when `wg` first speaks netlink. Stands in for ../lib/mnl.c, which the linker leaves
 * out because this is there. Fails where the library is missing, or lacks a function. */
#include "../lib/net/mnl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define SONAME "libmnl.so.0"

struct wg_mnl wg_mnl;
static bool loaded;

static const char *const names[] = {
#define NAME(f) #f,
	WG_MNL_FUNCTIONS(NAME)
#undef NAME
};

int wg_mnl_load(struct wg_error *err)
{
	void *table[sizeof(names) / sizeof(names[0])], *library;

	_Static_assert(sizeof(table) == sizeof(wg_mnl), "one pointer for each name");
	if (loaded)
		return 0;
	library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return wg_error_set(err, "netlink needs the library " SONAME ": %s", dlerror());
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		table[i] = dlsym(library, names[i]);
		if (!table[i])
			return wg_error_set(err, SONAME " lacks %s", names[i]);
	}
	memcpy(&wg_mnl, table, sizeof(table));
	loaded = true;
	return 0;
}
