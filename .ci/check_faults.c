/*
 * What alloc.c asks of the system, and what it makes of a refusal: mmap, munmap and
 * stderr fail here, then work again. No failure may change anything, or lose memory.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

static int mmap_error, munmap_error; /* what the next call fails with; 0: it works */
static int mappings;                 /* made, and not given back */
static int strange;                  /* calls with other arguments than they should have */
static void *mapping;                /* the last one that was made */

static void *watched_mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
	strange += address != NULL || length != 4096 || protection != (PROT_READ | PROT_WRITE) ||
	           flags != (MAP_PRIVATE | MAP_ANONYMOUS) || file != -1 || offset != 0;
	if (mmap_error != 0) {
		errno = mmap_error;
		return MAP_FAILED;
	}
	mappings++;
	return mapping = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int watched_munmap(void *address, size_t length)
{
	strange += address != mapping || length != 4096;
	if (munmap_error != 0) {
		errno = munmap_error;
		return -1;
	}
	mappings--;
	return munmap(mapping, 4096);
}

#define mmap watched_mmap
#define munmap watched_munmap
#include "alloc.c"

enum { UNTOUCHED = 4711 };
static int checks;

static void check(bool is_kept, const char *promise)
{
	checks++;
	if (is_kept)
		return;
	printf("check_faults: wrong: %s\n", promise);
	exit(1);
}

/* Everything that alloc.c remembers. */
static void copy_state(char copy[sizeof page + sizeof tags + sizeof free_ends + sizeof free_words])
{
	memcpy(copy, &page, sizeof page);
	memcpy(copy += sizeof page, tags, sizeof tags);
	memcpy(copy += sizeof tags, free_ends, sizeof free_ends);
	memcpy(copy + sizeof free_ends, &free_words, sizeof free_words);
}

static char before[sizeof page + sizeof tags + sizeof free_ends + sizeof free_words], after[sizeof before];

static bool fails_with(int result, int error)
{
	copy_state(after);
	return result == -1 && errno == error && memcmp(before, after, sizeof before) == 0;
}

static void check_failing_mmap(int error)
{
	copy_state(before);
	mmap_error = error;
	check(fails_with(init(), error), "where mmap fails, init() fails with its error, and nothing changes");
	mmap_error = 0;
	check(fails_with(cleanup(), EINVAL), "where mmap has failed, cleanup() fails with EINVAL");
	check(alloc(8) == NULL && errno == EINVAL, "where mmap has failed, alloc() fails with EINVAL");
	check(init() == 0 && mappings == 1, "where mmap has failed, init() can be tried again");
}

static void check_failing_munmap(int error)
{
	char *chunk = alloc(1000);

	check(alloc(2000) == chunk + 1000, "alloc() takes the next chunk");
	dealloc(chunk);
	copy_state(before);
	munmap_error = error;
	check(fails_with(cleanup(), error), "where munmap fails, cleanup() fails with its error, and nothing changes");
	check(fails_with(init(), EALREADY), "where munmap has failed, init() fails with EALREADY");
	munmap_error = 0;
	check(alloc(1000) == chunk && alloc(1096) == chunk + 3000, "where munmap has failed, the page can be used");
	check(cleanup() == 0 && mappings == 0, "where munmap has failed, cleanup() can be tried again");
}

static void check_closed_stderr(void)
{
	char local;

	copy_state(before);
	close(STDERR_FILENO);
	errno = UNTOUCHED;
	dealloc(&local);
	check(fails_with(-1, EINVAL), "where stderr is closed, dealloc() refuses with EINVAL, too");
}

int main(void)
{
	static const int errors[] = { ENOMEM, EAGAIN, EPERM };
	static const char nothing[sizeof before];

	for (int life = 0; life < 3000; life++) {
		check_failing_mmap(errors[life % 3]);
		check_failing_munmap(errors[life % 3]);
		copy_state(after);
		check(memcmp(after, nothing, sizeof after) == 0, "cleanup() forgets everything");
	}
	check(strange == 0, "mmap is asked for a private page of 4096 bytes, and munmap gets the same back");
	check_closed_stderr();
	printf("check_faults: %d checks, all right\n", checks);
	return 0;
}
