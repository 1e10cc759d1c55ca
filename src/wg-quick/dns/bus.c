// SPDX-License-Identifier: GPL-2.0
#include "bus.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../../lib/base/wait.h"

#define LIBRARY "libsystemd.so.0"

struct bus_functions bus_lib;

/* dlsym returns a pointer to data, which C cannot turn into one to a function. */
static bool load_function(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
	return found;
}

static int load_library(struct wg_error *err)
{
	static bool loaded;
	void *library;

	if (loaded)
		return 0;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return wg_error_set(err, "cannot load " LIBRARY ", which D-Bus needs: install libsystemd");
#define BUS_LOAD(name, result, arguments)                                \
	if (!load_function(library, #name, &bus_lib.name))               \
		return wg_error_set(err, LIBRARY " has no %s: it is too old", #name);
	BUS_FUNCTIONS(BUS_LOAD)
#undef BUS_LOAD
	loaded = true;
	return 0;
}

int bus_open(struct bus *b, const volatile int *stop, struct wg_error *err)
{
	int r;

	*b = (struct bus){.stop = stop};
	if (load_library(err) < 0)
		return -1;
	r = bus_lib.sd_bus_open_system(&b->bus);
	if (r < 0)
		return wg_error_errno(err, -r, "cannot connect to the system bus (D-Bus)");
	return 0;
}

void bus_close(struct bus *b)
{
	if (!b->bus)
		return;
	bus_lib.sd_bus_close(b->bus);
	bus_lib.sd_bus_unref(b->bus);
	b->bus = NULL;
}

struct answer {
	sd_bus_message *m;
};

static int take_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct answer *a = userdata;

	(void)error;
	a->m = bus_lib.sd_bus_message_ref(m);
	return 1;
}

static int await(struct bus *b, const struct answer *a, unsigned int limit_ms, struct wg_error *err)
{
	enum wg_wait_result result;
	struct wg_wait wait;

	wg_wait_begin(&wait, b->stop, limit_ms);
	while (!a->m) {
		int r = bus_lib.sd_bus_process(b->bus, NULL), events;

		if (r < 0)
			return wg_error_errno(err, -r, "cannot speak with the system bus (D-Bus)");
		if (r > 0)
			continue;
		events = bus_lib.sd_bus_get_events(b->bus);
		result = wg_wait_fd(&wait, bus_lib.sd_bus_get_fd(b->bus), (short)events);
		if (result != WG_WAIT_READY)
			return wg_wait_error(&wait, result, "systemd-resolved over D-Bus", err);
	}
	return 0;
}

int bus_call(struct bus *b, sd_bus_message *m, int made, unsigned int limit_ms, sd_bus_message **reply,
	     struct bus_failure *failure, struct wg_error *err)
{
	struct answer a = {0};
	const sd_bus_error *error;
	int r = made;

	*failure = (struct bus_failure){0};
	*reply = NULL;
	if (r >= 0) /* the limit is ours */
		r = bus_lib.sd_bus_call_async(b->bus, NULL, m, take_answer, &a, UINT64_MAX);
	bus_lib.sd_bus_message_unref(m);
	if (r < 0)
		return wg_error_errno(err, -r, "cannot make a message of D-Bus");
	if (await(b, &a, limit_ms, err) < 0) {
		bus_close(b); /* no answer is to come to `a` any more */
		return -1;
	}
	error = bus_lib.sd_bus_message_get_error(a.m);
	if (!error) {
		*reply = a.m;
		return 0;
	}
	snprintf(failure->name, sizeof(failure->name), "%s", error->name ? error->name : "");
	wg_error_set(err, "%s", error->message ? error->message : failure->name);
	bus_lib.sd_bus_message_unref(a.m);
	return -1;
}

void bus_reply_freep(sd_bus_message **m)
{
	if (*m)
		bus_lib.sd_bus_message_unref(*m);
	*m = NULL;
}
