// What both plain-C walks share: the workload as written by the command line, and the timed loop.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REQUEST_WORDS = 6 };

// One request, as in workload.ts.
struct request {
  int32_t requester, pasid, high, low, context, flags;
};

// The file: sizes in this order, then the flat tables, tops, page index, page slots and requests.
struct sizes {
  uint32_t flat_bytes, contexts, index_words, slot_words, requests, passes, first_stage, root_table;
};

static struct sizes sizes;
static uint64_t *flat;
static uint32_t *tops;
static int32_t *page_index;
static uint32_t *slots;
static struct request *requests;

static void *part(FILE *file, size_t bytes) {
  void *at = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
  if (!at || fread(at, 1, bytes, file) != bytes) {
    fprintf(stderr, "the workload is cut short\n");
    exit(1);
  }
  return at;
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fread(&sizes, sizeof sizes, 1, file) != 1) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(1);
  }
  flat = part(file, sizes.flat_bytes);
  tops = part(file, sizes.contexts * 4ul);
  page_index = part(file, sizes.index_words * 4ul);
  slots = part(file, sizes.slot_words * 4ul);
  requests = part(file, sizes.requests * sizeof *requests);
  fclose(file);
}

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Runs the list once to warm up and `passes` times for the clock; prints seconds and the checksum of one pass.
static void measure(uint32_t (*pass)(void)) {
  uint32_t sum = pass();
  double start = cpu_seconds();
  for (uint32_t i = 0; i < sizes.passes; i++) {
    if (pass() != sum) {
      fprintf(stderr, "two passes differ\n");
      exit(1);
    }
    __asm__ volatile("" ::: "memory");
  }
  printf("%.9f %u\n", cpu_seconds() - start, sum);
}
