/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline_rdline.h>

#include "console.h"
#include "route_list.h"
#include "watch.h"

#define PROMPT "vrouter> "
#define CLIENTS_MAX 128
#define LISTEN_BACKLOG 128
#define LINE_MAX_SIZE 4096
#define READ_SIZE 1024
#define WRITE_SIZE 4096
#define WATCH_INTERVAL UINT64_C(1000000000)
#define CLEAR_SCREEN "\033[H\033[J"

struct client {
	TAILQ_ENTRY(client) link;
	struct console *console;
	int in;
	int out;
	bool terminal; /* standard input and output */
	bool ended;    /* no more input will come */
	bool closing;
	bool status;           /* each answer ends with its status */
	struct rdline *editor; /* NULL: plain lines */
	struct watch *watch;   /* the live table runs */
	uint64_t next_watch;
	struct route_list *routes; /* the rest of an answer; no line is run before its end */
	char input[READ_SIZE];     /* read, but not yet taken: from input_start to input_length */
	size_t input_start;
	size_t input_length;
	char line[LINE_MAX_SIZE];
	size_t line_length;
	bool line_too_long;
	char *output; /* not yet written */
	size_t output_start;
	size_t output_length;
	size_t output_size;
};

struct console {
	struct vrouter *vrouter;
	bool *quit;
	int listening;
	char *path;
	TAILQ_HEAD(, client) clients;
	unsigned int n_clients;
	struct client *terminal;
	struct termios saved;
	bool raw;
};

struct console *
console_create(struct vrouter *vrouter, bool *quit, FILE *errors)
{
	struct console *console = calloc(1, sizeof(*console));

	if (console == NULL || commands_init() != 0) {
		fprintf(errors, "console: no memory\n");
		free(console);
		return NULL;
	}
	console->vrouter = vrouter;
	console->quit = quit;
	console->listening = -1;
	TAILQ_INIT(&console->clients);
	return console;
}

static void
append(struct client *client, const char *text, size_t length)
{
	size_t needed = client->output_length + length;
	char *output;

	if (needed > client->output_size) {
		output = realloc(client->output, 2 * needed);
		if (output == NULL) {
			client->closing = true;
			return;
		}
		client->output = output;
		client->output_size = 2 * needed;
	}
	memcpy(client->output + client->output_length, text, length);
	client->output_length += length;
}

/* Terminals in raw mode, as a client's has to be, want a carriage return too. */
static void
append_text(struct client *client, const char *text, size_t length)
{
	bool raw = client->editor != NULL && !client->terminal;
	const char *end = text + length;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline == NULL ? end : newline;

		append(client, text, (size_t)(stop - text));
		if (newline == NULL)
			return;
		append(client, raw ? "\r\n" : "\n", raw ? 2 : 1);
		text = newline + 1;
	}
}

static void
append_string(struct client *client, const char *text)
{
	append_text(client, text, strlen(text));
}

static bool
writable(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	return poll(&poll_fd, 1, 0) > 0;
}

/* Writes what the client takes now. A pipe that is writable takes WRITE_SIZE without waiting. */
static void
write_output(struct client *client)
{
	while (client->output_start < client->output_length && writable(client->out)) {
		size_t size = client->output_length - client->output_start;
		ssize_t written;

		if (size > WRITE_SIZE)
			size = WRITE_SIZE;
		if (client->terminal)
			written = write(client->out, client->output + client->output_start, size);
		else
			written = send(client->out, client->output + client->output_start, size,
				MSG_DONTWAIT | MSG_NOSIGNAL);
		if (written < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				return;
			/* Nobody reads this any more. */
			client->closing = true;
			client->output_start = client->output_length;
			break;
		}
		client->output_start += (size_t)written;
	}
	if (client->output_start == client->output_length) {
		client->output_start = 0;
		client->output_length = 0;
	}
}

static bool
has_output(const struct client *client)
{
	return client->output_start < client->output_length;
}

static void
print_watch(struct client *client, uint64_t now)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	client->next_watch = now + WATCH_INTERVAL;
	if (out == NULL)
		return;
	if (client->editor != NULL)
		fputs(CLEAR_SCREEN, out);
	watch_print(client->watch, client->console->vrouter, now, out);
	fputs(client->editor != NULL ? "\nany key ends this\n" : "\n", out);
	fclose(out);
	append_text(client, text, size);
	free(text);
}

