/*
 * For maintainers: checks what alloc.h promises beyond the handout. It includes a copy of alloc.c whose calls of mmap,
 * munmap, fprintf and AddressSanitizer's macros are replaced, calls only the public functions, and compares what each
 * call does with a model of the page. The first difference is printed, and ends the program.
 */
#define _DEFAULT_SOURCE 1 /* as in alloc.c, but before the first header */
#include <errno.h>
#include <stdint.h>
#define init copy_of_init /* run.sh links alloc.c itself, too */
#define init_alloc copy_of_init_alloc
#define cleanup copy_of_cleanup
#define alloc copy_of_alloc
#define dealloc copy_of_dealloc
#include "alloc.h"

enum { UNUSUAL = 4711 };                      /* an errno that no call sets */
static int is_mapped;                         /* the model: there is a page */
static int chunk_at[PAGESIZE / MINALLOC];     /* for each unit: 0 if free, else 1 + the first unit of its chunk */
static char poisoned[PAGESIZE / MINALLOC];    /* whether AddressSanitizer was told that access to the unit is an error */
static char *mapping, message[200];           /* the last page; what the call writes */
static int mappings;                          /* made, and not given back */
static int mmap_error, munmap_error;          /* what the next mmap or munmap fails with; 0: it works */
static const char *call;                      /* the name of the function */
static long argument, calls;
#define CHECK(condition) ((condition) ? (void)0 : fail(__LINE__, #condition))

static void fail(int line, const char *condition)
{
	printf("check_alloc: wrong: %s(%ld), call %ld: not %s (line %d); errno %d, message \"%s\", page of units ",
	       call, argument, calls, condition, line, errno, message);
	for (int unit = 0; unit < PAGESIZE / MINALLOC; unit++)
		putchar(chunk_at[unit] == 0 ? '.' : chunk_at[unit] == unit + 1 ? '[' : '=');
	putchar('\n');
	exit(1);
}

static int to_message(const FILE *stream)
{
	CHECK(stream == stderr && message[0] == '\0');
	return errno = EBADF; /* as a failing write does; dealloc() must set errno after it */
}

static void *checked_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	CHECK(address == NULL && length == PAGESIZE && protection == (PROT_READ | PROT_WRITE) &&
	      flags == (MAP_PRIVATE | MAP_ANONYMOUS) && file == -1 && offset == 0);
	if (mmap_error != 0)
		return errno = mmap_error, MAP_FAILED;
	mappings++;
	mapping = (char *)mmap(address, length, protection, flags, file, offset);
	return memset(mapping, 'x', length);
}

static int checked_munmap(void *address, size_t length)
{
	CHECK(address == mapping && length == PAGESIZE);
	CHECK(mapping[0] == 'x' && memcmp(mapping, mapping + 1, PAGESIZE - 1) == 0); /* nothing was stored in the page */
	if (munmap_error != 0)
		return errno = munmap_error, -1;
	mappings--;
	return munmap(mapping, PAGESIZE);
}

/* Does not really poison, because checked_munmap() reads free space. */
static void poison(const char *start, size_t bytes, int is_poison)
{
	size_t offset = (uintptr_t)start - (uintptr_t)mapping;
	CHECK(offset % MINALLOC == 0 && bytes % MINALLOC == 0 && offset <= PAGESIZE && bytes <= PAGESIZE - offset);
	memset(poisoned + offset / MINALLOC, is_poison, bytes / MINALLOC);
}

#define SANITIZER_ASAN_INTERFACE_H /* as if that header, with the real macros, had been included */
#define ASAN_POISON_MEMORY_REGION(start, bytes) poison(start, bytes, 1)
#define ASAN_UNPOISON_MEMORY_REGION(start, bytes) poison(start, bytes, 0)
#define fprintf(stream, ...) (to_message(stream), snprintf(message, sizeof message, __VA_ARGS__))
#define mmap checked_mmap
#define munmap checked_munmap
#include "alloc.c"

static void begin(const char *name, long with)
{
	call = name, argument = with, calls++;
	message[0] = '\0';
	errno = UNUSUAL;
}

/* Compares everything but the result of the call. */
static void end(int error)
{
	CHECK(errno == (error != 0 ? error : UNUSUAL));
	CHECK(mappings == is_mapped);
	for (int unit = 0; unit < UNITS; unit++)
		CHECK(poisoned[unit] == (is_mapped && chunk_at[unit] == 0));
}

static void check_page(const char *name, int (*function)(void), int error, int has_page)
{
	begin(name, 0);
	CHECK(function() == (error != 0 ? -1 : 0));
	if (error == 0) {
		is_mapped = has_page;
		memset(chunk_at, 0, sizeof chunk_at);
	}
	end(error);
}

