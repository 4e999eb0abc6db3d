/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "cpu_time.h"
#include "link.h"
#include "router_links.h"
#include "schema/document.h"
#include "stats.h"
#include "vrf/neighbour.h"
#include "watchdog.h"

void
command_clear_stats(struct words *words, struct console_session *session)
{
	(void)words;
	stats_clear(session->vrouter);
}

void
command_reset_router(struct words *words, struct console_session *session)
{
	struct router *router = command_router(words, session);

	if (router != NULL)
		vrouter_reset_router(session->vrouter, router, session->errors);
}

void
command_set_weight(struct words *words, struct console_session *session)
{
	struct router *router = command_router(words, session);
	unsigned long weight;

	if (router == NULL)
		return;
	if (!command_number(words->arguments[1], &weight) || weight < 1 ||
		weight > CONFIG_WEIGHT_MAX)
		fprintf(session->errors, "weight: found %s, expected an integer from 1 to %u\n",
			words->arguments[1], CONFIG_WEIGHT_MAX);
	else
		vrouter_set_weight(session->vrouter, router, (uint32_t)weight, session->errors);
}

static bool
microseconds(struct console_session *session, const char *what, const char *text,
	unsigned int least, uint32_t *value)
{
	unsigned long number;

	if (command_number(text, &number) && number >= least &&
		number <= CONFIG_SERVER_PERIOD_MAX) {
		*value = (uint32_t)number;
		return true;
	}
	fprintf(session->errors, "%s: found %s, expected an integer from %u to %u\n", what, text,
		least, CONFIG_SERVER_PERIOD_MAX);
	return false;
}

/* "RUNTIME_US PERIOD_US"; false, and told: not so. */
static bool
server_arguments(
	struct console_session *session, const struct words *words, struct config_server *server)
{
	if (!microseconds(session, "runtime", words->arguments[1], 1, &server->runtime_us) ||
		!microseconds(session, "period", words->arguments[2], CONFIG_SERVER_PERIOD_MIN,
			&server->period_us))
		return false;
	if (server->runtime_us <= server->period_us)
		return true;
	fprintf(session->errors, "runtime: found %s, expected no more than the period, %s\n",
		words->arguments[1], words->arguments[2]);
	return false;
}

static void
set_server(struct words *words, struct console_session *session, const struct config_server *server)
{
	struct router *router = command_router_to_change(words, session);

	if (router == NULL)
		return;
	if (strcmp(words->arguments[0], "reserve") == 0)
		vrouter_set_reserve(router, server, session->errors);
	else
		vrouter_set_limit(router, server, session->errors);
}

void
command_set_server(struct words *words, struct console_session *session)
{
	struct config_server server;

	if (server_arguments(session, words, &server))
		set_server(words, session, &server);
}

void
command_set_no_server(struct words *words, struct console_session *session)
{
	set_server(words, session, NULL);
}

void
command_set_interface(struct words *words, struct console_session *session)
{
	struct router *router = command_router_to_change(words, session);
	bool up = strcmp(words->arguments[2], "up") == 0;

	if (router != NULL)
		vrouter_set_interface(
			session->vrouter, router, words->arguments[1], up, session->errors);
}

/* "ADDRESS" or, where it is link-local, "ADDRESS%INTERFACE" (RFC 4007 11). */
static bool
zoned_argument(struct console_session *session, const struct vr *vr, const char *what,
	const char *text, struct ip_address *address, const struct vr_interface **interface)
{
	char zone[CONFIG_NAME_MAX + 1];
	char bare[IP_ADDRESS_TEXT_SIZE];

	*interface = NULL;
	if (config_parse_via(text, address, zone) != 0)
		return command_address(session, what, text, address);
	if (zone[0] == '\0')
		return true;
	if (!ip_address_is_link_local(address)) {
		ip_address_text(address, bare);
		fprintf(session->errors,
			"%s: found %s, expected %s alone: only a link-local address is of one "
			"interface\n",
			what, text, bare);
		return false;
	}
	*interface = vr_interface_find(vr, zone);
	if (*interface != NULL)
		return true;
	fprintf(session->errors, "router %s: no interface %s (see show vr %s interfaces)\n",
		vr->name, zone, vr->name);
	return false;
}

