/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include <stdbool.h>

#include <cmdline_parse.h>
#include <cmdline_parse_string.h>

#include "console.h"

/*
 * The commands of the console. commands.c parses and completes words; what a word means is checked
 * by the command, so that the message can name what is wrong with it.
 */

struct words {
	cmdline_fixed_string_t verb;
	cmdline_fixed_string_t noun;
	cmdline_fixed_string_t name;
	cmdline_fixed_string_t arguments[4];
	cmdline_fixed_string_t json;
	cmdline_multi_string_t rest;
};

/* Does what the words say; answers and errors go to the session. */
typedef void (*command_fn)(struct words *words, struct console_session *session);

/* show_commands.c */
void command_show_router(struct words *words, struct console_session *session);
void command_show_router_part(struct words *words, struct console_session *session);
void command_show_port(struct words *words, struct console_session *session);
void command_show_links(struct words *words, struct console_session *session);
void command_show_lcore(struct words *words, struct console_session *session);
void command_show_drops(struct words *words, struct console_session *session);
void command_show_memory(struct words *words, struct console_session *session);

/* change_commands.c */
void command_clear_stats(struct words *words, struct console_session *session);
void command_reset_router(struct words *words, struct console_session *session);
void command_set_weight(struct words *words, struct console_session *session);
void command_set_server(struct words *words, struct console_session *session);
void command_set_no_server(struct words *words, struct console_session *session);
void command_set_interface(struct words *words, struct console_session *session);
void command_add_neighbour(struct words *words, struct console_session *session);
void command_del_neighbour(struct words *words, struct console_session *session);
void command_add_link(struct words *words, struct console_session *session);
void command_del_link(struct words *words, struct console_session *session);
void command_add_router(struct words *words, struct console_session *session);
void command_del_router(struct words *words, struct console_session *session);

/* route_commands.c */
void command_add_route(struct words *words, struct console_session *session);
void command_set_route(struct words *words, struct console_session *session);
void command_del_route(struct words *words, struct console_session *session);
void command_load_routes(struct words *words, struct console_session *session);

/* multicast_commands.c */
void command_add_multicast(struct words *words, struct console_session *session);
void command_del_multicast(struct words *words, struct console_session *session);

/* pipeline_commands.c */
void command_show_pipeline(struct words *words, struct console_session *session);
void command_show_element(struct words *words, struct console_session *session);
void command_show_elements(struct words *words, struct console_session *session);
void command_set_pipeline(struct words *words, struct console_session *session);
void command_set_element(struct words *words, struct console_session *session);
void command_add_element(struct words *words, struct console_session *session);
void command_del_element(struct words *words, struct console_session *session);

/* The router that the words name; NULL, and told, if there is none. */
struct router *command_router(const struct words *words, struct console_session *session);

/* The same, of one that is to be changed; told too if that cannot be now. */
struct router *command_router_to_change(const struct words *words, struct console_session *session);

/* The same, of one that has tables; told too if it is a wire. */
struct router *command_router_with_tables(
	const struct words *words, struct console_session *session);

/* The word as an address; false, and told, if it is none. `what` it is stands before. */
bool command_address(struct console_session *session, const char *what, const char *text,
	struct ip_address *address);

/*
 * JSON in the rest of the line, or in the file that it names: to be freed; NULL, and told. *source
 * is what its errors are told of.
 */
char *command_text(struct console_session *session, const char *rest, const char **source);

/* The whole word as a decimal number. */
bool command_number(const char *text, unsigned long *value);

#endif
