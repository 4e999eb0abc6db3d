/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <stdio.h>
#include <string.h>

#include "element/element.h"
#include "pipeline_report.h"
#include "vrf/pipeline.h"

static const char *const sides[ELEMENT_SIDES] = {
	[ELEMENT_INGRESS] = "ingress",
	[ELEMENT_EGRESS] = "egress",
};

static void
set_integer(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

/* Since the latest clear. */
static struct element_counters
counters_of(const struct element *element, unsigned int side)
{
	struct element_counters counters = element_counters(element, side);
	const struct element_counters *base = &element->base[side];

	counters.in -= base->in;
	counters.out -= base->out;
	counters.consumed -= base->consumed;
	counters.released -= base->released;
	counters.cycles -= base->cycles;
	counters.timed -= base->timed;
	for (unsigned int i = 0; i < ELEMENT_REASONS_MAX; i++)
		counters.dropped[i] -= base->dropped[i];
	return counters;
}

static void
set_counters(json_t *object, const struct element *element, unsigned int side)
{
	struct element_counters counters = counters_of(element, side);
	json_t *drops = json_object();
	uint64_t dropped = 0;
	double cycles = counters.timed == 0 ? 0 : (double)counters.cycles / (double)counters.timed;

	for (unsigned int i = 0; i < element->type->n_reasons; i++) {
		dropped += counters.dropped[i];
		if (counters.dropped[i] != 0)
			set_integer(drops, element->type->reasons[i].name, counters.dropped[i]);
	}
	set_integer(object, "in", counters.in);
	set_integer(object, "out", counters.out);
	set_integer(object, "dropped", dropped);
	set_integer(object, "consumed", counters.consumed);
	if (element->type->release != NULL)
		set_integer(object, "released", counters.released);
	json_object_set_new(
		object, "cycles_per_packet", json_real((double)(int64_t)(cycles * 10 + 0.5) / 10));
	json_object_set_new(object, "drops", drops);
}

/* "denied 5, malformed 1", for a table. */
static json_t *
drops_text(const json_t *drops)
{
	char text[256] = "";
	size_t used = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)drops, key, value) {
		if (used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%s %" JSON_INTEGER_FORMAT, used == 0 ? "" : ", ", key,
				json_integer_value(value));
	}
	return json_string(text);
}

json_t *
report_pipeline(const struct router *router)
{
	const struct pipeline *pipeline = router->vr->pipeline;
	json_t *array = json_array();

	for (unsigned int side = 0; pipeline != NULL && side < ELEMENT_SIDES; side++) {
		for (unsigned int i = 0; i < pipeline->n[side]; i++) {
			const struct element *element = pipeline->sides[side][i];
			json_t *object = json_object();

			json_object_set_new(object, "element", json_string(element->name));
			json_object_set_new(object, "type", json_string(element->type->name));
			json_object_set_new(object, "side", json_string(sides[side]));
			set_counters(object, element, side);
			json_object_set_new(
				object, "reasons", drops_text(json_object_get(object, "drops")));
			json_array_append_new(array, object);
		}
	}
	return array;
}

static bool
stands_at(const struct pipeline *pipeline, const struct element *element, unsigned int side)
{
	for (unsigned int i = 0; i < pipeline->n[side]; i++)
		if (pipeline->sides[side][i] == element)
			return true;
	return false;
}

json_t *
report_element(const struct router *router, const char *name)
{
	const struct element *element = pipeline_find(router->vr, name);
	json_t *object;

	if (element == NULL)
		return NULL;
	object = json_object();
	json_object_set_new(object, "element", json_string(element->name));
	json_object_set_new(object, "type", json_string(element->type->name));
	set_integer(object, "memory_bytes", element->memory);
	for (unsigned int side = 0; side < ELEMENT_SIDES; side++) {
		json_t *counters;

		if (!stands_at(router->vr->pipeline, element, side))
			continue;
		counters = json_object();
		set_counters(counters, element, side);
		json_object_set_new(object, sides[side], counters);
	}
	if (element->type->show != NULL) {
		json_t *state = element->type->show(element);

		if (json_object_size(state) > 0)
			json_object_set(object, "state", state);
		json_decref(state);
	}
	json_object_set_new(object, "config", json_loads(element->config, 0, NULL));
	return object;
}

json_t *
report_element_list(const struct router *router, const char *name, unsigned int limit)
{
	const struct element *element = pipeline_find(router->vr, name);

	if (element == NULL)
		return NULL;
	return element->type->show_rows == NULL ? json_array()
	                                        : element->type->show_rows(element, limit);
}

json_t *
report_element_types(void)
{
	json_t *array = json_array();

	for (const struct element_type *type = element_types(); type != NULL; type = type->next) {
		json_t *object = json_object();
		bool both = (type->sides & ELEMENT_AT_BOTH) != 0;

		json_object_set_new(object, "type", json_string(type->name));
		json_object_set_new(object, "ingress",
			json_boolean(both || (type->sides & ELEMENT_AT_INGRESS) != 0));
		json_object_set_new(object, "egress",
			json_boolean(both || (type->sides & ELEMENT_AT_EGRESS) != 0));
		json_object_set_new(object, "meaning", json_string(type->text));
		json_array_append_new(array, object);
	}
	return array;
}

void
pipeline_clear_counters(struct router *router)
{
	const struct pipeline *pipeline = router->vr->pipeline;

	for (unsigned int i = 0; pipeline != NULL && i < pipeline->n_elements; i++)
		for (unsigned int side = 0; side < ELEMENT_SIDES; side++)
			pipeline->elements[i]->base[side] =
				element_counters(pipeline->elements[i], side);
}
