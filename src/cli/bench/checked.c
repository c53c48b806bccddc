// The same translation as ours in plain C: context and PASID caches, page index and page slots, every check of the
// scalable-mode 4-level walk, accessed and dirty bits. IOTLB and paging caches are off, as in the measurement.
#include <stdbool.h>
#include <string.h>
#include "walk.h"

enum { WAYS = 4, ENTRIES = 256, PAGE_WORDS = 1024, HAW = 46, PASID_BITS = 20 };
enum { READ = 1, WRITE = 2, PRIVILEGED = 4, EXECUTE = 8, TRANSLATED = 16 };
enum { FIRST_STAGE = 1, SECOND_STAGE = 2 };
enum { SRE = 1 << 12, WPE = 1 << 13, EAFE = 1 << 14, SSADE = 1 << 15, SNOOPED = 1 << 16 };
enum { CONTEXT_PASIDE = 8, CONTEXT_FPD = 2 };

// Fault reasons, by the specification's numbers.
enum {
  RTA_2 = 0x31, SRT_1 = 0x38, SRT_2 = 0x39, SRT_3 = 0x3a, SCT_1 = 0x40, SCT_2 = 0x41, SCT_3 = 0x42, SCT_7 = 0x46,
  SCT_8 = 0x47, SPD_1 = 0x50, SPD_2 = 0x51, SPD_3 = 0x52, SPT_1 = 0x58, SPT_2 = 0x59, SPT_3 = 0x5a, SPT_4 = 0x5b,
  SFL_1 = 0x70, SFL_2 = 0x71, SFL_3 = 0x72, SFL_4 = 0x73, SSL_1 = 0x78, SSL_2 = 0x79, SSL_3 = 0x7a, SSL_4 = 0x7b, SFL_9 = 0x90, SSL_5 = 0x7c,
  SGN_1 = 0x80, SGN_2 = 0x81, SGN_5 = 0x84, SGN_6 = 0x85, SGN_7 = 0x86, SGN_8 = 0x87, SGN_10 = 0x89
};

// What the walk needs of a context or PASID table entry, and the entry itself.
struct context_entry {
  uint32_t tag, flags, pasid_bits, rid_pasid;
  uint64_t directory, words[4];
};
struct pasid_entry {
  uint32_t tag, pasid, kind, width, domain, kept;
  uint64_t root, words[8];
};

static struct context_entry contexts[ENTRIES];
static struct pasid_entry pasids[ENTRIES];
static uint32_t context_cursor[ENTRIES / WAYS], pasid_cursor[ENTRIES / WAYS];
// Reserved bits by stage (1, 2), level (1 .. 4) and leaf.
static uint64_t reserved[3][5][2];
static int32_t global_status = (int32_t)0x80000000;
// Result of a translation.
static struct { uint64_t address; int level, rights, how, domain; } result;

#define FRAME 0x000ffffffffff000ull
#define BEYOND (0x000fffffffffffffull & ~((1ull << HAW) - 1))

static inline uint32_t slot_of(uint64_t address) {
  uint64_t page = (address & 0x000fffffffffffffull) >> 12;
  return page < sizes.index_words ? (uint32_t)page_index[page] : 0;
}

static inline uint32_t *place(uint64_t address, uint32_t slot) {
  return slots + (size_t)slot * PAGE_WORDS + ((address & 0xff8) >> 2);
}

static inline uint64_t word_at(const uint32_t *at) {
  return (uint64_t)at[1] << 32 | at[0];
}

// The word at an address; false when there is no memory.
static bool read_word(uint64_t address, uint64_t *word) {
  uint32_t slot = slot_of(address);
  *word = word_at(place(address, slot));
  return slot != 0;
}

static void make_reserved(void) {
  for (int level = 1; level <= 4; level++) {
    uint64_t large = level == 2 ? 0x1ff000ull : level == 3 ? 0x3ffff000ull : 0;
    reserved[FIRST_STAGE][level][0] = BEYOND | (level == 4 ? 0x80 : 0);
    reserved[FIRST_STAGE][level][1] = BEYOND | (large & ~0x1000ull);
    reserved[SECOND_STAGE][level][0] = BEYOND | 1ull << 62 | 0x800 | (level == 4 ? 0x80 : 0);
    reserved[SECOND_STAGE][level][1] = BEYOND | 1ull << 62 | large;
  }
}

static inline uint32_t hash_set(uint32_t hash) {
  return ((hash * 0x9e3779b1u) >> 16) * (ENTRIES / WAYS) >> 16;
}