static void
end_watch(struct client *client)
{
	watch_free(client->watch);
	client->watch = NULL;
	if (client->editor != NULL)
		rdline_newline(client->editor, PROMPT);
}

static void
append_status(struct client *client, bool failed)
{
	if (client->status)
		append_string(client, failed ? "# error\n" : "# ok\n");
}

/* Runs the line and gives what it has to say, to be freed; NULL: no memory. */
static char *
answer(struct console_session *session, const char *line, bool *failed)
{
	char *text = NULL, *errors = NULL;
	size_t size = 0, errors_size = 0;

	session->out = open_memstream(&text, &size);
	session->errors = open_memstream(&errors, &errors_size);
	if (session->out != NULL && session->errors != NULL) {
		commands_run(session, line);
		fflush(session->errors);
		*failed = errors_size > 0;
		fwrite(errors, 1, errors_size, session->out);
	}
	if (session->errors != NULL)
		fclose(session->errors);
	if (session->out != NULL)
		fclose(session->out);
	free(errors);
	return text;
}

/* The next piece of an answer that comes in pieces. */
static void
print_routes(struct client *client)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int rc = -ENOMEM;

	if (out != NULL) {
		rc = route_list_print(client->routes, client->console->vrouter, out);
		fclose(out);
	}
	append_string(client, text == NULL ? "no memory\n" : text);
	free(text);
	if (rc > 0)
		return;
	route_list_free(client->routes);
	client->routes = NULL;
	append_status(client, rc < 0);
}

/* All that is left of it, where nothing can wait; what cannot be written now is kept. */
static void
finish_routes(struct client *client)
{
	while (client->routes != NULL) {
		print_routes(client);
		write_output(client);
	}
}

static void
run_line(struct client *client, const char *line)
{
	struct console_session session = { .vrouter = client->console->vrouter,
		.quit = client->console->quit };
	bool failed = true;
	char *text = answer(&session, line, &failed);

	append_string(client, text == NULL ? "no memory\n" : text);
	free(text);
	client->routes = session.routes;
	if (client->routes == NULL)
		append_status(client, failed);
	if (session.close)
		client->closing = true;
	if (session.watch && client->watch == NULL) {
		client->watch = watch_create();
		if (client->watch != NULL)
			print_watch(client, vrouter_clock());
	}
}

static int
editor_write(struct rdline *editor, char c)
{
	append(rdline_get_opaque(editor), &c, 1);
	return 0;
}

static void
editor_line(struct rdline *editor, const char *text, unsigned int size)
{
	struct client *client = rdline_get_opaque(editor);
	char line[LINE_MAX_SIZE];
	size_t length = strcspn(text, "\r\n");

	(void)size;
	if (length >= sizeof(line))
		length = sizeof(line) - 1;
	memcpy(line, text, length);
	line[length] = '\0';
	run_line(client, line);
}

static int
editor_complete(struct rdline *editor, const char *line, char *text, unsigned int size, int *state)
{
	struct client *client = rdline_get_opaque(editor);

	return commands_complete(client->console->vrouter, line, state, text, size);
}

static void
start_editor(struct client *client)
{
	client->editor = rdline_new(editor_write, editor_line, editor_complete, client);
	if (client->editor == NULL) {
		append_string(client, "no memory for the line editor\n");
		return;
	}
	rdline_newline(client->editor, PROMPT);
}

static struct client *
add_client(struct console *console, int in, int out, bool terminal)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return NULL;
	client->console = console;
	client->in = in;
	client->out = out;
	client->terminal = terminal;
	TAILQ_INSERT_TAIL(&console->clients, client, link);
	console->n_clients++;
	return client;
}

static void
remove_client(struct client *client)
{
	struct console *console = client->console;

	TAILQ_REMOVE(&console->clients, client, link);
	console->n_clients--;
	if (client->terminal)
		console->terminal = NULL;
	if (client->out != STDOUT_FILENO)
		close(client->out);
	if (client->editor != NULL)
		rdline_free(client->editor);
	watch_free(client->watch);
	route_list_free(client->routes);
	free(client->output);
	free(client);
}

static void
restore_terminal(struct console *console)
{
	if (console->raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &console->saved);
	console->raw = false;
}

void
console_destroy(struct console *console)
{
	struct client *client;

	if (console == NULL)
		return;
	while ((client = TAILQ_FIRST(&console->clients)) != NULL) {
		write_output(client);
		remove_client(client);
	}
	restore_terminal(console);
	if (console->listening >= 0) {
		close(console->listening);
		unlink(console->path);
	}
	free(console->path);
	commands_fini();
	free(console);
}

