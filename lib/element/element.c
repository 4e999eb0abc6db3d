/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

#include "element/element.h"

#define MEGABYTE (UINT64_C(1) << 20)

static struct element_type *types;

void
element_type_register(struct element_type *type)
{
	struct element_type **at = &types;

	while (*at != NULL && strcmp((*at)->name, type->name) < 0)
		at = &(*at)->next;
	type->next = *at;
	*at = type;
}

const struct element_type *
element_types(void)
{
	return types;
}

const struct element_type *
element_type_find(const char *name)
{
	const struct element_type *type = types;

	while (type != NULL && strcmp(type->name, name) != 0)
		type = type->next;
	return type;
}

/* Rounded up, so that what is told as too much is more than the limit. */
static uint64_t
megabytes(uint64_t bytes)
{
	return (bytes + MEGABYTE - 1) / MEGABYTE;
}

bool
element_claim(struct element_params *params, const char *what, size_t size,
	char error[ELEMENT_ERROR_SIZE])
{
	if (params->memory_used + size <= params->memory_limit) {
		params->memory_used += size;
		return true;
	}
	snprintf(error, ELEMENT_ERROR_SIZE,
		"%s: with them the router's elements would take %" PRIu64
		" MB, and its \"max_memory\" is %" PRIu64,
		what, megabytes(params->memory_used + size), params->memory_limit / MEGABYTE);
	return false;
}

void *
element_zalloc(struct element_params *params, const char *what, size_t size,
	char error[ELEMENT_ERROR_SIZE])
{
	void *memory;

	if (!element_claim(params, what, size, error))
		return NULL;
	memory = rte_zmalloc_socket("element", size, RTE_CACHE_LINE_SIZE, params->socket);
	if (memory != NULL)
		return memory;
	params->memory_used -= size;
	snprintf(error, ELEMENT_ERROR_SIZE, "%s: no memory", what);
	return NULL;
}

struct element_counters
element_counters(const struct element *element, enum element_side side)
{
	struct element_counters counters = element->rare[side];

	counters.out = element->out[side];
	counters.in = counters.out + counters.consumed - counters.released;
	for (unsigned int i = 0; i < ELEMENT_REASONS_MAX; i++)
		counters.in += counters.dropped[i];
	return counters;
}

int
element_find_interface(
	const struct element_params *params, const char *name, char error[ELEMENT_ERROR_SIZE])
{
	int index = params->find_interface(params->context, name);

	if (index < 0)
		snprintf(error, ELEMENT_ERROR_SIZE, "the router has no interface %s", name);
	return index;
}

/* Values */

/* Who reads the element has looked at it already. */
static bool
type_read(struct report *report, struct value value, const struct field *field, void *object)
{
	(void)report;
	(void)value;
	(void)field;
	(void)object;
	return true;
}

const struct field_type element_field_type = { .read = type_read, .fail = field_leave };

static bool
is_name(struct report *report, struct value value)
{
	const char *text = json_string_value(value.json);

	if (text != NULL && text_is_name(text))
		return true;
	report_value(report, value.node, "the name of an interface of the router");
	return false;
}

static bool
interface_read(struct report *report, struct value value, const struct field *field, void *object)
{
	return is_name(report, value) && field_read_name(report, value, field, object);
}

const struct field_type element_field_interface = {
	.read = interface_read,
	.fail = field_fail_name,
};

static void
read_interface(struct report *report, struct value value, void *item)
{
	if (is_name(report, value))
		strcpy(((struct element_interface *)item)->name, json_string_value(value.json));
}

const struct kind element_interface_kind = {
	.items = "interfaces",
	.size = sizeof(struct element_interface),
	.read = read_interface,
};
