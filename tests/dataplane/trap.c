/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <time.h>

#include <rte_malloc.h>

#include "element/element.h"
#include "trap.h"

void (*trap_hook)(void);

struct trap_config {
	struct element_config element;
};

struct trap {
	struct element element;
};

static const struct field trap_config_fields[] = { ELEMENT_FIELDS };
static const struct kind trap_kind = { ELEMENT_KIND(trap_config, "an object (a trap)") };

static uint64_t
cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void
trap_spin(unsigned int ms)
{
	uint64_t until = cpu_ns() + ms * UINT64_C(1000000);

	while (cpu_ns() < until)
		;
}

static void
trap_destroy(struct element *element)
{
	rte_free(element);
}

static struct element *
trap_create(struct element_params *params, char error[ELEMENT_ERROR_SIZE])
{
	return element_zalloc(params, "trap", sizeof(struct trap), error);
}

static void
trap_process(struct element *element, struct element_burst *burst)
{
	void (*hook)(void) = trap_hook;

	(void)element;
	(void)burst;
	trap_hook = NULL;
	if (hook != NULL)
		hook();
}

static struct element_type trap_type = {
	.name = "trap",
	.text = "lets tests act in a router's turn",
	.sides = ELEMENT_AT_INGRESS | ELEMENT_AT_EGRESS,
	.config = &trap_kind,
	.create = trap_create,
	.destroy = trap_destroy,
	.process = { [ELEMENT_INGRESS] = trap_process, [ELEMENT_EGRESS] = trap_process },
};
ELEMENT_REGISTER(trap_type);