/* Whether somebody answers at `address`; else what is there may be replaced. */
static bool
in_use(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered;

	if (fd < 0)
		return false;
	/* EAGAIN: somebody listens, but is too busy to answer. */
	answered = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
	           errno == EAGAIN;
	close(fd);
	return answered;
}

static bool
is_other_file(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode);
}

int
console_listen(struct console *console, const char *path, FILE *errors)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t old_mask;
	int fd, rc;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(errors, "console socket %s: the path is longer than %zu characters\n", path,
			sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	if (is_other_file(path)) {
		fprintf(errors, "console socket %s: a file that is no socket is there\n", path);
		return -EEXIST;
	}
	if (in_use(&address)) {
		fprintf(errors,
			"console socket %s: another process listens there (give another "
			"--console-socket or --file-prefix)\n",
			path);
		return -EADDRINUSE;
	}
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Never open to others, not for a moment. */
	old_mask = umask(0177);
	rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(old_mask);
	if (rc == 0)
		rc = listen(fd, LISTEN_BACKLOG);
	if (rc != 0) {
		rc = -errno;
		fprintf(errors, "console socket %s: %s\n", path, strerror(-rc));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	console->listening = fd;
	console->path = strdup(path);
	return 0;
}

static void
make_raw(struct console *console)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &console->saved) != 0)
		return;
	raw = console->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	console->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/*
 * Standard output, to be written to without waiting. A terminal that is stopped (^S) or gone silent
 * would hold up the control thread; it is opened anew, as O_NONBLOCK on the one we were given
 * would be seen by all who share it.
 */
static int
open_output(void)
{
	int fd = -1;

	if (isatty(STDOUT_FILENO))
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? fd : STDOUT_FILENO;
}

int
console_serve_terminal(struct console *console, FILE *errors)
{
	struct client *client = add_client(console, STDIN_FILENO, open_output(), true);

	if (client == NULL) {
		fprintf(errors, "console: no memory\n");
		return -ENOMEM;
	}
	console->terminal = client;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		make_raw(console);
		start_editor(client);
	}
	return 0;
}

