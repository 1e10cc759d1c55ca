/* SPDX-License-Identifier: GPL-2.0 */
/* The settings of an interface and of a peer: one row each. A row says what the setting is called in
 * files, on command lines, in output and by both kinds of data path, and where the model keeps it.
 * Its type says how the value is compared, and how data paths are told it. What a type looks like as
 * text is in other rooms, by enum wg_setting_type: ../conf/setting-text.c (files and command lines),
 * ../command/set-args.c, ../../wg/show-columns.c and ../../wg/show-pretty.c. */
#ifndef WG_LIB_SETTING_H
#define WG_LIB_SETTING_H

#include <stdio.h>
#include "model.h"

enum wg_section {
	WG_SECTION_INTERFACE,
	WG_SECTION_PEER,
	WG_SECTIONS,
};

/* The comments name the type of the field in the model. */
enum wg_setting_type {
	WG_TYPE_NONE, /* ends a list of rows */
	WG_TYPE_PUBLIC_KEY,
	WG_TYPE_PRIVATE_KEY,   /* compared as data paths keep it: clamped */
	WG_TYPE_PRESHARED_KEY, /* keys: u8[WG_KEY_LEN]; zeros mean that there is none */
	WG_TYPE_PORT,          /* u16; 0 leaves the choice to the data path */
	WG_TYPE_MARK,          /* u32; 0 is off */
	WG_TYPE_INTERVAL,      /* u16, in seconds; 0 is off */
	WG_TYPE_ENDPOINT,      /* union wg_endpoint */
	WG_TYPE_ALLOWEDIPS,    /* struct wg_allowedip *, the first of the list */
	WG_TYPE_TIME,          /* s64, Unix time in seconds; 0 is never */
	WG_TYPE_NANOSECONDS,   /* u32, the rest of the WG_TYPE_TIME of the same attribute */
	WG_TYPE_BYTES,         /* u64, how many */
	WG_TYPES,
};

enum wg_setting_role {
	WG_ROLE_VALUE,    /* can be set, and is one value */
	WG_ROLE_LIST,     /* can be set, and has elements: writers, readers and wg_diff deal with it apart */
	WG_ROLE_IDENTITY, /* names the peer: it is there always, and is not changed */
	WG_ROLE_FACT,     /* the data path reports it; it cannot be set */
};

/* Each form of output has its order. Messages that list names, and requests to data paths, have the
 * order of the table. */
enum wg_setting_order {
	WG_ORDER_SHOW,    /* `wg show`, and the names of its parameters */
	WG_ORDER_DUMP,    /* the columns of `wg show INTERFACE dump` */
	WG_ORDER_FILE,    /* `wg showconf` */
	WG_ORDER_COMMAND, /* the options of `wg set` */
	WG_ORDERS,
};

struct wg_setting {
	enum wg_setting_type type;
	enum wg_setting_role role;
	enum wg_section section;
	/* WG_DEVICE_HAS_ or WG_PEER_HAS_; 0: the field itself shows whether it is set. Every WG_ROLE_VALUE
	 * has a flag, except a peer's endpoint: wg_diff sends a setting of the interface only by its flag,
	 * and wg-quick remembers a setting of a peer by its flag, and the endpoint by itself. */
	u32 flag;
	u16 offset;    /* of its field, in struct wg_device or struct wg_peer */
	u16 attribute; /* WGDEVICE_A_ or WGPEER_A_; 0: the kernel does not have it */
	/* The place of the setting in each order, from 1; 0: the order does not have it. Places are tens,
	 * so that a new row fits between two others. */
	u8 place[WG_ORDERS];
	/* The names; one is NULL where the setting does not occur. */
	const char *uapi;   /* of the userspace API */
	const char *key;    /* of a configuration file */
	const char *option; /* of `wg set` */
	const char *column; /* the parameter of `wg show`; neighbours of one name are columns of one line */
	const char *label;  /* in `wg show`; neighbours of one label stand on one line */
	const char *suffix; /* behind the value in `wg show` */
	const char *noun;   /* what an error expects, with its article, where the type does not tell */
};

/* What data paths and wg_diff need to know of a type. `field` is the setting's field in the model.
 * Functions are NULL for types whose roles never need them. A type of a setting with WG_ROLE_VALUE has
 * all functions but payload_len, which may be NULL. */
