/* SPDX-License-Identifier: GPL-2.0 */
/* Routing tables by name, as iproute2 knows them. */
#ifndef WG_QUICK_TABLES_H
#define WG_QUICK_TABLES_H

#include "../../port.h"

/* A number (decimal, or hexadecimal after 0x) or a name. False: neither. Number 0 means main. */
bool table_parse(u32 *table, const char *s, size_t len);

#endif
