/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_PIPELINE_H
#define CONFIG_PIPELINE_H

#include "config.h"
#include "schema/field.h"

/*
 * A router's pipeline as the config has it: an object with the lists "ingress" and "egress", of
 * elements and of names of elements that are told elsewhere in it. Which keys an element has is its
 * type's to say (element/element_config.h).
 */

/* The field of a router; its interfaces are read before. */
extern const struct field_type pipeline_field;

/* A pipeline alone, of a router whose interfaces are known to be right. */
void pipeline_read(struct report *report, struct value value, const struct config_router *router,
	struct config_pipeline *pipeline);

#endif
