/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#define ALLOW_EXPERIMENTAL_API /* rte_pcapng.h in 22.11 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_pcapng.h>
#include <rte_version.h>

#include "element/mirror_file.h"

#define SECTION_BLOCK UINT32_C(0x0a0d0d0a) /* the same in both byte orders */
#define HASH_OPTION 12

struct mirror_file {
	rte_pcapng_t *pcapng;
	int fd;
	uint16_t port; /* that all copies are told of: the library knows no interfaces but ports */
	uint64_t max_size;
};

static int __attribute__((format(printf, 2, 3)))
refuse(char error[MIRROR_FILE_ERROR_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, MIRROR_FILE_ERROR_SIZE, format, args);
	va_end(args);
	return -1;
}

/* Anything but a capture is left alone. */
static int
open_file(const char *path, char error[MIRROR_FILE_ERROR_SIZE])
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
	uint32_t first = 0;
	struct stat status;

	if (fd < 0)
		return refuse(error, "file %.80s cannot be written: %s", path, strerror(errno));
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		(status.st_size == 0 || (pread(fd, &first, sizeof(first), 0) == sizeof(first) &&
						first == SECTION_BLOCK)))
		return fd;
	close(fd);
	return refuse(error, "file %.80s is no pcapng file, and is left as it is", path);
}

static bool
begin_section(struct mirror_file *file, const char *who)
{
	file->pcapng = rte_pcapng_fdopen(file->fd, NULL, NULL, "dpdk-vrouter", who);
	if (file->pcapng == NULL)
		return false;
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return rte_pcapng_add_interface(file->pcapng, file->port, who, NULL, NULL) > 0;
#else
	return true; /* all ports are there */
#endif
}

struct mirror_file *
mirror_file_open(
	const char *path, uint64_t max_size, const char *who, char error[MIRROR_FILE_ERROR_SIZE])
{
	struct mirror_file *file = calloc(1, sizeof(*file));
	uint64_t port = rte_eth_find_next(0);

	if (file == NULL || port >= RTE_MAX_ETHPORTS) {
		refuse(error, "%s", file == NULL ? "no memory" : "a file needs a port");
		free(file);
		return NULL;
	}
	file->port = (uint16_t)port;
	file->max_size = max_size;
	file->fd = open_file(path, error);
	if (file->fd < 0) {
		free(file);
		return NULL;
	}
	/* One that is full stays as it is. */
	if (mirror_file_size(file) < max_size && !begin_section(file, who)) {
		refuse(error, "file %.80s cannot be written: %s", path, strerror(errno));
		mirror_file_close(file);
		return NULL;
	}
	return file;
}

void
mirror_file_close(struct mirror_file *file)
{
	if (file->pcapng != NULL)
		rte_pcapng_close(file->pcapng); /* with the descriptor */
	else
		close(file->fd);
	free(file);
}

uint32_t
mirror_file_buffer_size(uint32_t snap_length)
{
	return RTE_PKTMBUF_HEADROOM + rte_pcapng_mbuf_size(snap_length) + HASH_OPTION;
}

struct rte_mbuf *
mirror_file_copy(const struct mirror_file *file, const struct rte_mbuf *frame,
	struct rte_mempool *pool, uint32_t length, uint16_t interface, bool out, uint64_t now)
{
	enum rte_pcapng_direction direction =
		out ? RTE_PCAPNG_DIRECTION_OUT : RTE_PCAPNG_DIRECTION_IN;

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	(void)now;
	return rte_pcapng_copy(file->port, interface, frame, pool, length, direction, NULL);
#else
	return rte_pcapng_copy(file->port, interface, frame, pool, length, now, direction);
#endif
}

uint64_t
mirror_file_size(const struct mirror_file *file)
{
	struct stat status;

	return fstat(file->fd, &status) == 0 ? (uint64_t)status.st_size : UINT64_MAX;
}

int
mirror_file_write(struct mirror_file *file, struct rte_mbuf **copies, unsigned int n)
{
	uint64_t size = mirror_file_size(file), room;
	uint64_t bytes = 0;
	unsigned int fit = 0;

	room = size < file->max_size ? file->max_size - size : 0;
	while (fit < n && bytes + copies[fit]->pkt_len <= room)
		bytes += copies[fit++]->pkt_len;
	if (fit == 0 || file->pcapng == NULL)
		return 0;
	if (rte_pcapng_write_packets(file->pcapng, copies, (uint16_t)fit) != (ssize_t)bytes)
		return errno == 0 ? -EIO : -errno;
	return (int)fit;
}
