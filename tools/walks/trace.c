/* The runtime of an instrumented build for tools/measure-walks: writes down which functions are entered, in what order.
 *
 * Where the environment's PHYLLO_WALKS names a directory, the process makes a file there named by its process id, and maps it: `walk_trace`
 * below. Whoever measures maps the same file, sets `on` and reads what came. Without the variable a hook costs a load and a branch.
 * PHYLLO_WALKS_ON=1 has the trace on from the start. Built without instrumentation, by tools/walks/build. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES_MAX (1u << 23)

struct walk_trace {
  _Atomic uint32_t on;
  _Atomic uint32_t count; /* of entries that came; those past the end are lost */
  uint32_t entries_max;
  uint32_t unused;
  struct {
    uint32_t function; /* its address, less that of the program's beginning */
    uint32_t thread;   /* threads count from 1 in the order in which they are first seen */
  } entries[ENTRIES_MAX];
};

extern char __executable_start[]; /* the linker's word for the program's beginning */

static struct walk_trace* trace;
static _Atomic uint32_t threads;
static _Thread_local uint32_t own_thread;

__attribute__((constructor(101))) static void open_trace(void) {
  const char* directory = getenv("PHYLLO_WALKS");
  if (directory == NULL) return;
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", directory, (int)getpid());
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  void* mapped = MAP_FAILED;
  if (ftruncate(file, sizeof(struct walk_trace)) == 0) {
    mapped = mmap(NULL, sizeof(struct walk_trace), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  if (mapped == MAP_FAILED) return;
  trace = mapped;
  trace->entries_max = ENTRIES_MAX;
  const char* from_start = getenv("PHYLLO_WALKS_ON");
  if (from_start != NULL && strcmp(from_start, "1") == 0) trace->on = 1;
}

void __cyg_profile_func_enter(void* function, void* caller) {
  (void)caller;
  if (trace == NULL || !atomic_load_explicit(&trace->on, memory_order_relaxed)) return;
  if (own_thread == 0) own_thread = ++threads;
  uint32_t at = atomic_fetch_add_explicit(&trace->count, 1, memory_order_relaxed);
  if (at >= ENTRIES_MAX) return;
  trace->entries[at].function = (uint32_t)((uintptr_t)function - (uintptr_t)__executable_start);
  trace->entries[at].thread = own_thread;
}

void __cyg_profile_func_exit(void* function, void* caller) {
  (void)function;
  (void)caller;
}
