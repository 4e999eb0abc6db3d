/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdlib.h>
#include <string.h>

#include "element/element.h"
#include "pipeline.h"
#include "schema/table.h"
#include "schema/text_file.h"

static const char *const side_names[ELEMENT_SIDES] = {
	[ELEMENT_INGRESS] = "ingress",
	[ELEMENT_EGRESS] = "egress",
};

/* A pipeline while it is read. */
struct reading {
	struct report *report;
	const struct config_router *router;
	struct config_pipeline *pipeline;
	uint32_t nodes[CONFIG_ELEMENTS_MAX]; /* of the elements */
};

/* Interfaces */

static bool
has_interface(const struct config_router *router, const char *name)
{
	for (unsigned int i = 0; i < router->n_interfaces; i++)
		if (strcmp(router->interfaces[i].name, name) == 0)
			return true;
	return false;
}

static const char *
near_interface(const struct config_router *router, const char *name)
{
	for (unsigned int i = 0; i < router->n_interfaces; i++)
		if (text_is_near(name, strlen(name), router->interfaces[i].name))
			return router->interfaces[i].name;
	return NULL;
}

/* `name` is empty where it is left out or could not be read; so is one that could not be read. */
static void
check_interface(const struct reading *reading, const char *name, uint32_t node)
{
	const char *near;

	if (name[0] == '\0' || has_interface(reading->router, name) ||
		has_interface(reading->router, ""))
		return;
	near = near_interface(reading->router, name);
	if (near != NULL)
		report_value(reading->report, node,
			"the name of an interface of the router (did you mean \"%s\"?)", near);
	else
		report_value(reading->report, node, "the name of an interface of the router");
}

static void
check_interfaces(const struct reading *reading, struct value value, const struct field *field,
	const struct element_config *config)
{
	const char *at = (const char *)config + field->offset;
	uint32_t node = locate_member(reading->report->locate, value.node, field->key);
	const struct element_interface *names;
	unsigned int n;

	if (field->type == &element_field_interface)
		check_interface(reading, at, node);
	if (field->type != &object_list || field->items != &element_interface_kind)
		return;
	memcpy(&names, at, sizeof(names));
	n = *(const unsigned int *)((const char *)config + field->count_offset);
	for (unsigned int i = 0; names != NULL && i < n; i++)
		check_interface(
			reading, names[i].name, locate_item(reading->report->locate, node, i));
}

/* Elements */

/*
 * Paths begin at the folder of the text, which whoever edits the element's JSON later may not know:
 * so they are made absolute in it, too.
 */
static bool
settle_path(const struct reading *reading, struct value value, const struct field *field,
	struct element_config *config)
{
	char **path = (char **)((char *)config + field->offset);

	if (field->type != &field_path || *path == NULL)
		return true;
	return text_file_make_absolute(path, reading->report->source) == 0 &&
	       json_object_set_new(value.json, field->key, json_string(*path)) == 0;
}

static struct element_config *
find_element(const struct config_pipeline *pipeline, const char *name)
{
	for (unsigned int i = 0; i < pipeline->n_elements; i++)
		if (strcmp(pipeline->elements[i]->name, name) == 0)
			return pipeline->elements[i];
	return NULL;
}

static void
check_name(const struct reading *reading, struct value value, const struct element_config *config)
{
	const struct element_config *other = find_element(reading->pipeline, config->name);

	if (other != NULL)
		report_error(reading->report, value.node,
			"found a second element \"%s\" (the first is on line %u), expected a "
			"\"name\" of its own",
			config->name, other->line);
}

static const struct element_type *
read_type(struct report *report, struct value value)
{
	const json_t *json = json_object_get(value.json, "type");
	const char *text = json_string_value(json);
	const struct element_type *type = text == NULL ? NULL : element_type_find(text);
	const char *near = NULL;
	char names[256] = "";
	size_t used = 0;

	if (type != NULL)
		return type;
	for (type = element_types(); type != NULL; type = type->next) {
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"",
				used == 0 ? "" : ", ", type->name);
		if (text != NULL && text_is_near(text, strlen(text), type->name))
			near = type->name;
	}
	if (json == NULL)
		report_error(report, value.node, "found no \"type\", expected one of %s", names);
	else if (near != NULL)
		report_value(report, locate_member(report->locate, value.node, "type"),
			"one of %s (did you mean \"%s\"?)", names, near);
	else
		report_value(report, locate_member(report->locate, value.node, "type"), "one of %s",
			names);
	return NULL;
}

