/*
 * test_alloc2.c - the complex test, which checks any solution against the lab's handout
 *
 * main(), at the end, lists the demands. Each is tried on a fresh page, in a process of its own. The first
 * failure is explained. `test_alloc2 N` tries only demand N, in this process, and prints after each call how
 * the page must be divided: "A:64 free:4032" is chunk A of 64 bytes, followed by 4032 free bytes. Adjacent
 * free chunks are listed separately, because a solution need not coalesce them.
 */
#define _DEFAULT_SOURCE 1 /* declares MAP_ANONYMOUS and usleep() in strict C, too */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Declared here, because a solution's alloc.h may define any name. */
int init(void);
int cleanup(void);
char *alloc(int bytes);
void dealloc(char *chunk);

enum { PAGE = 4096, UNIT = 8, UNITS = PAGE / UNIT };
enum { STALL = 10000 }; /* milliseconds that a call may take */
enum { STEPS = 20 };    /* calls that are printed to explain a failure */

/* The chunks in a page: A is what the first request returns, B the second, ... */
enum { A = 1, B, C, D, E, F, G, H, I, J, K, L, M };

/* Sizes that must be refused. On -8 and -4096 the handout says nothing, but they must not change anything. */
static const int refused[] = { 12, 9, 4, 1, 100, -4, -8, -12, -4096, 4095, 4100, 4104, 65544, 524296, 2147483640 };
enum { REFUSED = sizeof refused / sizeof *refused };

enum verdict { NONE, MET, UNMET, SKIPPED };

/*
 * The trial of one demand, in memory shared by the process that tries it and the one that watches. It has a
 * model of the page. The handout says that a freed chunk of N1 bytes serves any N2 <= N1, and that the leftover
 * N1 - N2 stays available. So free memory is a set of pieces, at first one of 4096 bytes. A chunk is taken from
 * a piece, and leaves one or two smaller pieces, or none. A freed chunk becomes a piece. A request must succeed
 * if a piece is large enough. If none is, it may succeed, because a solution may coalesce.
 */
static struct trial {
	int owner[UNITS];      /* N in chunk N; -N in free space that was last in chunk N; 0 in space never handed out */
	char *page;            /* NULL until the first chunk shows where it is */
	int requests;          /* on this page; they number the chunks */
	long calls;            /* correct calls so far */
	char steps[STEPS][64]; /* the last of these calls, with their results */
	char step[64];         /* what is being done */
	char reason[128];      /* what is wrong with it */
	enum verdict verdict;
} *trial;

static const char *text; /* of the current demand */
static long number;      /* of the current demand, from 1 */
static long only;        /* the argument N, or 0 */
static pid_t tester;     /* the process that makes the calls; 0 in the one that watches */
static int stalled;      /* milliseconds since the last call of the current demand */
static int counts[SKIPPED + 1];
static char failure[128]; /* the first failure, for the last line */

#define PRINT_TO(array, ...) (void)snprintf(array, sizeof(array), __VA_ARGS__)
#define CALL(...) (PRINT_TO(trial->step, __VA_ARGS__), before_call())
#define FAIL(...) (PRINT_TO(trial->reason, __VA_ARGS__), finish(UNMET))

static const char *name(int chunk)
{
	static char letters[16];
	PRINT_TO(letters, "%c%.0d", 'A' + (chunk - 1) % 26, (chunk - 1) / 26); /* A to Z, A1 to Z1, ... */
	return letters;
}

/* The first unit after the chunk or piece that starts with unit `from`. */
static int end_of(int from)
{
	int end = from + 1;
	while (end < UNITS && trial->owner[end] == trial->owner[from])
		end++;
	return end;
}

static int largest_piece(void) /* bytes */
{
	int largest = 0;
	for (int unit = 0, end; unit < UNITS; unit = end) {
		end = end_of(unit);
		if (trial->owner[unit] <= 0 && end - unit > largest)
			largest = end - unit;
	}
	return largest * UNIT;
}