struct wg_setting_ops {
	u16 size;    /* of the field */
	bool secret; /* not to be printed, unless asked for */
	bool is_key; /* a data path that reports zeros has none, and the flag stays away */
	/* Returns whether the field says anything: it is not zero, or is an address. */
	bool (*is_set)(const void *field);
	/* Returns whether a data path that has `have` need not be told `want`. */
	bool (*agrees)(const void *want, const void *have);
	/* Writes the line NAME=VALUE of the userspace API. */
	void (*write_uapi)(FILE *f, const char *name, const void *field);
	/* Parses VALUE of such a line, and may cut `value` into pieces. Returns false for a bad value, which
	 * leaves the field as it was. */
	bool (*read_uapi)(void *field, char *value);
	/* Returns the length of the attribute's payload, which is the first bytes of the field. NULL: the
	 * payload is the whole field. */
	size_t (*payload_len)(const void *field);
	/* Reads the payload of an attribute. Returns false if its length or its value is not possible. */
	bool (*read_payload)(void *field, const void *payload, size_t len);
};

extern const struct wg_setting_ops wg_setting_types[WG_TYPES];

/* A table of rows has less than this many; the row that ends it is counted. */
#define WG_SETTINGS_MAX 32

/* The rows of each section. A row with WG_TYPE_NONE ends a table. */
extern const struct wg_setting wg_interface_settings[], wg_peer_settings[];
static inline const struct wg_setting *wg_settings(enum wg_section section)
{
	return section == WG_SECTION_PEER ? wg_peer_settings : wg_interface_settings;
}
/* Returns the rows of the section that have a place in that order, sorted by it, with NULL behind them.
 * The list is static, and is made when it is first asked for: only one thread may call this. */
const struct wg_setting *const *wg_settings_in_order(enum wg_section section,
						     enum wg_setting_order order);
/* Returns the flags of all rows of the section with WG_ROLE_VALUE. */
u32 wg_settings_flags(enum wg_section section);

/* Below, `object` is the struct wg_device or struct wg_peer of the row's section. */

static inline const struct wg_setting_ops *wg_setting_ops(const struct wg_setting *s)
{
	return &wg_setting_types[s->type];
}

static inline void *wg_setting_field(const struct wg_setting *s, void *object)
{
	return (char *)object + s->offset;
}

static inline const void *wg_setting_value(const struct wg_setting *s, const void *object)
{
	return (const char *)object + s->offset;
}

static inline bool wg_setting_has_flag(const struct wg_setting *s, const void *object)
{
	return s->section == WG_SECTION_PEER ? ((const struct wg_peer *)object)->flags & s->flag
					     : ((const struct wg_device *)object)->flags & s->flag;
}

static inline void wg_setting_set_flag(const struct wg_setting *s, void *object, bool on)
{
	struct wg_device *dev = object;
	struct wg_peer *peer = object;

	if (s->section == WG_SECTION_PEER)
		peer->flags = (u16)(on ? peer->flags | s->flag : peer->flags & ~s->flag);
	else
		dev->flags = on ? dev->flags | s->flag : dev->flags & ~s->flag;
}

/* Returns whether a file or a change, as which `object` was read or made, mentions the setting. */
static inline bool wg_setting_is_given(const struct wg_setting *s, const void *object)
{
	return s->flag ? wg_setting_has_flag(s, object)
		       : wg_setting_ops(s)->is_set(wg_setting_value(s, object));
}

/* Returns whether `object`, which a data path reported, has a value that output shows: a key, a number
 * that is not zero, or an address. */
static inline bool wg_setting_is_shown(const struct wg_setting *s, const void *object)
{
	const struct wg_setting_ops *ops = wg_setting_ops(s);

	if (s->role == WG_ROLE_IDENTITY)
		return true;
	return ops->is_key ? wg_setting_has_flag(s, object)
			   : ops->is_set(wg_setting_value(s, object));
}

/* Call this when a data path has reported the field. It sets the flag, if the setting has one, and if
 * the value is not a key of zeros, which stands for no key. */
static inline void wg_setting_reported(const struct wg_setting *s, void *object)
{
	const struct wg_setting_ops *ops = wg_setting_ops(s);

	if (s->flag && (!ops->is_key || s->role == WG_ROLE_IDENTITY ||
			ops->is_set(wg_setting_value(s, object))))
		wg_setting_set_flag(s, object, true);
}

#endif