static void
free_element(struct element_config *config)
{
	if (config->type->unload != NULL)
		config->type->unload(config);
	object_clear(config->type->config, config);
	free(config->json);
	free(config);
}

/* NULL where it cannot be read; that is reported. */
static struct element_config *
read_element(const struct reading *reading, struct value value)
{
	const struct element_type *type = read_type(reading->report, value);
	struct element_config *config;

	if (type == NULL)
		return NULL;
	if (type->routed && reading->router->forwarder == CONFIG_FORWARDER_WIRE) {
		report_value(reading->report,
			locate_member(reading->report->locate, value.node, "type"),
			"another element in a wire, which has neither routes nor addresses");
		return NULL;
	}
	config = calloc(1, type->config->size);
	if (config == NULL) {
		report_no_memory(reading->report);
		return NULL;
	}
	config->type = type;
	object_read(reading->report, value, type->config, config);
	if (config->name[0] == '\0')
		strcpy(config->name, type->name);
	for (unsigned int i = 0; i < type->config->n_fields; i++) {
		check_interfaces(reading, value, &type->config->fields[i], config);
		if (!settle_path(reading, value, &type->config->fields[i], config))
			report_no_memory(reading->report);
	}
	if (type->load != NULL)
		type->load(reading->report, value, config);
	config->json = json_dumps(value.json, JSON_COMPACT | JSON_SORT_KEYS);
	if (config->json == NULL)
		report_no_memory(reading->report);
	check_name(reading, value, config);
	return config;
}

/* Sides */

static void
read_item(struct reading *reading, struct value value)
{
	struct config_pipeline *pipeline = reading->pipeline;
	struct element_config *config;

	if (json_is_string(value.json))
		return;
	if (!json_is_object(value.json)) {
		report_value(reading->report, value.node,
			"an element, or the name of one that is told elsewhere in the pipeline");
		return;
	}
	if (pipeline->n_elements == CONFIG_ELEMENTS_MAX) {
		report_error(reading->report, value.node,
			"found one element more, expected %d at most", CONFIG_ELEMENTS_MAX);
		return;
	}
	config = read_element(reading, value);
	if (config == NULL)
		return;
	reading->nodes[pipeline->n_elements] = value.node;
	pipeline->elements[pipeline->n_elements++] = config;
}

/* The index of the element that an item is or names; n_elements: none, or one that is wrong. */
static unsigned int
find_item(const struct reading *reading, struct value value)
{
	const struct config_pipeline *pipeline = reading->pipeline;
	const char *name = json_string_value(value.json);
	unsigned int i;

	for (i = 0; i < pipeline->n_elements; i++)
		if (name != NULL ? strcmp(pipeline->elements[i]->name, name) == 0
				 : reading->nodes[i] == value.node)
			return i;
	if (name != NULL && !report_failed(reading->report))
		report_value(reading->report, value.node,
			"the name of an element that is told elsewhere in the pipeline");
	return i;
}

static bool
may_stand(const struct element_type *type, enum element_side side)
{
	return (type->sides & (1u << side)) != 0 || (type->sides & ELEMENT_AT_BOTH) != 0;
}

static void
order_item(struct reading *reading, struct value value, enum element_side side)
{
	struct config_pipeline *pipeline = reading->pipeline;
	unsigned int i = find_item(reading, value);

	if (i == pipeline->n_elements)
		return;
	if (!may_stand(pipeline->elements[i]->type, side)) {
		report_error(reading->report, value.node,
			"found the element \"%s\" in \"%s\", expected it in \"%s\", where %s "
			"elements can do their work",
			pipeline->elements[i]->name, side_names[side], side_names[1 - side],
			pipeline->elements[i]->type->name);
		return;
	}
	for (unsigned int k = 0; k < pipeline->n[side]; k++) {
		if (pipeline->order[side][k] != i)
			continue;
		report_error(reading->report, value.node,
			"found the element \"%s\" a second time in \"%s\", expected it once",
			pipeline->elements[i]->name, side_names[side]);
		return;
	}
	pipeline->order[side][pipeline->n[side]++] = (uint16_t)i;
}

