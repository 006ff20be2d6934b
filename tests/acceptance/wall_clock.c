/* Preloaded into a process: its wall clock is the machine's and what the file named by WALL_CLOCK says, nanoseconds as a 64-bit number, which
 * may be set while it runs. Monotonic time and timers are left alone. (libfaketime takes the times of monotonic timers for the wall clock's:
 * an event loop under it stands still when its clock is wrong.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t billion = 1000000000;
static int (*machine_clock)(clockid_t, struct timespec*);
static const volatile int64_t* offset;

__attribute__((constructor)) static void start(void) {
  *(void**)&machine_clock = dlsym(RTLD_NEXT, "clock_gettime");
  const char* name = getenv("WALL_CLOCK");
  const int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* mapped = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) offset = mapped;
  close(file);
}

int clock_gettime(clockid_t id, struct timespec* at) {
  if (!machine_clock) start();
  const int status = machine_clock(id, at);
  if (status != 0 || !offset || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return status;
  const int64_t whole = (int64_t)at->tv_sec * billion + at->tv_nsec + *offset;
  at->tv_sec = whole / billion;
  at->tv_nsec = whole % billion;
  return 0;
}

int gettimeofday(struct timeval* restrict at, void* restrict zone) {
  (void)zone;
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  at->tv_sec = exact.tv_sec;
  at->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* at) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (at) *at = exact.tv_sec;
  return exact.tv_sec;
}
