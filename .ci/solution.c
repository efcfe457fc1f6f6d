/*
 * A plain right solution of the lab: the page's chunks, in order, in an array;
 * first fit, and free neighbours coalesce. .ci/judge makes other solutions of it
 * by replacing text, right ones and wrong ones.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"

#define MAX_CHUNKS 512

struct chunk {
	int offset, size, used;
};

static char *page;
static struct chunk chunks[MAX_CHUNKS];
static int count;

int init(void)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	count = 1;
	chunks[0].offset = 0;
	chunks[0].size = 4096;
	chunks[0].used = 0;
	return 0;
}

int cleanup(void)
{
	if (munmap(page, 4096) != 0)
		return 1;
	return 0;
}

/* The index of the first free chunk of `size` bytes or more, or -1. */
static int find(int size)
{
	int found = -1;

	for (int i = 0; i < count; i++)
		if (!chunks[i].used && chunks[i].size >= size && found < 0)
			found = i;
	return found;
}

/* Makes two chunks of one: the first of `size` bytes, and the rest. */
static void split(int i, int size)
{
	int rest = chunks[i].size - size;

	memmove(&chunks[i + 1], &chunks[i], (size_t)(count - i) * sizeof chunks[0]);
	count++;
	chunks[i].size = size;
	chunks[i + 1].offset += size;
	chunks[i + 1].size = rest;
}

/* Makes one chunk of two: number i and the next. */
static void merge(int i)
{
	chunks[i].size += chunks[i + 1].size;
	count--;
	memmove(&chunks[i + 1], &chunks[i + 2], (size_t)(count - i - 1) * sizeof chunks[0]);
}

char *alloc(int size)
{
	if (size <= 0 || size % 8 != 0)
		return NULL;
	int i = find(size);
	if (i < 0)
		return NULL;
	if (chunks[i].size > size)
		split(i, size);
	chunks[i].used = 1;
	return page + chunks[i].offset;
}

void dealloc(char *pointer)
{
	int i = 0;

	while (i < count && page + chunks[i].offset != pointer)
		i++;
	if (i == count || !chunks[i].used)
		return;
	chunks[i].used = 0;
	if (i + 1 < count && !chunks[i + 1].used)
		merge(i);
	if (i > 0 && !chunks[i - 1].used)
		merge(i - 1);
}