static int fill_context(uint32_t requester, struct context_entry **out) {
  uint64_t root, upper, words[4];
  uint64_t root_at = sizes.root_table + (requester >> 8) * 16;
  if (!read_word(root_at, &root)) return SRT_1;
  read_word(root_at + 8, &upper);
  uint64_t half = requester & 0x80 ? upper : root;
  if (!(half & 1)) return SRT_2;
  if (half & (BEYOND | 0xffe)) return SRT_3;
  uint64_t at = (half & FRAME) + (requester & 0x7f) * 32;
  for (int i = 0; i < 4; i++)
    if (!read_word(at + i * 8ull, &words[i])) return SCT_1;
  if (!(words[0] & 1)) return SCT_2;
  if ((words[0] & (BEYOND | 0x1e0)) || words[1] >> 21 || words[2] || words[3]) return SCT_3;
  uint32_t set = hash_set(requester + 1);
  struct context_entry *entry = &contexts[set * WAYS + context_cursor[set]++ % WAYS];
  entry->tag = 1u << 16 | requester;
  entry->flags = words[0] & 0x1f;
  // The directory has 2^(PDTS + 7) entries of 64 PASIDs each.
  entry->pasid_bits = ((words[0] >> 9) & 7) + 13;
  entry->rid_pasid = words[1] & 0xfffff;
  entry->directory = words[0] & FRAME;
  memcpy(entry->words, words, sizeof words);
  *out = entry;
  return 0;
}

static int fill_pasid(const struct context_entry *context, uint32_t requester, uint32_t pasid, struct pasid_entry **out) {
  uint64_t pointer, words[8];
  if (!read_word(context->directory + (pasid >> 6) * 8ull, &pointer)) return SPD_1;
  if (!(pointer & 1)) return SPD_2;
  if (pointer & (BEYOND | 0xffc)) return SPD_3;
  for (int i = 0; i < 8; i++)
    if (!read_word((pointer & FRAME) + (pasid & 63) * 64ull + i * 8ull, &words[i])) return SPT_1;
  if (!(words[0] & 1)) return SPT_2;
  if ((words[0] & (BEYOND | 0xc00)) || (words[2] & (BEYOND | 0xf00)) || words[4] || words[6] || words[7]) return SPT_3;
  uint32_t stage = (words[0] >> 6) & 7, aw = (words[0] >> 2) & 7;
  if (stage != FIRST_STAGE && stage != SECOND_STAGE) return SPT_4;
  if (stage == SECOND_STAGE ? aw != 2 : (words[2] & 0xc) != 0) return SPT_4;
  uint32_t set = hash_set(requester + 1 + pasid * 0x85ebca6bu);
  struct pasid_entry *entry = &pasids[set * WAYS + pasid_cursor[set]++ % WAYS];
  entry->tag = 1u << 16 | requester;
  entry->pasid = pasid;
  entry->kind = stage | (words[2] & 1 ? SRE : 0) | (words[2] & 0x10 ? WPE : 0) | (words[2] & 0x80 ? EAFE : 0) |
                (words[0] & 0x200 ? SSADE : 0) | (words[1] & 1 << 23 ? SNOOPED : 0);
  entry->width = 48;
  entry->domain = words[1] & 0xffff;
  entry->root = (stage == FIRST_STAGE ? words[2] : words[0]) & FRAME;
  memcpy(entry->words, words, sizeof words);
  *out = entry;
  return 0;
}

static inline struct context_entry *find_context(uint32_t requester) {
  struct context_entry *set = contexts + hash_set(requester + 1) * WAYS;
  for (int way = 0; way < WAYS; way++)
    if (set[way].tag == (1u << 16 | requester)) return set + way;
  return NULL;
}

static inline struct pasid_entry *find_pasid(uint32_t requester, uint32_t pasid) {
  struct pasid_entry *set = pasids + hash_set(requester + 1 + pasid * 0x85ebca6bu) * WAYS;
  for (int way = 0; way < WAYS; way++)
    if (set[way].tag == (1u << 16 | requester) && set[way].pasid == pasid) return set + way;
  return NULL;
}

// Sets bits in the entries of a walk, the top table's last.
static void set_bits(uint32_t *const visited[4], int leaf, uint32_t bits, uint32_t leaf_bits) {
  for (int level = leaf; level <= 4; level++) *visited[level - 1] |= bits;
  *visited[leaf - 1] |= leaf_bits;
}

static inline bool in_interrupt_range(uint64_t address) {
  return address >> 20 == 0xfee;
}

