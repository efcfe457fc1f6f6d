/*
 * alloc.h - dynamic memory from one page of 4096 bytes; compile your program together with alloc.c
 *
 * "Lab" marks what the lab's handout requires, "Ours" what this implementation adds.
 *
 * Lab:  All 4096 bytes can be allocated, in chunks of any sizes. A chunk in use is never returned
 *       again. A freed chunk can serve any request up to its size; the rest of it stays available.
 * Ours: First fit: alloc() takes the free chunk at the lowest address that is large enough. Free
 *       neighbours coalesce at once. Every failure sets errno. The bookkeeping is not in the page:
 *       a write past a chunk can damage other chunks in the page, never the allocator. With
 *       -fsanitize=address, access to free space is reported. Not thread-safe.
 */
#ifndef ALLOC_H
#define ALLOC_H

/* The handout's alloc.h includes these headers, and test programs rely on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGESIZE 4096 /* bytes in the page (Lab) */
#define MINALLOC 8    /* bytes; the size of every chunk is a multiple of this (Lab) */

/*
 * Gets the page from the operating system with mmap (Lab). All of it is free.
 * Returns 0, or -1 with errno set (the lab asks only for non-zero):
 *   EALREADY  there is already a page; it and its chunks are unchanged
 *   other     as set by mmap
 */
int init(void);

/* The same as init(). Later editions of the lab use this name. */
int init_alloc(void);

/*
 * Returns the page, and every chunk in it, to the system with munmap (Lab). init() may be called again.
 * Returns 0, or -1 with errno set (the lab asks only for non-zero):
 *   EINVAL    there is no page
 *   other     as set by munmap; the page and its chunks are unchanged
 */
int cleanup(void);

/*
 * Returns a chunk of exactly `bytes` bytes, or NULL (Lab), with errno set (Ours):
 *   EINVAL    `bytes` is not a positive multiple of MINALLOC, or there is no page
 *   ENOMEM    no free chunk is large enough
 * The contents of the chunk are unspecified. The chunk is aligned to 8 bytes (Ours), which can be
 * too little for long double.
 */
char *alloc(int bytes);

/*
 * Frees the whole chunk that starts at `pointer` (Lab), in constant time (Ours). dealloc(NULL) does
 * nothing. Any other pointer that is not the start of a chunk in use is refused (Ours): nothing
 * changes, errno is EINVAL, and a message on stderr gives the reason: there is no page, or the
 * pointer is outside it, in free space, or inside a chunk in use. A stale pointer is not detected
 * if a new chunk starts there: that chunk is freed.
 */
void dealloc(char *pointer);

#endif