static void check_init(void) { check_page("init_alloc", init_alloc, is_mapped ? EALREADY : mmap_error, 1); }
static void check_cleanup(void) { check_page("cleanup", cleanup, is_mapped ? munmap_error : EINVAL, 0); }

static void check_alloc(int bytes)
{
	int units = bytes / MINALLOC, run = 0, after = 0; /* free units in a row; the unit after them */
	while (run < units && after < UNITS)
		run = chunk_at[after++] == 0 ? run + 1 : 0;
	int error = !is_mapped || bytes <= 0 || bytes % MINALLOC != 0 ? EINVAL : run < units ? ENOMEM : 0;
	begin("alloc", bytes);
	const char *chunk = alloc(bytes);
	CHECK(chunk == (error != 0 ? NULL : mapping + (after - units) * MINALLOC));
	for (int unit = after - units; error == 0 && unit < after; unit++)
		chunk_at[unit] = after - units + 1;
	end(error);
}

static void check_dealloc(long offset) /* bytes from the start of the page */
{
	char expected[sizeof message] = "", *pointer = (char *)((uintptr_t)mapping + (uintptr_t)offset);
	int is_inside = is_mapped && offset >= 0 && offset < PAGESIZE, size = 0; /* bytes in the chunk at the offset */
	int chunk = is_inside ? chunk_at[offset / MINALLOC] : 0, start = (chunk - 1) * MINALLOC;
	for (int unit = 0; chunk != 0 && unit < UNITS; unit++)
		size += chunk_at[unit] == chunk ? MINALLOC : 0;
	const char *reason = !is_mapped ? "cannot be freed: there is no page (init() not called, or cleanup() already called)" :
	                     !is_inside ? "is not in the page" : "is in free space: already freed, or never allocated";
	if (chunk != 0 && offset != start)
		(void)sprintf(expected, "dealloc: %p is %ld bytes into the chunk of %d bytes at %p\n", (void *)pointer,
		              offset - start, size, (void *)(mapping + start));
	else if (chunk == 0 && pointer != NULL)
		(void)sprintf(expected, "dealloc: %p %s\n", (void *)pointer, reason);
	begin("dealloc", offset);
	dealloc(pointer);
	CHECK(strcmp(message, expected) == 0);
	if (chunk != 0 && offset == start)
		memset(&chunk_at[chunk - 1], 0, (size_t)(size / MINALLOC) * sizeof *chunk_at);
	end(expected[0] != '\0' ? EINVAL : 0);
}

/* Sizes and pointers near every power of two, where a narrower type would wrap. */
static void check_powers(void)
{
	for (long long power = 1; power <= 1LL << 31; power *= 2)
		for (int difference = -MINALLOC; difference <= MINALLOC; difference += MINALLOC / 2) {
			check_alloc((int)(power + difference));
			check_dealloc(0);
			check_alloc((int)(-power - difference));
		}
	for (uintptr_t power = PAGESIZE; power != 0; power *= 2)
		for (int offset = 0; offset < PAGESIZE; offset += 1 + PAGESIZE / 64) {
			check_dealloc((long)((uintptr_t)offset + power));
			check_dealloc((long)((uintptr_t)offset - power));
		}
	check_dealloc(-(long)mapping);           /* NULL */
	check_dealloc(MINALLOC - (long)mapping); /* as if the page were at NULL */
}

/* If mmap or munmap fails, nothing changes, and each call can be tried again. */
static void check_failures(int error)
{
	mmap_error = munmap_error = error;
	check_cleanup();
	check_init();
	check_powers();
	mmap_error = 0;
	check_init();
	check_init();
	check_alloc(MINALLOC);
	check_cleanup();
	check_powers();
	munmap_error = 0;
	check_cleanup();
}

static void check_life(void)
{
	check_init();
	for (int i = 0; i < 2000; i++) {
		int most = (UNITS >> rand() % 10) + 2, kind = rand() % 16, unit = rand() % UNITS;
		if (kind < 8)
			check_alloc((1 + rand() % most) * MINALLOC);
		else if (kind < 15)
			check_dealloc((chunk_at[unit] != 0 ? chunk_at[unit] - 1 : unit) * MINALLOC);
		else
			check_dealloc(rand() % (PAGESIZE + 18) - 9);
	}
	check_cleanup();
}

int main(void)
{
	static const int errors[] = { ENOMEM, EAGAIN, EPERM, EINVAL, EALREADY };
	for (int i = 0; i < 5; i++)
		check_failures(errors[i]);
	for (int life = 0; life < 300; life++)
		check_life();
	return printf("check_alloc: %ld calls, all correct\n", calls) < 0 || fflush(stdout) != 0;
}
