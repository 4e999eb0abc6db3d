/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "pipeline.h"
#include "pool.h"
#include "vrf/pipeline.h"

static const char *const sides[ELEMENT_SIDES] = {
	[ELEMENT_INGRESS] = "ingress",
	[ELEMENT_EGRESS] = "egress",
};

static_assert(CONFIG_ELEMENTS_MAX == PIPELINE_ELEMENTS_MAX, "what is read can be made");

int
pipeline_apply(struct vr *vr, const struct config_pipeline *config, const char *renew, FILE *errors)
{
	struct pipeline_spec spec = {
		.elements = (const struct element_config *const *)config->elements,
		.n_elements = config->n_elements,
		.memory_limit = (uint64_t)config->max_memory << 20,
		.renew = renew,
	};
	char error[VR_ERROR_SIZE];
	int rc;

	for (unsigned int i = 0; i < ELEMENT_SIDES; i++) {
		spec.order[i] = config->order[i];
		spec.n[i] = config->n[i];
	}
	rc = pipeline_set(vr, &spec, error);
	if (rc != 0)
		fprintf(errors, "%s\n", error);
	return rc;
}

/* Elements that hold packets must not use up the buffers of others. */
static bool
pool_suffices(const struct router *router, const struct config_pipeline *wanted, FILE *errors)
{
	const struct vrouter *vrouter = router->vrouter;
	uint64_t need = pool_need(vrouter, vrouter->config->n_routers) + pool_of_pipeline(wanted) -
	                pool_of_pipeline(&router->config->pipeline);

	if (pool_of_pipeline(wanted) <= pool_of_pipeline(&router->config->pipeline) ||
		need <= vrouter->pool_size)
		return true;
	fprintf(errors,
		"router %s: its elements could hold %" PRIu64
		" packet buffers more than there are; start with \"mbufs\" of at least %" PRIu64
		"\n",
		router->name, need - vrouter->pool_size, need);
	return false;
}

int
vrouter_set_pipeline(struct router *router, const char *text, const char *source, const char *renew,
	FILE *errors)
{
	struct config_router *config = (struct config_router *)(uintptr_t)router->config;
	struct config_pipeline loaded;
	int rc = config_load_pipeline(text, source, config, &loaded, errors);

	if (rc != 0)
		return rc;
	rc = pool_suffices(router, &loaded, errors)
	             ? pipeline_apply(router->vr, &loaded, renew, errors)
	             : -ENOMEM;
	if (rc != 0) {
		config_pipeline_clear(&loaded);
		return rc;
	}
	config_pipeline_clear(&config->pipeline);
	config->pipeline = loaded;
	return 0;
}

/* Edits: the JSON of what runs, changed in one place, is set as a whole. */

/* A new reference, with both lists; NULL without memory. */
static json_t *
current(const struct router *router)
{
	const char *text = router->config->pipeline.json;
	json_t *json = text == NULL ? json_object() : json_loads(text, 0, NULL);

	for (unsigned int i = 0; json != NULL && i < ELEMENT_SIDES; i++)
		if (json_object_get(json, sides[i]) == NULL)
			json_object_set_new(json, sides[i], json_array());
	return json;
}

/* Takes the JSON over. */
static int
set_json(struct router *router, json_t *json, const char *source, const char *renew, FILE *errors)
{
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	int rc = -ENOMEM;

	json_decref(json);
	if (text == NULL)
		fprintf(errors, "router %s: no memory\n", router->name);
	else
		rc = vrouter_set_pipeline(router, text, source, renew, errors);
	free(text);
	return rc;
}

static bool
is_item(const json_t *item, const char *name)
{
	const json_t *own = json_object_get(item, "name");

	if (json_is_string(item))
		return strcmp(json_string_value(item), name) == 0;
	if (own == NULL)
		own = json_object_get(item, "type");
	return json_is_string(own) && strcmp(json_string_value(own), name) == 0;
}

/* Its place in a list, or the list's length. */
static size_t
find_item(const json_t *list, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (is_item(json_array_get(list, i), name))
			break;
	return i;
}

static bool
has_element(const struct router *router, const char *name, FILE *errors)
{
	if (pipeline_find(router->vr, name) != NULL)
		return true;
	fprintf(errors, "router %s: no element %s in its pipeline (see show vr %s pipeline)\n",
		router->name, name, router->name);
	return false;
}

/* The element's text as JSON; NULL, and told. */
static json_t *
parse_element(const char *text, const char *source, FILE *errors)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (json == NULL)
		fprintf(errors, "%s: found no JSON (%s), expected an element as an object\n",
			source, error.text);
	else if (json_is_object(json))
		return json;
	else
		fprintf(errors, "%s: found no object, expected an element as an object\n", source);
	json_decref(json);
	return NULL;
}

int
vrouter_add_element(struct router *router, enum element_side side, const char *before,
	const char *text, const char *source, FILE *errors)
{
	json_t *element, *json, *list;
	size_t at;

	if (before != NULL && !has_element(router, before, errors))
		return -ENOENT;
	element = text[0] == '{' ? parse_element(text, source, errors) : json_string(text);
	if (element == NULL)
		return -EINVAL;
	json = current(router);
	list = json_object_get(json, sides[side]);
	at = before == NULL ? json_array_size(list) : find_item(list, before);
	if (before != NULL && at == json_array_size(list)) {
		fprintf(errors, "router %s: element %s is not in %s\n", router->name, before,
			sides[side]);
		json_decref(element);
		json_decref(json);
		return -ENOENT;
	}
	json_array_insert_new(list, at, element);
	return set_json(router, json, source, NULL, errors);
}

int
vrouter_set_element(
	struct router *router, const char *name, const char *text, const char *source, FILE *errors)
{
	json_t *element, *json;

	if (!has_element(router, name, errors))
		return -ENOENT;
	element = parse_element(text, source, errors);
	if (element == NULL)
		return -EINVAL;
	if (json_object_get(element, "name") == NULL)
		json_object_set_new(element, "name", json_string(name));
	json = current(router);
	for (unsigned int i = 0; i < ELEMENT_SIDES; i++) {
		json_t *list = json_object_get(json, sides[i]);
		size_t at = find_item(list, name);

		if (json_is_object(json_array_get(list, at)))
			json_array_set(list, at, element);
		else if (at < json_array_size(list))
			json_array_set(list, at, json_object_get(element, "name"));
	}
	json_decref(element);
	return set_json(router, json, source, name, errors);
}

int
vrouter_delete_element(struct router *router, const char *name, FILE *errors)
{
	json_t *json;

	if (!has_element(router, name, errors))
		return -ENOENT;
	json = current(router);
	for (unsigned int i = 0; i < ELEMENT_SIDES; i++) {
		json_t *list = json_object_get(json, sides[i]);

		json_array_remove(list, find_item(list, name));
	}
	return set_json(router, json, "console", NULL, errors);
}
