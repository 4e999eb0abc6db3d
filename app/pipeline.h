/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "element/element.h"
#include "vrouter.h"

/*
 * Pipelines of routers that run: each change makes the whole pipeline from its JSON, keeps the
 * elements that are as before, and swaps it in, or leaves all as it was and tells why. Thread:
 * control thread.
 */

/* What the config says, at start and at each change; see pipeline_spec for `renew`. */
int pipeline_apply(
	struct vr *vr, const struct config_pipeline *config, const char *renew, FILE *errors);

/* Puts the pipeline of the text, a JSON object, in the place of the router's; {}: none. */
int vrouter_set_pipeline(struct router *router, const char *text, const char *source,
	const char *renew, FILE *errors);

/*
 * One element more, at the end of a side or before another one. `text` is its JSON object, or the
 * name of an element that is there already on the other side.
 */
int vrouter_add_element(struct router *router, enum element_side side, const char *before,
	const char *text, const char *source, FILE *errors);

/* A new config for an element, which is made anew even if it is the same: its files are read again.
 */
int vrouter_set_element(struct router *router, const char *name, const char *text,
	const char *source, FILE *errors);

/* At both sides, if it is there. */
int vrouter_delete_element(struct router *router, const char *name, FILE *errors);

#endif
