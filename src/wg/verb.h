/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of `wg`: what the rows of the table in main.c run. */
#ifndef WG_VERB_H
#define WG_VERB_H

#include <stdio.h>
#include "../lib/command/command.h"

/* show.c */
int verb_show(const struct wg_call *call, struct wg_error *err);
void complete_show(const struct wg_call *call);
void usage_show(FILE *f);
/* showconf.c */
int verb_showconf(const struct wg_call *call, struct wg_error *err);
/* set.c */
int verb_set(const struct wg_call *call, struct wg_error *err);
void complete_set(const struct wg_call *call);
void usage_set(FILE *f);
/* setconf.c: by the verb's name, setconf, addconf and syncconf */
int verb_setconf(const struct wg_call *call, struct wg_error *err);
/* genkey.c: by the verb's name, genkey and genpsk */
int verb_genkey(const struct wg_call *call, struct wg_error *err);
/* pubkey.c */
int verb_pubkey(const struct wg_call *call, struct wg_error *err);

#endif