static void print_page(void)
{
	int unit = 0;
	for (int parts = 0; unit < UNITS && parts < 20; unit = end_of(unit), parts++)
		printf(" %s:%d", trial->owner[unit] > 0 ? name(trial->owner[unit]) : "free", (end_of(unit) - unit) * UNIT);
	puts(unit < UNITS ? " ..." : "");
}

/* Prints one line, and an explanation if this is the first failure. */
static void print_verdict(void)
{
	static const char *const words[] = { "", "ok", "FAILED", "skipped" };
	printf("%s %ld: %s\n", words[trial->verdict], number, text);
	if (trial->verdict != UNMET || counts[UNMET] > 0)
		return;
	printf("  %s %s\n", trial->step, trial->reason);
	if (only != 0 || trial->calls == 0)
		return;
	long first = trial->calls > STEPS ? trial->calls - STEPS : 0;
	printf("  after%s", first > 0 ? " ...," : "");
	for (long call = first; call < trial->calls; call++)
		printf("%s %s", call == first ? "" : (call - first) % 5 == 0 ? ",\n   " : ",", trial->steps[call % STEPS]);
	printf("\n  page:");
	print_page();
}

/* If the disk is full, the exit status must not be 0. A closed stdout is allowed. */
static bool is_output_lost(void)
{
	return (fflush(stdout) != 0 || ferror(stdout)) && errno != EBADF;
}

/* Ends the process that tries the demand. */
static void finish(enum verdict verdict)
{
	trial->verdict = verdict;
	putchar('\n');
	print_verdict();
	_exit(is_output_lost() || verdict == UNMET);
}

static void before_call(void)
{
	if (only != 0) {
		printf("  %s", trial->step);
		fflush(stdout); /* the call may crash */
	}
}

/* If the solution has forked, its child ends here. */
static void after_call(void)
{
	if (getpid() != tester)
		_exit(EXIT_SUCCESS);
}

static void count(const char *result) /* of a correct call */
{
	PRINT_TO(trial->steps[trial->calls++ % STEPS], "%.30s%.30s", trial->step, result);
	if (only != 0) {
		printf("%-*s", 30 - (int)strlen(trial->step), result);
		print_page();
	}
}

/* Fills a chunk. All start with the same string, so that a solution cannot know them by their contents. */
static void fill(char *start, int chunk, int bytes)
{
	memset(start, 'A' + (chunk - 1) % 26, (size_t)bytes);
	memcpy(start, "S", 2);
}

/* Checks what alloc(bytes) returned, which is not NULL, and returns its first unit. */
static int check_place(int bytes, const char *start)
{
	if (bytes % UNIT != 0)
		FAIL("returned a pointer, though %d is not a multiple of 8", bytes);
	if (trial->page == NULL) /* mmap gives pages at multiples of their size */
		trial->page = (char *)((uintptr_t)start / PAGE * PAGE);
	long offset = (long)((uintptr_t)start - (uintptr_t)trial->page);
	if (offset < 0 || offset > PAGE - bytes)
		FAIL("returned %d bytes at %ld, which do not lie in one page", bytes, offset);
	if (offset % UNIT != 0)
		FAIL("returned a chunk at %ld, which is not a multiple of 8", offset);
	for (long unit = offset / UNIT; unit < (offset + bytes) / UNIT; unit++)
		if (trial->owner[unit] > 0)
			FAIL("returned a chunk at %ld, which overlaps %s", offset, name(trial->owner[unit]));
	return (int)offset / UNIT;
}

static void take(int bytes)
{
	int chunk = ++trial->requests;
	CALL("alloc(%d)", bytes);
	char *start = alloc(bytes);
	after_call();
	if (start == NULL && bytes > 0 && bytes % UNIT == 0 && bytes <= largest_piece())
		FAIL("returned NULL, though a free chunk has %d bytes", largest_piece());
	if (start == NULL || (bytes <= 0 && bytes % UNIT == 0)) {
		count(start == NULL ? " = NULL" : " = a pointer");
		return;
	}
	char result[30];
	int from = check_place(bytes, start);
	for (int unit = from; unit < from + bytes / UNIT; unit++)
		trial->owner[unit] = chunk;
	PRINT_TO(result, " = %s at %d", name(chunk), from * UNIT);
	count(result);
	PRINT_TO(trial->step, "writing into %s", name(chunk));
	fill(start, chunk, bytes);
}

