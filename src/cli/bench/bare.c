// The wall: a request finds its warm context by one hash and walks four levels in one flat array. No check beyond "present".
#include "walk.h"

#define ADDRESS 0x000ffffffffff000ull

enum { CONTEXTS = 1024, PASID_BITS = 20 };

// Open addressing over (requester, PASID); key 0 is free, since no request of the list has PASID 0.
static struct { uint64_t key, top; } contexts[CONTEXTS];

static inline uint64_t key_of(const struct request *r) {
  return (uint64_t)(uint32_t)r->requester << PASID_BITS | (uint32_t)r->pasid;
}

static inline uint32_t hash_of(uint64_t key) {
  return ((uint32_t)(key ^ key >> PASID_BITS) * 0x9e3779b1u) >> 22;
}

static void warm(void) {
  for (uint32_t i = 0; i < sizes.requests; i++) {
    uint64_t key = key_of(&requests[i]);
    uint32_t at = hash_of(key);
    while (contexts[at].key && contexts[at].key != key) at = (at + 1) % CONTEXTS;
    contexts[at].key = key;
    contexts[at].top = tops[requests[i].context];
  }
}

static inline uint64_t walk(uint64_t table, uint64_t address, uint64_t present) {
  for (int shift = 39; shift >= 12; shift -= 9) {
    uint64_t entry = flat[(table >> 3) + ((address >> shift) & 511)];
    if (!(entry & present)) return 0;
    table = entry & ADDRESS;
  }
  return table | (address & 0xfff);
}

static uint32_t pass(void) {
  uint32_t sum = 0;
  uint64_t present = sizes.first_stage ? 1 : 3;
  const struct request *end = requests + sizes.requests;
  for (const struct request *r = requests; r < end; r++) {
    uint64_t address = (uint64_t)(uint32_t)r->high << 32 | (uint32_t)r->low;
    uint64_t key = key_of(r);
    uint32_t at = hash_of(key);
    while (contexts[at].key != key) at = (at + 1) % CONTEXTS;
    uint64_t target = walk(contexts[at].top, address, present);
    sum += (uint32_t)target ^ (uint32_t)(target >> 32);
  }
  return sum;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  load(arguments[1]);
  warm();
  measure(pass);
  return 0;
}
