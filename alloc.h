/*
 * alloc.h - dynamic memory from one page of 4096 bytes
 *
 * Compile your program together with alloc.c. Call init(), then alloc() and
 * dealloc() any number of times, then cleanup(). All sizes are in bytes. Every
 * failure sets errno; success leaves it alone. "Lab" marks what the lab handout
 * demands, "Ours" what this implementation promises beyond it.
 *
 * Lab:  All 4096 bytes can be handed out, in any division into chunks. A chunk
 *       in use is never handed out again. A freed chunk serves any request up
 *       to its size, and what is left over stays available.
 * Ours: First fit: alloc() takes the lowest address whose free space is large
 *       enough. Free neighbours coalesce at once. Nothing is ever stored in
 *       the page, so writing past a chunk, within the page, can damage other
 *       chunks' data, but not the allocator. With -fsanitize=address, access
 *       to free space in the page is an error. After fork(), parent and child
 *       each have a page of their own. Not thread-safe: the caller must lock.
 */
#ifndef ALLOC_H
#define ALLOC_H

/* The handout's alloc.h includes these five, and test programs written for it rely on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGESIZE 4096 /* bytes in the page (Lab); any multiple of MINALLOC up to 4096 * MINALLOC works */
#define MINALLOC 8    /* every chunk's size is a multiple of this (Lab); any multiple of 8 works */

/* In later editions of the lab, init() is called init_alloc(), and test programs get that name from alloc.h. */
#define init_alloc init

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Gets the page from the operating system, with mmap, all of it free. If the
 * system's pages are larger, 4096 bytes are handed out all the same.
 *
 * Returns 0, or on failure a non-zero value (Lab), which is -1 with errno (Ours):
 *   EALREADY  there is a page already; it and its chunks stay as they were
 *   others    as mmap sets them
 */
int init(void);

/*
 * Gives the page back, with munmap, and forgets every chunk in it; no pointer
 * into the page may be used any more. init() may follow, any number of times.
 *
 * Returns 0, or on failure a non-zero value (Lab), which is -1 with errno (Ours):
 *   EINVAL    there is no page
 *   others    as munmap sets them; the page and its chunks stay as they were
 */
int cleanup(void);

/*
 * Takes a chunk of exactly `size` bytes from the page. `size` must be a
 * positive multiple of MINALLOC.
 *
 * Returns the start of the chunk, or on failure NULL (Lab). The chunk is 8-byte
 * aligned (Ours); what it contains is unspecified. On failure errno is (Ours):
 *   EINVAL    `size` is not a positive multiple of MINALLOC, or there is no page
 *   ENOMEM    no free chunk is large enough
 */
char *alloc(int size);

/*
 * Frees the whole chunk that starts at `pointer` (Lab), in constant time (Ours).
 * NULL does nothing.
 *
 * Any other pointer that is not the start of a chunk in use changes nothing:
 * errno is EINVAL, one line on stderr says which mistake it is, and the program
 * goes on (Ours). The mistakes that are told apart: there is no page; not in the
 * page; in free space; inside a chunk in use.
 *
 * An old pointer whose address has been handed out again frees the new chunk:
 * nothing tells the two apart. And if stderr is a pipe that nobody reads, the line
 * ends the program by SIGPIPE, as in any program that writes there.
 */
void dealloc(char *pointer);

#ifdef __cplusplus
}
#endif

#endif
