/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "schema/text_file.h"

#define CHUNK (1 << 16)
#define GZIP_ONLY (15 + 16) /* inflateInit2()'s window bits: the largest, and no other format */
#define ERROR_SIZE 128

struct text_file {
	int fd;
	bool gzip;
	bool between; /* members, or before the first */
	z_stream stream;
	char error[ERROR_SIZE];
	unsigned char chunk[CHUNK]; /* of the file; what is left of it is stream's input */
};

/* Reads the next chunk: its length, 0 at the end, or -1. */
static ssize_t
refill(struct text_file *file)
{
	ssize_t n;

	do
		n = read(file->fd, file->chunk, sizeof(file->chunk));
	while (n < 0 && errno == EINTR);
	file->stream.next_in = file->chunk;
	file->stream.avail_in = n < 0 ? 0 : (uInt)n;
	return n;
}

/* What the file is shows in its first two bytes. */
static int
begin(struct text_file *file)
{
	if (refill(file) < 0)
		return -errno;
	file->gzip = file->stream.avail_in >= 2 && file->chunk[0] == 0x1f && file->chunk[1] == 0x8b;
	file->between = true;
	if (file->gzip && inflateInit2(&file->stream, GZIP_ONLY) != Z_OK)
		return -ENOMEM;
	return 0;
}

static const char *
open_regular(const char *path, int *fd)
{
	struct stat status;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &status) < 0)
		return strerror(errno);
	if (S_ISDIR(status.st_mode))
		return strerror(EISDIR);
	return S_ISREG(status.st_mode) ? NULL : "Not a regular file";
}

struct text_file *
text_file_open(const char *path, const char **why)
{
	struct text_file *file = calloc(1, sizeof(*file));
	int rc;

	if (file == NULL) {
		*why = strerror(ENOMEM);
		return NULL;
	}
	*why = open_regular(path, &file->fd);
	if (*why == NULL) {
		rc = begin(file);
		if (rc == 0)
			return file;
		*why = strerror(-rc);
	}
	text_file_close(file);
	return NULL;
}

void
text_file_close(struct text_file *file)
{
	if (file->gzip)
		inflateEnd(&file->stream);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

/* More of the file. 0: its end, where `between` members of a gzip file it may be. */
static ssize_t
need_input(struct text_file *file, const char **why)
{
	ssize_t n = file->stream.avail_in > 0 ? 1 : refill(file);

	if (n < 0)
		snprintf(file->error, sizeof(file->error),
			"found nothing more to read (%s), expected the rest of the file",
			strerror(errno));
	else if (n == 0 && file->gzip && !file->between)
		snprintf(file->error, sizeof(file->error),
			"found the end of the file within compressed data, expected its rest");
	else
		return n;
	*why = file->error;
	return -1;
}

static int
decompress(struct text_file *file, const char **why)
{
	int rc;

	if (file->between)
		inflateReset(&file->stream);
	file->between = false;
	rc = inflate(&file->stream, Z_NO_FLUSH);
	file->between = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return 0;
	snprintf(file->error, sizeof(file->error),
		"found damaged compressed data (%s), expected that of gzip",
		file->stream.msg == NULL ? zError(rc) : file->stream.msg);
	*why = file->error;
	return -1;
}

static void
copy(struct text_file *file)
{
	z_stream *stream = &file->stream;
	uInt n = stream->avail_in < stream->avail_out ? stream->avail_in : stream->avail_out;

	memcpy(stream->next_out, stream->next_in, n);
	stream->next_in += n;
	stream->avail_in -= n;
	stream->avail_out -= n;
}

ssize_t
text_file_read(struct text_file *file, char *text, size_t size, const char **why)
{
	file->stream.next_out = (unsigned char *)text;
	file->stream.avail_out = (uInt)size;
	while (file->stream.avail_out == size) {
		ssize_t n = need_input(file, why);

		if (n <= 0)
			return n;
		if (!file->gzip)
			copy(file);
		else if (decompress(file, why) < 0)
			return -1;
	}
	return (ssize_t)(size - file->stream.avail_out);
}

int
text_file_make_absolute(char **path, const char *source)
{
	const char *slash = strrchr(source, '/');
	char *whole;

	if ((*path)[0] == '/' || slash == NULL)
		return 0;
	if (asprintf(&whole, "%.*s%s", (int)(slash + 1 - source), source, *path) < 0)
		return -ENOMEM;
	free(*path);
	*path = whole;
	return 0;
}