/* Checks what the chunk contains, and frees it. Does nothing if the request for it was refused. */
static void give(int chunk)
{
	static char filled[PAGE];
	int from = 0;
	while (from < UNITS && trial->owner[from] != chunk)
		from++;
	if (from == UNITS)
		return;
	int end = end_of(from);
	char *start = trial->page + from * UNIT;
	fill(filled, chunk, (end - from) * UNIT);
	PRINT_TO(trial->step, "reading %s", name(chunk));
	for (int i = 0; i < (end - from) * UNIT; i++)
		if (start[i] != filled[i])
			FAIL("shows that byte %d has changed", i);
	CALL("dealloc(%s)", name(chunk));
	dealloc(start);
	after_call();
	while (from < end)
		trial->owner[from++] = -chunk;
	count("");
}

/* Returns whether there was a chunk in use. */
static bool give_all(void)
{
	bool any = false;
	for (int unit = 0; unit < UNITS; unit = end_of(unit))
		if (trial->owner[unit] > 0) {
			give(trial->owner[unit]);
			any = true;
		}
	return any;
}

static void open_page(void)
{
	CALL("init()");
	int result = init();
	after_call();
	if (result != 0)
		FAIL("returned %d", result);
	trial->page = NULL;
	trial->requests = 0;
	count(" = 0");
}

