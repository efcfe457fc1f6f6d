/*
 * At full size: every place and size of a chunk in use, with each sort of left and right
 * neighbour: none, in use, and free of the sizes that matter around the edges of words. It
 * is freed, then the free chunk that this makes is taken again, its first unit or all of
 * it. Each time, the bookkeeping must be what the layout implies.
 */
#include "alloc.c"

static struct {
	struct chunk tags[1 + UNITS + 1];
	uint32_t free_ends[WORDS], free_words;
} implied; /* by the layout */
static int start, size, left, right; /* units of the chunk, and of the free chunks beside it; 0: there is none */
static long cases;

static void imply_tag(int unit, int offset, int length, bool is_free)
{
	implied.tags[1 + unit].offset = (uint16_t)offset;
	implied.tags[1 + unit].size = (uint16_t)length;
	implied.tags[1 + unit].free = is_free;
}

static void imply(int offset, int length, bool is_free)
{
	int last = offset + length - 1;

	if (length == 0)
		return;
	imply_tag(offset, offset, length, is_free);
	if (!is_free)
		return;
	imply_tag(last, offset, length, true);
	implied.free_ends[last / WORD_BITS] |= (uint32_t)1 << last % WORD_BITS;
	implied.free_words |= (uint32_t)1 << last / WORD_BITS;
}

/* What is around the place of the chunk and its free neighbours is in use. */
static void imply_surroundings(void)
{
	int behind = start + size + right;

	memset(&implied, 0, sizeof implied);
	imply(0, start - left, false);
	imply(behind, UNITS - behind, false);
}

static void load(void)
{
	memcpy(tags, implied.tags, sizeof tags);
	memcpy(free_ends, implied.free_ends, sizeof free_ends);
	free_words = implied.free_words;
}

static void check(const char *call, bool is_right)
{
	cases++;
	if (is_right && memcmp(tags, implied.tags, sizeof tags) == 0 &&
	    memcmp(free_ends, implied.free_ends, sizeof free_ends) == 0 && free_words == implied.free_words)
		return;
	printf("check_neighbours: wrong: %s, with %d free, %d in use, %d free units from unit %d on\n",
	       call, left, size, right, start - left);
	exit(1);
}

static void check_chunk(void)
{
	int merged = start - left, length = left + size + right;

	imply_surroundings();
	imply(merged, left, true);
	imply(start, size, false);
	imply(start + size, right, true);
	load();
	dealloc(page + start * MINALLOC);
	imply_surroundings();
	imply(merged, length, true);
	check("dealloc() of the chunk in use", true);

	bool is_right = alloc(MINALLOC) == page + merged * MINALLOC;
	imply_surroundings();
	imply(merged, 1, false);
	imply(merged + 1, length - 1, true);
	check("alloc() of one unit after dealloc()", is_right);

	imply_surroundings();
	imply(merged, length, true);
	load();
	is_right = alloc(length * MINALLOC) == page + merged * MINALLOC;
	imply_surroundings();
	imply(merged, length, false);
	check("alloc() of all units after dealloc()", is_right);
}

/* Sets sizes[] to those that matter of a free chunk, of which so many units are in its first or last word. */
static int list_sizes(int sizes[8], int room, int in_word)
{
	const int candidates[] = { 0, 1, in_word - 1, in_word, in_word + 1, in_word + WORD_BITS, room };
	int count = 0;

	for (int i = 0; i < 7; i++)
		if (candidates[i] <= room && (count == 0 || candidates[i] > sizes[count - 1]))
			sizes[count++] = candidates[i];
	return count;
}

int main(void)
{
	bool is_right = init() == 0;
	imply(0, UNITS, true);
	check("init()", is_right);
	for (start = 0; start < UNITS; start++)
		for (size = 1; start + size <= UNITS; size++) {
			int end = start + size, lefts[8], rights[8];
			int left_sizes = list_sizes(lefts, start, start % WORD_BITS);
			int right_sizes = list_sizes(rights, UNITS - end, WORD_BITS - end % WORD_BITS);

			for (int i = 0; i < left_sizes; i++)
				for (int j = 0; j < right_sizes; j++) {
					left = lefts[i];
					right = rights[j];
					check_chunk();
				}
		}
	printf("check_neighbours: %ld cases, all right\n", cases);
	return 0;
}