static void
each_item(struct reading *reading, struct value pipeline, enum element_side side,
	void (*fn)(struct reading *reading, struct value value, enum element_side side))
{
	json_t *list = json_object_get(pipeline.json, side_names[side]);
	uint32_t node = locate_member(reading->report->locate, pipeline.node, side_names[side]);

	for (size_t i = 0; json_is_array(list) && i < json_array_size(list); i++) {
		struct value item = { json_array_get(list, i),
			locate_item(reading->report->locate, node, i) };

		fn(reading, item, side);
	}
}

static void
read_side_item(struct reading *reading, struct value value, enum element_side side)
{
	(void)side;
	read_item(reading, value);
}

static bool
stands_at(const struct config_pipeline *pipeline, unsigned int element, enum element_side side)
{
	for (unsigned int i = 0; i < pipeline->n[side]; i++)
		if (pipeline->order[side][i] == element)
			return true;
	return false;
}

static void
check_both(const struct reading *reading)
{
	const struct config_pipeline *pipeline = reading->pipeline;

	for (unsigned int i = 0; i < pipeline->n_elements; i++) {
		for (unsigned int side = 0; side < ELEMENT_SIDES; side++) {
			if ((pipeline->elements[i]->type->sides & ELEMENT_AT_BOTH) == 0 ||
				stands_at(pipeline, i, side))
				continue;
			report_error(reading->report, reading->nodes[i],
				"found the element \"%s\" not in \"%s\", expected its name there "
				"too: %s elements work at both sides",
				pipeline->elements[i]->name, side_names[side],
				pipeline->elements[i]->type->name);
		}
	}
}

/* The lists are read one by one below, as their items are of many kinds. */
static bool
list_read(struct report *report, struct value value, const struct field *field, void *object)
{
	(void)object;
	if (json_is_array(value.json) && json_array_size(value.json) <= 2 * CONFIG_ELEMENTS_MAX)
		return true;
	field_report(report, value.node, field);
	return false;
}

static const struct field_type side_field = { .read = list_read, .fail = field_leave };

static const struct field config_pipeline_fields[] = {
	{ .key = "ingress", .type = &side_field, .expected = "a list of at most 64 elements" },
	{ .key = "egress", .type = &side_field, .expected = "a list of at most 64 elements" },
	FIELD_INTEGER(config_pipeline, max_memory, 1, CONFIG_ELEMENT_MEMORY_MAX,
		CONFIG_ELEMENT_MEMORY_DEFAULT),
};
static_assert(CONFIG_ELEMENTS_MAX == 32, "the expectations above say 64");

static const struct kind pipeline_kind = {
	FIELD_OBJECTS(config_pipeline, "an object with \"ingress\" and \"egress\""),
};

void
pipeline_read(struct report *report, struct value value, const struct config_router *router,
	struct config_pipeline *pipeline)
{
	struct reading reading = { report, router, pipeline, { 0 } };

	object_read(report, value, &pipeline_kind, pipeline);
	pipeline->elements = calloc(CONFIG_ELEMENTS_MAX, sizeof(*pipeline->elements));
	for (unsigned int side = 0; side < ELEMENT_SIDES; side++)
		pipeline->order[side] = calloc(CONFIG_ELEMENTS_MAX, sizeof(*pipeline->order[side]));
	if (pipeline->elements == NULL || pipeline->order[ELEMENT_INGRESS] == NULL ||
		pipeline->order[ELEMENT_EGRESS] == NULL) {
		report_no_memory(report);
		return;
	}
	for (unsigned int side = 0; side < ELEMENT_SIDES; side++)
		each_item(&reading, value, side, read_side_item);
	for (unsigned int side = 0; side < ELEMENT_SIDES; side++)
		each_item(&reading, value, side, order_item);
	check_both(&reading);
	pipeline->json = json_dumps(value.json, JSON_COMPACT);
	if (pipeline->json == NULL && json_is_object(value.json))
		report_no_memory(report);
}

void
config_pipeline_clear(struct config_pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->n_elements; i++)
		free_element(pipeline->elements[i]);
	free(pipeline->elements);
	for (unsigned int side = 0; side < ELEMENT_SIDES; side++)
		free(pipeline->order[side]);
	free(pipeline->json);
	*pipeline = (struct config_pipeline){ 0 };
}

static bool
field_read(struct report *report, struct value value, const struct field *field, void *object)
{
	(void)field;
	pipeline_read(report, value, object, &((struct config_router *)object)->pipeline);
	return true;
}

const struct field_type pipeline_field = { .read = field_read, .fail = field_leave };
