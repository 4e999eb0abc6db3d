/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "schema/object.h"
#include "schema/text.h"

static void
report_missing(struct report *report, uint32_t node, const struct field *field)
{
	report_error(report, node, "found no \"%s\", expected %s", field->key, field->expected);
}

/* Whether an unknown key may stand for this field, so that it is not also told to be missing. */
static const struct field *
nearest_field(const struct kind *kind, const struct locate_node *key)
{
	for (unsigned int i = 0; i < kind->n_fields; i++) {
		if (text_is_near(key->key, key->key_length, kind->fields[i].key))
			return &kind->fields[i];
	}
	return NULL;
}

static void
report_unknown(
	struct report *report, uint32_t node, const struct kind *kind, const struct field *near)
{
	char keys[512] = "";
	char guess[64] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < kind->n_fields; i++)
		used += snprintf(keys + used, sizeof(keys) - used, "%s\"%s\"", i == 0 ? "" : ", ",
			kind->fields[i].key);
	if (near != NULL)
		snprintf(guess, sizeof(guess), " (did you mean \"%s\"?)", near->key);
	report_error(report, node, "found an unknown key%s, expected one of %s", guess, keys);
}

static void
object_fail(const struct kind *kind, void *item)
{
	for (unsigned int i = 0; i < kind->n_fields; i++)
		kind->fields[i].type->fail(&kind->fields[i], item);
}

/*
 * The members in the order of the text: sorts them to their fields and reports those that have
 * none. `missed` gets the fields that a misspelt key was probably meant for; true: some are.
 */
static bool
sort_members(struct report *report, uint32_t node, const struct kind *kind,
	uint32_t members[OBJECT_FIELDS_MAX], bool missed[OBJECT_FIELDS_MAX])
{
	const struct locate *locate = report->locate;
	bool slips = false;

	for (uint32_t i = 0; i < locate->nodes[node].n_children; i++) {
		uint32_t member = locate_item(locate, node, i);
		const struct locate_node *n = &locate->nodes[member];
		const struct field *near;
		unsigned int f = 0;

		while (f < kind->n_fields &&
			(strlen(kind->fields[f].key) != n->key_length ||
				memcmp(kind->fields[f].key, n->key, n->key_length) != 0))
			f++;
		if (f < kind->n_fields) {
			members[f] = member;
			continue;
		}
		near = nearest_field(kind, n);
		if (near != NULL)
			missed[near - kind->fields] = slips = true;
		report_unknown(report, member, kind, near);
	}
	return slips;
}

void
object_read(struct report *report, struct value value, const struct kind *kind, void *item)
{
	uint32_t members[OBJECT_FIELDS_MAX];
	bool missed[OBJECT_FIELDS_MAX] = { false };
	bool slips;

	if (!json_is_object(value.json)) {
		report_value(report, value.node, "%s", kind->expected);
		object_fail(kind, item);
		return;
	}
	if (kind->line_offset != 0)
		*(unsigned int *)((char *)item + kind->line_offset) =
			report_line(report, value.node);
	for (unsigned int i = 0; i < kind->n_fields; i++)
		members[i] = LOCATE_NONE;
	slips = sort_members(report, value.node, kind, members, missed);
	for (unsigned int i = 0; i < kind->n_fields; i++) {
		const struct field *field = &kind->fields[i];
		struct value member = { json_object_get(value.json, field->key), members[i] };

		if (member.node == LOCATE_NONE && !field->required && !missed[i]) {
			if (field->size != 0)
				field_store(field, item, field->fallback);
			continue;
		}
		if (member.node == LOCATE_NONE && !missed[i])
			report_missing(report, value.node, field);
		if (member.node == LOCATE_NONE || !field->type->read(report, member, field, item))
			field->type->fail(field, item);
	}
	if (kind->check != NULL)
		kind->check(report, value, item, slips);
}

static void *
list_allocate(const struct field *field, void *object, size_t n)
{
	void **items = (void **)((char *)object + field->offset);
	unsigned int *count = (unsigned int *)((char *)object + field->count_offset);

	*count = 0;
	*items = n == 0 ? NULL : calloc(n, field->items->size);
	if (*items != NULL)
		*count = n;
	return *items;
}

static bool
list_read(struct report *report, struct value value, const struct field *field, void *object)
{
	size_t n = json_array_size(value.json);
	const struct kind *kind = field->items;
	char *items;

	if (!json_is_array(value.json)) {
		field_report(report, value.node, field);
		return false;
	}
	items = list_allocate(field, object, n);
	if (items == NULL && n > 0)
		report_no_memory(report);
	for (size_t i = 0; items != NULL && i < n; i++) {
		struct value item = {
			json_array_get(value.json, i),
			locate_item(report->locate, value.node, i),
		};

		if (kind->fields != NULL)
			object_read(report, item, kind, items + i * kind->size);
		else
			kind->read(report, item, items + i * kind->size);
	}
	return true;
}

static void
list_fail(const struct field *field, void *object)
{
	void *item = list_allocate(field, object, 1);

	if (item != NULL)
		object_fail(field->items, item);
}

void
object_clear(const struct kind *kind, void *item)
{
	for (unsigned int i = 0; i < kind->n_fields; i++)
		if (kind->fields[i].type->clear != NULL)
			kind->fields[i].type->clear(&kind->fields[i], item);
}

static void
list_clear(const struct field *field, void *object)
{
	char *items = *(char **)((char *)object + field->offset);
	unsigned int n = *(unsigned int *)((char *)object + field->count_offset);

	for (unsigned int i = 0; items != NULL && i < n; i++)
		object_clear(field->items, items + i * field->items->size);
	free(items);
}

const struct field_type object_list = {
	.read = list_read,
	.fail = list_fail,
	.clear = list_clear,
};

static bool
pointer_read(struct report *report, struct value value, const struct field *field, void *object)
{
	void **at = (void **)((char *)object + field->offset);

	if (!json_is_object(value.json)) {
		field_report(report, value.node, field);
		return false;
	}
	*at = calloc(1, field->items->size);
	if (*at == NULL)
		report_no_memory(report);
	else
		object_read(report, value, field->items, *at);
	return true;
}

/* The same as if it was left out. */
static void
pointer_fail(const struct field *field, void *object)
{
	*(void **)((char *)object + field->offset) = NULL;
}

static void
pointer_clear(const struct field *field, void *object)
{
	void *item = *(void **)((char *)object + field->offset);

	if (item != NULL)
		object_clear(field->items, item);
	free(item);
}

const struct field_type object_pointer = {
	.read = pointer_read,
	.fail = pointer_fail,
	.clear = pointer_clear,
};
