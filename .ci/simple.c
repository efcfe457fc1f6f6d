/*
 * Another right solution of the lab, which stands in for alloc.c: test_alloc1
 * must pass it, though it takes the best fit and never coalesces.
 */
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"

enum { UNITS = PAGESIZE / MINALLOC };

static char *page;
static struct {
	int offset, size, used;
} chunks[UNITS];
static int count;

int init(void)
{
	page = (char *)mmap(NULL, PAGESIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	chunks[0].offset = 0;
	chunks[0].size = PAGESIZE;
	chunks[0].used = 0;
	count = 1;
	return page == MAP_FAILED;
}

int cleanup(void)
{
	return munmap(page, PAGESIZE);
}

char *alloc(int size)
{
	int best = -1;

	if (size <= 0 || size % MINALLOC != 0)
		return NULL;
	for (int i = 0; i < count; i++)
		if (!chunks[i].used && chunks[i].size >= size && (best < 0 || chunks[i].size < chunks[best].size))
			best = i;
	if (best < 0)
		return NULL;
	if (chunks[best].size > size) {
		chunks[count].offset = chunks[best].offset + size;
		chunks[count].size = chunks[best].size - size;
		chunks[count].used = 0;
		count++;
	}
	chunks[best].size = size;
	chunks[best].used = 1;
	return page + chunks[best].offset;
}

void dealloc(char *chunk)
{
	for (int i = 0; i < count; i++)
		if (chunk == page + chunks[i].offset)
			chunks[i].used = 0;
}