int
console_run_file(struct console *console, const char *path, FILE *errors)
{
	struct client *client = console->terminal;
	char line[LINE_MAX_SIZE];
	FILE *file = fopen(path, "r");
	int rc;

	if (file == NULL) {
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	if (client == NULL) {
		client = add_client(console, STDIN_FILENO, STDOUT_FILENO, true);
		if (client == NULL) {
			fclose(file);
			return -ENOMEM;
		}
		console->terminal = client;
		client->ended = true;
	}
	while (!client->closing && fgets(line, sizeof(line), file) != NULL) {
		if (strchr(line, '\n') == NULL && !feof(file)) {
			fprintf(errors, "%s: a line is longer than %zu characters\n", path,
				sizeof(line) - 2);
			fclose(file);
			return -EINVAL;
		}
		line[strcspn(line, "\r\n")] = '\0';
		run_line(client, line);
		finish_routes(client);
	}
	rc = ferror(file) ? -errno : 0;
	fclose(file);
	if (rc != 0) {
		fprintf(errors, "%s: %s\n", path, strerror(-rc));
		return rc;
	}
	if (client->editor != NULL && client->watch == NULL)
		rdline_newline(client->editor, PROMPT);
	return 0;
}

unsigned int
console_poll_fds(const struct console *console, struct pollfd *fds, unsigned int n)
{
	const struct client *client;
	unsigned int used = 0;

	if (console->listening >= 0 && console->n_clients < CLIENTS_MAX && used < n)
		fds[used++] = (struct pollfd){ .fd = console->listening, .events = POLLIN };
	TAILQ_FOREACH(client, &console->clients, link) {
		if (used == n)
			break;
		if (has_output(client) || client->routes != NULL)
			fds[used++] = (struct pollfd){ .fd = client->out, .events = POLLOUT };
		else if (!client->ended)
			fds[used++] = (struct pollfd){ .fd = client->in, .events = POLLIN };
	}
	return used;
}

static void
accept_clients(struct console *console)
{
	int fd;

	while (console->n_clients < CLIENTS_MAX) {
		fd = accept4(console->listening, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (add_client(console, fd, fd, false) == NULL)
			close(fd);
	}
}

static void
plain_line(struct client *client)
{
	client->line[client->line_length] = '\0';
	if (client->line_too_long) {
		append_string(
			client, "the line is longer than 4095 characters (put it in a file)\n");
		append_status(client, true);
	} else if (strlen(client->line) < client->line_length) {
		append_string(client, "the line has a zero byte in it, expected text\n");
		append_status(client, true);
	} else if (strcmp(client->line, "interactive") == 0 && !client->terminal) {
		start_editor(client);
	} else if (strcmp(client->line, "status") == 0 && !client->terminal) {
		client->status = true;
	} else {
		run_line(client, client->line);
	}
	client->line_length = 0;
	client->line_too_long = false;
}

/* Gives how much of the text it took: what follows "interactive" is the editor's. */
static size_t
plain_input(struct client *client, const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && client->editor == NULL && client->routes == NULL; i++) {
		if (text[i] == '\n')
			plain_line(client);
		else if (client->line_length + 1 < sizeof(client->line))
			client->line[client->line_length++] = text[i];
		else
			client->line_too_long = true;
	}
	return i;
}

/* End of input on the terminal client is the wish to quit; on a socket, to be answered and go. */
static void
end_input(struct client *client)
{
	client->ended = true;
	if (client->line_length > 0)
		plain_line(client);
	if (client->terminal) {
		finish_routes(client);
		*client->console->quit = true;
	}
}

/* Gives how much of the text it took; what was typed before a live table is not kept. */
static size_t
editor_input(struct client *client, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int rc = rdline_char_in(client->editor, text[i]);

		if (rc == RDLINE_RES_VALIDATED) {
			const char *line = rdline_get_buffer(client->editor);

			if (line[0] != '\0' && line[0] != '\n')
				rdline_add_history(client->editor, line);
			if (*client->console->quit)
				return size;
			if (client->routes != NULL)
				return i + 1;
			if (client->watch == NULL)
				rdline_newline(client->editor, PROMPT);
		} else if (rc == RDLINE_RES_EOF || rc == RDLINE_RES_EXITED) {
			append_string(client, "\n");
			client->closing = !client->terminal;
			if (client->terminal)
				*client->console->quit = true;
			return size;
		}
		if (client->watch != NULL)
			return size;
	}
	return size;
}

/* Reads what there is, if there is anything. */
static void
read_input(struct client *client)
{
	struct pollfd poll_fd = { .fd = client->in, .events = POLLIN };
	ssize_t size;

	if (poll(&poll_fd, 1, 0) <= 0)
		return;
	size = read(client->in, client->input, sizeof(client->input));
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		end_input(client);
		return;
	}
	client->input_start = 0;
	client->input_length = (size_t)size;
	if (client->watch == NULL)
		return;
	end_watch(client);
	if (client->editor != NULL)
		client->input_length = 0;
}

static void
take_input(struct client *client)
{
	const char *text = client->input;

	if (client->editor == NULL)
		client->input_start += plain_input(client, text + client->input_start,
			client->input_length - client->input_start);
	if (client->editor != NULL && client->routes == NULL)
		client->input_start += editor_input(client, text + client->input_start,
			client->input_length - client->input_start);
}

/* Nothing is heard before all is told. */
static void
listen_to(struct client *client)
{
	if (client->ended || has_output(client) || client->routes != NULL)
		return;
	if (client->input_start == client->input_length)
		read_input(client);
	if (client->input_start < client->input_length)
		take_input(client);
}

static void
serve(struct client *client, uint64_t now)
{
	write_output(client);
	listen_to(client);
	if (client->watch != NULL && now >= client->next_watch && !has_output(client))
		print_watch(client, now);
	if (client->routes != NULL && !has_output(client)) {
		print_routes(client);
		if (client->routes == NULL && client->editor != NULL)
			rdline_newline(client->editor, PROMPT);
	}
	write_output(client);
	if (client->ended && !client->terminal && client->watch == NULL && client->routes == NULL &&
		!has_output(client))
		client->closing = true;
}

void
console_serve(struct console *console, uint64_t now)
{
	struct client *client, *next;

	if (console->listening >= 0)
		accept_clients(console);
	for (client = TAILQ_FIRST(&console->clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, link);
		if (client->closing)
			write_output(client);
		else
			serve(client, now);
		if (client->closing && (!has_output(client) || !writable(client->out)))
			remove_client(client);
	}
}
