/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <rte_telemetry.h>
#include <rte_version.h>

#include "pipeline_report.h"
#include "report.h"
#include "telemetry.h"

/* Its name from 23.03 on; the old one is deprecated there. */
#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

/* The one that telemetry's threads read; the lock guards against its going away. */
static struct vrouter *current;
static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;

static int add_object(struct rte_tel_data *data, const json_t *object);

static struct rte_tel_data *
make_container(const json_t *value)
{
	struct rte_tel_data *data = rte_tel_data_alloc();

	if (data == NULL)
		return NULL;
	if (json_is_object(value)) {
		rte_tel_data_start_dict(data);
		add_object(data, value);
		return data;
	}
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	for (size_t i = 0; i < json_array_size(value); i++)
		rte_tel_data_add_array_string(data, json_string_value(json_array_get(value, i)));
	return data;
}

static void
add_container(struct rte_tel_data *data, const char *key, const json_t *value)
{
	struct rte_tel_data *container = make_container(value);

	if (container != NULL && rte_tel_data_add_dict_container(data, key, container, 0) != 0)
		rte_tel_data_free(container);
}

static void
add_value(struct rte_tel_data *data, const char *key, const json_t *value)
{
	char text[32];

	if (json_is_string(value)) {
		rte_tel_data_add_dict_string(data, key, json_string_value(value));
	} else if (json_is_integer(value)) {
		rte_tel_data_add_dict_uint(data, key, (uint64_t)json_integer_value(value));
	} else if (json_is_real(value)) {
		/* Telemetry has no fractions. */
		snprintf(text, sizeof(text), "%.3f", json_real_value(value));
		rte_tel_data_add_dict_string(data, key, text);
	} else if (json_is_boolean(value)) {
		rte_tel_data_add_dict_string(data, key, json_is_true(value) ? "yes" : "no");
	} else if (json_is_null(value)) {
		rte_tel_data_add_dict_string(data, key, "none");
	} else {
		add_container(data, key, value);
	}
}

static int
add_object(struct rte_tel_data *data, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
		add_value(data, key, value);
	return 0;
}

/* The object's value of `name` and, where one is not enough, that of `other` behind it. */
static void
make_key(char *key, size_t size, const json_t *object, const char *name, const char *other)
{
	const json_t *id = json_object_get(object, name);

	if (json_is_integer(id))
		snprintf(key, size, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else if (other == NULL)
		snprintf(key, size, "%s", json_string_value(id));
	else
		snprintf(key, size, "%s_%s", json_string_value(id),
			json_string_value(json_object_get(object, other)));
	for (char *c = key; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
}

/*
 * Telemetry's arrays hold one kind of thing: objects are keyed by `name` instead. It takes letters,
 * digits, '_' and '/' in a key, so other characters of a name become '_'; the name itself is in the
 * object.
 */
static int
give_array(struct rte_tel_data *data, json_t *array, const char *name, const char *other)
{
	char key[RTE_TEL_MAX_STRING_LEN];

	rte_tel_data_start_dict(data);
	for (size_t i = 0; i < json_array_size(array); i++) {
		make_key(key, sizeof(key), json_array_get(array, i), name, other);
		add_container(data, key, json_array_get(array, i));
	}
	json_decref(array);
	return 0;
}

static struct vrouter *
begin(void)
{
	pthread_mutex_lock(&current_lock);
	if (current == NULL) {
		pthread_mutex_unlock(&current_lock);
		return NULL;
	}
	pthread_mutex_lock(&current->lock);
	return current;
}

static int
end(struct vrouter *vrouter, int rc)
{
	pthread_mutex_unlock(&vrouter->lock);
	pthread_mutex_unlock(&current_lock);
	return rc;
}

static int
list_routers(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct vrouter *vrouter = begin();
	struct router *router;

	(void)command;
	(void)parameters;
	if (vrouter == NULL)
		return -ENOENT;
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	TAILQ_FOREACH(router, &vrouter->routers, link)
		rte_tel_data_add_array_string(data, router->name);
	return end(vrouter, 0);
}

static int
router_stats(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct vrouter *vrouter = begin();
	struct router *router;
	json_t *object;

	(void)command;
	if (vrouter == NULL)
		return -ENOENT;
	router = parameters == NULL ? NULL : vrouter_find(vrouter, parameters);
	if (router == NULL)
		return end(vrouter, -ENOENT);
	object = report_router(vrouter, router);
	rte_tel_data_start_dict(data);
	add_object(data, object);
	json_decref(object);
	return end(vrouter, 0);
}

static int
router_pipeline(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct vrouter *vrouter = begin();
	struct router *router;

	(void)command;
	if (vrouter == NULL)
		return -ENOENT;
	router = parameters == NULL ? NULL : vrouter_find(vrouter, parameters);
	if (router == NULL)
		return end(vrouter, -ENOENT);
	return end(vrouter, give_array(data, report_pipeline(router), "element", "side"));
}

static int
give_list(struct rte_tel_data *data, json_t *(*report)(const struct vrouter *vrouter),
	const char *name)
{
	struct vrouter *vrouter = begin();

	if (vrouter == NULL)
		return -ENOENT;
	return end(vrouter, give_array(data, report(vrouter), name, NULL));
}

static int
lcore_stats(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return give_list(data, report_lcores, "lcore");
}

static int
list_ports(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return give_list(data, report_ports, "name");
}

static int
list_links(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return give_list(data, report_links, "a");
}

int
telemetry_start(struct vrouter *vrouter, FILE *errors)
{
	static const struct {
		const char *name;
		telemetry_cb function;
		const char *help;
	} entries[] = {
		{ "/vrouter/vr/list", list_routers, "Names of the routers. Takes no parameters" },
		{ "/vrouter/vr/stats", router_stats, "Counters of a router. Parameters: its name" },
		{ "/vrouter/vr/pipeline", router_pipeline,
			"Elements of a router and their counters. Parameters: its name" },
		{ "/vrouter/lcore/stats", lcore_stats,
			"What workers spend their cycles on. Takes no parameters" },
		{ "/vrouter/link/list", list_links,
			"Links between routers and their counters. Takes no parameters" },
		{ "/vrouter/port/list", list_ports,
			"Ports and their counters. Takes no parameters" },
	};

	current = vrouter;
	for (size_t i = 0; i < RTE_DIM(entries); i++) {
		int rc = rte_telemetry_register_cmd(
			entries[i].name, entries[i].function, entries[i].help);

		if (rc != 0) {
			fprintf(errors, "telemetry: %s is refused: %s\n", entries[i].name,
				strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void
telemetry_stop(void)
{
	pthread_mutex_lock(&current_lock);
	current = NULL;
	pthread_mutex_unlock(&current_lock);
}
