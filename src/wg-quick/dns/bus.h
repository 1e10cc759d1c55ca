/* SPDX-License-Identifier: GPL-2.0 */
/* The system's D-Bus, by libsystemd, which is loaded when it is first needed: the tools run without
 * it. No call blocks: each is waited for within a limit, and a signal ends the wait. */
#ifndef WG_QUICK_BUS_H
#define WG_QUICK_BUS_H

#include <stdint.h>
#include "../../lib/base/error.h"
#include "../../port.h"

/* libsystemd's types, of which only pointers are used, and its error as it is laid out. */
typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;
typedef struct sd_bus_error {
	const char *name;
	const char *message;
	int need_free;
} sd_bus_error;
typedef int (*sd_bus_message_handler_t)(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* The functions that are used: X(NAME, RESULT, ARGUMENTS). */
#define BUS_FUNCTIONS(X)                                                                           \
	X(sd_bus_open_system, int, (sd_bus **bus))                                                 \
	X(sd_bus_close, void, (sd_bus *bus))                                                       \
	X(sd_bus_unref, sd_bus *, (sd_bus *bus))                                                   \
	X(sd_bus_get_fd, int, (sd_bus *bus))                                                       \
	X(sd_bus_get_events, int, (sd_bus *bus))                                                   \
	X(sd_bus_process, int, (sd_bus *bus, sd_bus_message **m))                                  \
	X(sd_bus_call_async, int, (sd_bus *bus, sd_bus_slot **slot, sd_bus_message *m,             \
				   sd_bus_message_handler_t handler, void *userdata, uint64_t usec)) \
	X(sd_bus_message_new_method_call, int, (sd_bus *bus, sd_bus_message **m,                   \
		const char *destination, const char *path, const char *interface, const char *member)) \
	X(sd_bus_message_set_auto_start, int, (sd_bus_message *m, int start))                      \
	X(sd_bus_message_ref, sd_bus_message *, (sd_bus_message *m))                               \
	X(sd_bus_message_unref, sd_bus_message *, (sd_bus_message *m))                             \
	X(sd_bus_message_get_error, const sd_bus_error *, (sd_bus_message *m))                     \
	X(sd_bus_message_append, int, (sd_bus_message *m, const char *types, ...))                 \
	X(sd_bus_message_append_array, int, (sd_bus_message *m, char type, const void *p, size_t size)) \
	X(sd_bus_message_open_container, int, (sd_bus_message *m, char type, const char *contents)) \
	X(sd_bus_message_close_container, int, (sd_bus_message *m))                                \
	X(sd_bus_message_read, int, (sd_bus_message *m, const char *types, ...))                   \
	X(sd_bus_message_read_array, int, (sd_bus_message *m, char type, const void **p, size_t *size)) \
	X(sd_bus_message_enter_container, int, (sd_bus_message *m, char type, const char *contents)) \
	X(sd_bus_message_exit_container, int, (sd_bus_message *m))

/* A declaration, which parentheses would change. */
#define BUS_POINTER(name, result, arguments) result (*name) arguments; /* NOLINT(bugprone-macro-parentheses) */
struct bus_functions {
	BUS_FUNCTIONS(BUS_POINTER)
};
#undef BUS_POINTER
/* Valid once bus_open has succeeded. */
extern struct bus_functions bus_lib;

struct bus {
	sd_bus *bus;
	const volatile int *stop; /* as in struct wg_wait */
};

/* Connects to the system bus. Returns 0, or -1 with err: no libsystemd, or no bus. bus_close(b) in both
 * cases. */
int bus_open(struct bus *b, const volatile int *stop, struct wg_error *err);
void bus_close(struct bus *b); /* for cleanup() too; waits for nothing */

/* The last D-Bus error, for comparing. */
struct bus_failure {
	char name[128]; /* "": it was not the other side that said no */
};

/* Sends `m`, which it takes over, and waits at most `limit_ms` for the answer. Returns 0 with *reply,
 * which the caller releases by bus_reply_freep, or -1 with err: `failure` has the error's name and err
 * its message. A `made` below 0 is the error of making the message. */
int bus_call(struct bus *b, sd_bus_message *m, int made, unsigned int limit_ms, sd_bus_message **reply,
	     struct bus_failure *failure, struct wg_error *err);
void bus_reply_freep(sd_bus_message **m); /* for cleanup() */

#endif