void
command_add_neighbour(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);
	const struct vr_interface *interface;
	struct rte_ether_addr mac;
	char error[VR_ERROR_SIZE];
	struct ip_address address;

	if (router == NULL)
		return;
	interface = vr_interface_find(router->vr, words->arguments[0]);
	if (interface == NULL)
		fprintf(session->errors, "router %s: no interface %s (see show vr %s interfaces)\n",
			router->name, words->arguments[0], router->name);
	else if (!command_address(session, "address", words->arguments[1], &address))
		return;
	else if (config_parse_mac(words->arguments[2], &mac) != 0)
		fprintf(session->errors,
			"mac: found %s, expected six octets, as 02:00:00:00:00:01\n",
			words->arguments[2]);
	else if (neighbour_add_static(router->vr, interface, &address, &mac, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

void
command_del_neighbour(struct words *words, struct console_session *session)
{
	struct router *router = command_router_with_tables(words, session);
	const struct vr_interface *interface;
	char error[VR_ERROR_SIZE];
	struct ip_address address;

	if (router == NULL || !zoned_argument(session, router->vr, "address", words->arguments[0],
				      &address, &interface))
		return;
	if (neighbour_delete(router->vr, interface, &address, error) != 0)
		fprintf(session->errors, "%s\n", error);
}

/* The length of a regular file; negative with the reason told. A pipe could keep all waiting. */
static ssize_t
file_length(struct console_session *session, int fd, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		fprintf(session->errors, "%s: %s\n", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		fprintf(session->errors, "%s: not a regular file\n", path);
	else if (status.st_size > DOCUMENT_FILE_MAX)
		fprintf(session->errors, "%s: longer than %u bytes\n", path, DOCUMENT_FILE_MAX);
	else
		return status.st_size;
	return -1;
}

/* The text of a file, to be freed; NULL with the reason told. */
static char *
read_file(struct console_session *session, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = file_length(session, fd, path);
	char *text = length < 0 ? NULL : malloc((size_t)length + 1);
	ssize_t size = text == NULL ? -1 : read(fd, text, (size_t)length);

	if (length >= 0 && size < 0)
		fprintf(session->errors, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (size < 0) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

static bool
link_end_argument(struct console_session *session, const char *text, struct config_link_end *end)
{
	if (config_parse_link_end(text, end) == 0)
		return true;
	fprintf(session->errors,
		"link: found %s, expected a router and an interface of it, as lb:east\n", text);
	return false;
}

void
command_add_link(struct words *words, struct console_session *session)
{
	struct config_link link = { 0 };

	if (link_end_argument(session, words->name, &link.ends[0]) &&
		link_end_argument(session, words->arguments[0], &link.ends[1]))
		vrouter_add_link(session->vrouter, &link, session->errors);
}

void
command_del_link(struct words *words, struct console_session *session)
{
	struct config_link_end end;

	if (link_end_argument(session, words->name, &end))
		vrouter_delete_link(session->vrouter, &end, session->errors);
}

char *
command_text(struct console_session *session, const char *rest, const char **source)
{
	*source = rest[0] == '{' ? "console" : rest;
	return rest[0] == '{' ? strdup(rest) : read_file(session, rest);
}

void
command_add_router(struct words *words, struct console_session *session)
{
	struct config *fragment;
	const char *source;
	char *text = command_text(session, words->rest, &source);

	if (text == NULL)
		return;
	fragment = config_load_router(text, source, session->vrouter->config, session->errors);
	free(text);
	if (fragment != NULL)
		vrouter_add_router(session->vrouter, fragment, source, session->errors);
}

void
command_del_router(struct words *words, struct console_session *session)
{
	vrouter_delete_router(session->vrouter, words->name, session->errors);
}
