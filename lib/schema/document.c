/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/document.h"
#include "schema/syntax.h"

static json_t *
load_json(const struct document *document, const char *text, size_t length, bool *duplicates)
{
	json_error_t error;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	*duplicates = false;
	if (json != NULL)
		return json;
	json = json_loadb(text, length, JSON_DECODE_ANY, &error);
	if (json != NULL)
		*duplicates = true;
	else
		syntax_report(text, length, document->source, &error, document->errors);
	return json;
}

bool
document_read_text(const struct document *document, const char *text, size_t length)
{
	struct report report = { .source = document->source };
	struct locate locate;
	bool duplicates, failed;
	json_t *json = load_json(document, text, length, &duplicates);

	if (json == NULL)
		return false;
	if (locate_build(&locate, text, length) < 0) {
		fprintf(document->errors, "%s: out of memory\n", document->source);
		json_decref(json);
		return false;
	}
	report.locate = &locate;
	if (duplicates)
		syntax_report_duplicates(&report);
	document->read(&report, json, document->context);
	failed = report_failed(&report);
	report_flush(&report, document->errors);
	locate_free(&locate);
	json_decref(json);
	return !failed;
}

/* Reads on where read() gives less than asked; -EFBIG: more than DOCUMENT_FILE_MAX. */
static ssize_t
read_all(int fd, char **text)
{
	size_t capacity = 0;
	size_t length = 0;

	*text = NULL;
	for (;;) {
		ssize_t n;

		if (length == capacity) {
			char *more = realloc(*text, capacity + (1 << 16) + capacity / 2);

			if (more == NULL)
				return -ENOMEM;
			*text = more;
			capacity += (1 << 16) + capacity / 2;
		}
		n = read(fd, *text + length, capacity - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : (ssize_t)length;
		length += n;
		if (length > DOCUMENT_FILE_MAX)
			return -EFBIG;
	}
}

static ssize_t
read_file(const char *path, char **text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	*text = NULL;
	if (fd < 0)
		return -errno;
	length = read_all(fd, text);
	close(fd);
	return length;
}

bool
document_read_file(const struct document *document)
{
	bool ok = false;
	char *text;
	ssize_t length = read_file(document->source, &text);

	if (length >= 0)
		ok = document_read_text(document, text, (size_t)length);
	else if (length == -EISDIR)
		fprintf(document->errors, "%s: found a directory, expected a JSON file\n",
			document->source);
	else if (length == -EFBIG)
		fprintf(document->errors,
			"%s: found over %u MiB, expected a JSON file of at most that\n",
			document->source, DOCUMENT_FILE_MAX >> 20);
	else
		fprintf(document->errors, "%s: found nothing to read (%s), expected a JSON file\n",
			document->source, strerror((int)-length));
	free(text);
	return ok;
}
