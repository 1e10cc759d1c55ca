/* SPDX-License-Identifier: GPL-2.0 */
/* What command.h asks of the table of a program's verbs. */
#ifndef UNIT_COMMAND_TABLE_H
#define UNIT_COMMAND_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../../src/lib/command/command.h"

static inline void table_check_verb(const struct wg_verb *v)
{
	size_t options = 0, operands = 0, room = sizeof(v->operands) / sizeof(*v->operands);

	while (v->options && v->options[options].name)
		options++;
	if (options > WG_COMMAND_OPTIONS_MAX)
		fail_msg("%s has more options than WG_COMMAND_OPTIONS_MAX", v->name);
	while (operands < room && v->operands[operands])
		operands++;
	if (operands == room)
		fail_msg("%s: no NULL ends its operands", v->name);
	if (v->least > operands || v->least > v->most)
		fail_msg("%s: it needs more operands than it names or takes", v->name);
	assert_non_null(v->summary);
	assert_non_null(v->run);
}

static inline void table_check(const struct wg_command *c)
{
	for (const struct wg_verb *v = c->verbs; v->name; v++) {
		table_check_verb(v);
		assert_ptr_equal(wg_command_find(c, v->name), v);
	}
	if (c->default_verb)
		assert_non_null(wg_command_find(c, c->default_verb));
}

#endif
