/*
 * alloc.h - dynamic memory from one page of 4096 bytes; compile your program together with alloc.c
 *
 * "Lab" marks what the lab handout demands, "Ours" what this implementation promises beyond it.
 *
 * Lab:  All 4096 bytes can be handed out, divided into chunks in any way. A chunk in use is never
 *       handed out again. A freed chunk serves any request up to its size, and what is left over
 *       stays available.
 * Ours: First fit: alloc() uses the lowest free chunk that is large enough. Free neighbours
 *       coalesce at once. Every failure sets errno. The bookkeeping is not in the page: writing
 *       past a chunk can damage other chunks, but not the allocator. With -fsanitize=address,
 *       access to free space is an error. Not thread-safe.
 */
#ifndef ALLOC_H
#define ALLOC_H

/* The handout's alloc.h includes these headers, and test programs rely on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGESIZE 4096 /* bytes in the page (Lab); may be any multiple of MINALLOC up to 4096 * MINALLOC */
#define MINALLOC 8    /* bytes; every chunk's size is a multiple of this (Lab); may be any multiple of 8 */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Gets the page from the operating system with mmap. All of it is free.
 * Returns 0 on success and non-zero on failure (Lab): -1, with errno set (Ours):
 *   EALREADY  there is a page already; it and its chunks stay as they are
 *   other     as set by mmap
 */
int init(void);

/* The same as init(). Later editions of the lab use this name. */
int init_alloc(void);

/*
 * Gives the page back with munmap, along with every chunk in it. init() may follow.
 * Returns 0 on success and non-zero on failure (Lab): -1, with errno set (Ours):
 *   EINVAL    there is no page
 *   other     as set by munmap; the page and its chunks stay as they are
 */
int cleanup(void);

/*
 * Returns a chunk of exactly `bytes` bytes, or NULL on failure (Lab), with errno set (Ours):
 *   EINVAL    `bytes` is not a positive multiple of MINALLOC, or there is no page
 *   ENOMEM    no free chunk is large enough
 * The contents are unspecified. The chunk is aligned to 8 bytes (Ours). Do not use it
 * for types that need 16, such as long double.
 */
char *alloc(int bytes);

/*
 * Frees the whole chunk that starts at `pointer` (Lab), in constant time (Ours). NULL does nothing.
 * Any other pointer that is not the start of a chunk in use is refused (Ours): nothing changes, errno
 * is EINVAL, and a line on stderr says why: there is no page, or the pointer is not in the page, in
 * free space, or inside a chunk in use. An old pointer frees the new chunk, if one starts there.
 */
void dealloc(char *pointer);

#ifdef __cplusplus
}
#endif
#endif