/* mmap uses the hint if nothing is there. Every second mapping stays, so that use of the old page crashes. */
static bool is_gone(char *page)
{
	static int times;
	char *place = (char *)mmap(page, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (place != page || ++times % 2 == 0)
		munmap(place, PAGE);
	return place == page;
}

static void close_page(void)
{
	CALL("cleanup()");
	int result = cleanup();
	after_call();
	if (trial->page != NULL && is_gone(trial->page) != (result == 0))
		FAIL("returned %d, but the page is %s", result, result == 0 ? "still there" : "gone");
	if (result == 0)
		memset(trial->owner, 0, sizeof trial->owner);
	count(result == 0 ? " = 0" : " fails");
	if (result != 0 && !give_all()) /* a cleanup() may require this first */
		FAIL("returned %d, though no chunk is in use", result);
	if (result != 0)
		close_page();
}

static int random_below(int limit)
{
	static unsigned short state[3];
	return (int)(nrand48(state) % limit);
}

/* `percent` of the calls are requests, most of them for up to `most` units; the others free a chunk. */
static void random_calls(int calls, int most, int percent)
{
	for (; calls > 0; calls--) {
		int kind = random_below(30), chunk = trial->owner[random_below(UNITS)];
		int bytes = kind == 0 ? refused[random_below(REFUSED)] : kind == 1 ? largest_piece() :
		            kind == 2 ? largest_piece() + UNIT : (1 + random_below(most)) * UNIT;
		if (bytes != 0 && random_below(100) < percent)
			take(bytes);
		else if (chunk > 0)
			give(chunk);
	}
}

/* Reports a solution that calls exit(). */
static void at_exit(void)
{
	if (getpid() == tester)
		FAIL("ends the program");
}

/* Starts the trial. Without N, what the solution prints is discarded. */
static void begin(void)
{
	tester = getpid();
	if (only == 0) {
		for (int stream = 0; stream <= STDERR_FILENO; stream++)
			dup2(open("/dev/null", O_RDWR), stream);
		setpgid(0, 0); /* kill(0, ...) must not reach the process that watches */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	atexit(at_exit);
	open_page();
}

/* Waits for the end of the trial. Kills it if a call does not return. */
static void watch(pid_t child)
{
	int status = 0;
	for (long calls = -1; waitpid(child, &status, WNOHANG) == 0; usleep(1000)) {
		stalled = trial->calls == calls ? stalled + 1 : 0;
		calls = trial->calls;
		if (stalled == STALL)
			kill(child, SIGKILL);
	}
	kill(-child, SIGKILL); /* the processes that it forked */
	if (stalled >= STALL)
		PRINT_TO(trial->reason, "does not return");
	else if (WIFSIGNALED(status))
		PRINT_TO(trial->reason, "crashes (%s)", strsignal(WTERMSIG(status)));
	else if (trial->verdict == NONE)
		PRINT_TO(trial->reason, "ends the program with status %d", WEXITSTATUS(status));
	if (trial->reason[0] != '\0')
		trial->verdict = UNMET;
}

/* Like fork(): true in the process that tries the demand, which ends at the next demand(); false in the other. */
static bool demand(const char *sentence)
{
	if (tester != 0)
		finish(MET);
	text = sentence;
	number++;
	if (only != 0 ? only != number : stalled >= STALL) {
		counts[SKIPPED]++;
		return false;
	}
	memset(trial, 0, sizeof *trial);
	pid_t child = only != 0 ? 0 : fork();
	if (child < 0)
		err(2, "fork");
	if (child == 0) {
		begin();
		return true;
	}
	watch(child);
	print_verdict();
	fflush(stdout);
	if (trial->verdict == UNMET && counts[UNMET] == 0)
		PRINT_TO(failure, ", first %ld: %s", number, text);
	counts[trial->verdict]++;
	return false;
}

int main(int argc, char **argv)
{
	enum { GUARD = 65536 }; /* bytes, so that a solution that writes past its page does not reach the trial */
	char rest, *memory = (char *)mmap(NULL, GUARD + sizeof *trial, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + GUARD, sizeof *trial, PROT_READ | PROT_WRITE) != 0)
		err(2, "mmap");
	trial = (struct trial *)(void *)(memory + GUARD);
	signal(SIGCHLD, SIG_DFL); /* if it is ignored, waitpid() finds no child */
	if (argc > 1 && (argc > 2 || sscanf(argv[1], "%ld%c", &only, &rest) != 1 || only < 1))
		only = -1; /* which is no demand */
	demand("init() returns 0"); /* every demand starts with this */
	if (demand("all 4096 bytes can be allocated as one chunk"))
		take(4096);
	if (demand("a chunk in use is never handed out again")) {
		take(4096); take(8); take(4096);
	}
	if (demand("a size that is not a multiple of 8, or too large, is refused and changes nothing")) {
		for (int i = 0; i < REFUSED; i++)
			take(refused[i]);
		take(4096); take(12); take(4104); take(0);
	}
	if (demand("the rest of the page stays available after a request")) {
		take(8); take(1000); take(16); take(2056); take(40); take(512); take(104); take(352);
		take(16); take(2147483640); take(8); take(8);
	}
	if (demand("what is written into a chunk stays there")) {
		take(8); take(1024); take(2048); take(1016); take(8); take(12); give_all();
	}
	if (demand("a freed chunk serves any request up to its size")) {
		take(4096); give(A); take(4096); give(B); take(4088); give(C); take(8);
	}
	if (demand("a free chunk is found among chunks in use")) {
		take(32); take(8); take(128); take(8); take(512); take(8); take(1024); take(2376);
		give(A); give(C); give(E); give(G); take(1024); take(512); take(128); take(32); take(8); /* I, J, K, L, M */
		give(I); give(J); give(K); give(L); take(1024); take(512); take(128); take(32); take(8);
	}
	if (demand("the rest of a freed chunk stays available after a smaller request")) {
		take(4096); give(A); take(1024); take(2048); take(8); take(1016); take(8);
		give(C); give(D); take(512); take(512); take(1024); take(8); take(8);
	}
	if (demand("a chunk split off a freed one can be freed, too")) {
		take(32); take(8); give(A); take(8); take(8); take(4056); /* C, D, E */
		give(C); give(B); take(16); take(8); take(8); take(8);    /* F, G, H, I */
		give(D); give(F); take(8); take(8); take(8); take(8);
	}
	if (demand("adjacent freed chunks can all be allocated again")) {
		take(512); take(512); take(512); take(512); take(512); take(1536);
		give(B); give(C); give(D); take(512); take(512); take(512); take(8); /* G, H, I, J */
		give(G); give(I); give(H); take(512); take(512); take(512); take(8); /* K, L, M, N */
		give(M); give(L); give(K); take(512); take(512); take(512); take(8);
	}
	if (demand("cleanup() gives the page back and returns 0")) {
		take(4096); give(A); take(64); take(2048); close_page();
	}
	if (demand("init() after cleanup() gets a page that is all free")) {
		take(8); take(1000); take(64); take(16); give(B); close_page();
		open_page(); take(4096); take(8); give(A); take(4096); give(C); close_page();
		open_page(); take(4096); take(8);
	}
	if (demand("512 chunks of 8 bytes can be allocated, freed, and allocated again")) {
		for (int i = 0; i <= UNITS; i++)
			take(8);
		for (int i = 0; i < UNITS; i++)
			give(A + i * 201 % UNITS);
		for (int i = 0; i <= UNITS; i++)
			take(8);
		for (int variant = 0; variant < 6; variant++) { /* one free chunk of 16 bytes among 255 free chunks of 8 */
			close_page(); open_page();
			int large = variant < 2 ? 0 : variant < 4 ? 254 : 510;
			for (int i = 0; i <= 510; i++)
				take(i == large ? 16 : 8);
			for (int i = 0; i <= 510; i += 2)
				give(A + (variant % 2 == 0 ? i : 510 - i));
			take(16);
		}
	}
	if (demand("all of this holds after many thousands of calls")) {
		for (int i = 0; i < 500; i++) {
			int most = 1 << random_below(10);
			random_calls(300, most, 5 + random_below(94));
		}
		give_all();
		for (int i = 0; i < 33000; i++) { /* more chunks than 16 bits can count */
			take(8); take(8); give(trial->requests - 1); give(trial->requests);
		}
	}
	if (demand("all of this holds for 2000 pages, one after another")) {
		const struct rlimit files = { 1024, 1024 };
		setrlimit(RLIMIT_NOFILE, &files);
		for (int life = 0; life < 2000; life++) {
			if (life % 2 == 0)
				take((UNITS - 3 - random_below(8)) * UNIT); /* leaves little free */
			random_calls(life % 50 == 1 ? 1000 : 40, life % 2 == 0 ? 3 : 1 << random_below(10), 50);
			while (life % 4 < 2 && largest_piece() > 0) /* the other lives end with free chunks */
				take(largest_piece());
			close_page(); open_page();
		}
	}
	if (demand("init() fails if mmap fails")) {
		const struct rlimit none = { 0, 0 };
		const char *preloaded = getenv("LD_PRELOAD");
		close_page();
		if ((preloaded != NULL && strstr(preloaded, "vgpreload") != NULL) || /* Valgrind needs memory itself */
		    setrlimit(RLIMIT_AS, &none) != 0 ||
		    mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
			finish(SKIPPED);
		CALL("init() without memory");
		int result = init();
		after_call();
		if (result == 0)
			FAIL("returned 0");
		count(" fails");
	}
	if (tester != 0)
		finish(MET);
	if (only != 0)
		errx(2, "usage: test_alloc2 [N]; N is a demand, from 1 to %ld", number);
	printf("%d passed, %d failed", counts[MET], counts[UNMET]);
	if (counts[SKIPPED] > 0)
		printf(", %d skipped", counts[SKIPPED]);
	puts(failure);
	_exit(is_output_lost() || counts[UNMET] > 0); /* without the exit handlers of the solution */
}