static int first_stage(const struct pasid_entry *p, uint64_t address, uint32_t flags) {
  uint64_t upper = address >> 47;
  if (upper != 0 && upper != 0x1ffff) return SGN_1;
  bool supervisor = flags & PRIVILEGED;
  if (supervisor && !(p->kind & SRE)) return SGN_10;
  uint32_t *visited[4];
  uint64_t table = p->root, rights = ~0ull, all = ~0ull, entry;
  int level = 4;
  for (;; level--) {
    uint64_t at = table + ((address >> (3 + 9 * level)) & 511) * 8;
    uint32_t slot = slot_of(at);
    visited[level - 1] = place(at, slot);
    entry = word_at(visited[level - 1]);
    if (!(entry & 1)) return slot ? SFL_2 : level == 4 ? SFL_4 : SFL_1;
    bool leaf = level == 1 || (level < 4 && entry & 0x80);
    if (entry & reserved[FIRST_STAGE][level][leaf]) return SFL_3;
    rights &= entry;
    all &= entry;
    if (leaf) break;
    table = entry & FRAME;
  }
  if (!supervisor && !(rights & 4)) return SGN_2;
  if (flags & WRITE && !(rights & 2) && (!supervisor || p->kind & WPE)) return SGN_6;
  uint64_t offset = (1ull << (3 + 9 * level)) - 1;
  uint64_t target = (entry & FRAME & ~offset) | (address & offset);
  if (in_interrupt_range(target)) return SGN_8;
  bool dirty = entry & 0x40;
  if (!(all & 0x20) || (flags & WRITE && !dirty)) {
    if (!(p->kind & SNOOPED)) return SFL_9;
    set_bits(visited, level, 0x20, flags & WRITE ? 0x40 : 0);
  }
  result.address = target;
  result.level = level;
  result.rights = READ | (rights & 2 ? WRITE : 0);
  return 0;
}

static int second_stage(const struct pasid_entry *p, uint64_t address, uint32_t flags) {
  if (address >> p->width) return SGN_5;
  uint32_t *visited[4];
  uint64_t table = p->root, rights = ~0ull, all = ~0ull, entry;
  int level = 4;
  for (;; level--) {
    uint64_t at = table + ((address >> (3 + 9 * level)) & 511) * 8;
    uint32_t slot = slot_of(at);
    visited[level - 1] = place(at, slot);
    entry = word_at(visited[level - 1]);
    if (!(entry & 3)) return slot ? SSL_2 : level == 4 ? SSL_4 : SSL_1;
    bool leaf = level == 1 || (level < 4 && entry & 0x80);
    if (entry & reserved[SECOND_STAGE][level][leaf]) return SSL_3;
    rights &= entry;
    all &= entry;
    if (leaf) break;
    table = entry & FRAME;
  }
  if (flags & READ && !(rights & 1)) return SGN_7;
  if (flags & WRITE && !(rights & 2)) return SGN_6;
  uint64_t offset = (1ull << (3 + 9 * level)) - 1;
  uint64_t target = (entry & FRAME & ~offset) | (address & offset);
  if (in_interrupt_range(target)) return SGN_8;
  if (p->kind & SSADE && (!(all & 0x100) || (flags & WRITE && !(entry & 0x200)))) {
    if (!(p->kind & SNOOPED)) return SSL_5;
    set_bits(visited, level, 0x100, flags & WRITE ? 0x200 : 0);
  }
  result.address = target;
  result.level = level;
  result.rights = rights & 3;
  return 0;
}

// One request: 0 or the fault reason.
static int translate(uint32_t requester, int32_t pasid, uint64_t address, uint32_t flags) {
  if (global_status >= 0) {
    result.address = address;
    return 0;
  }
  if (flags & TRANSLATED) return RTA_2;
  if (pasid < 0 && in_interrupt_range(address)) return 0x101;
  struct context_entry *context = find_context(requester);
  int fault;
  if (!context && (fault = fill_context(requester, &context))) return fault;
  if (pasid >= 0 && !(context->flags & CONTEXT_PASIDE)) return SCT_8;
  uint32_t effective = pasid < 0 ? context->rid_pasid : (uint32_t)pasid;
  if (effective >> PASID_BITS || effective >> context->pasid_bits) return SCT_7;
  struct pasid_entry *entry = find_pasid(requester, effective);
  if (!entry && (fault = fill_pasid(context, requester, effective, &entry))) return fault;
  result.domain = entry->domain;
  result.how = 0;
  return (entry->kind & 7) == FIRST_STAGE ? first_stage(entry, address, flags) : second_stage(entry, address, flags);
}

static uint32_t pass(void) {
  uint32_t sum = 0;
  const struct request *end = requests + sizes.requests;
  for (const struct request *r = requests; r < end; r++) {
    uint64_t address = (uint64_t)(uint32_t)r->high << 32 | (uint32_t)r->low;
    int fault = translate(r->requester, r->pasid, address, r->flags);
    if (fault) {
      fprintf(stderr, "0x%llx is refused with 0x%x\n", (unsigned long long)address, fault);
      exit(1);
    }
    sum += (uint32_t)result.address ^ (uint32_t)(result.address >> 32);
  }
  return sum;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  load(arguments[1]);
  make_reserved();
  measure(pass);
  return 0;
}
