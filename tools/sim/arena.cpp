// Memory for millions of small objects of one thread: size classes without headers, on huge pages. A ring of a hundred thousand nodes is
// some gigabytes that are touched at random, and most of its time went into misses of the processor's page tables.
#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define PHYLLO_SANITIZED 1
#endif
#endif
#if !defined(PHYLLO_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr std::size_t range_bytes = std::size_t{1} << 37;  // of addresses, not of memory
constexpr std::size_t span_bytes = 64 * 1024;              // holds objects of one size
constexpr std::size_t step = 16;
constexpr std::size_t small_max = 2048;
constexpr std::size_t large_step = 512;
constexpr std::size_t large_max = 16 * 1024;  // still larger ones are malloc's
constexpr std::size_t small_classes = small_max / step;
constexpr std::size_t classes = small_classes + (large_max - small_max) / large_step + 1;

constexpr std::size_t class_for(std::size_t size) {
  if (size <= small_max) return (size + step - 1) / step;
  return small_classes + (size - small_max + large_step - 1) / large_step;
}
constexpr std::size_t size_of(std::size_t c) { return c <= small_classes ? c * step : small_max + (c - small_classes) * large_step; }
static_assert(class_for(large_max) + 1 == classes && size_of(classes - 1) == large_max);

class arena {
 public:
  void* allocate(std::size_t size) {
    const auto c = class_for(size);
    auto& list = free_[c];
    if (list == nullptr) return fresh(c);
    auto* out = list;
    list = list->next;
    return out;
  }
  [[nodiscard]] bool holds(const void* p) const noexcept { return offset(p) < range_bytes; }
  void release(void* p) noexcept {
    auto& list = free_[class_of_[offset(p) / span_bytes]];
    auto* f = static_cast<free_object*>(p);
    f->next = list;
    list = f;
  }

 private:
  struct free_object {
    free_object* next;
  };
  struct run {
    char* next = nullptr;
    char* end = nullptr;
  };

  [[nodiscard]] std::size_t offset(const void* p) const noexcept {
    return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_));
  }
  void* fresh(std::size_t c) {
    auto& r = runs_[c];
    const auto size = size_of(c);
    if (static_cast<std::size_t>(r.end - r.next) < size) r = next_span(c);
    auto* out = r.next;
    r.next += size;
    return out;
  }
  run next_span(std::size_t c) {
    if (base_ == nullptr) reserve();
    if (used_ + span_bytes > range_bytes) throw std::bad_alloc();
    auto* at = base_ + used_;
    class_of_[used_ / span_bytes] = static_cast<std::uint8_t>(c);
    used_ += span_bytes;
    return {at, at + span_bytes};
  }
  void reserve() {
    auto* p = mmap(nullptr, range_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    madvise(p, range_bytes, MADV_HUGEPAGE);  // without them it is slower, no more
    base_ = static_cast<char*>(p);
  }

  char* base_ = nullptr;
  std::size_t used_ = 0;
  std::array<free_object*, classes> free_{};
  std::array<run, classes> runs_{};
  std::array<std::uint8_t, range_bytes / span_bytes> class_of_{};
};

constinit arena objects;

void* take(std::size_t size) {
  if (size == 0) size = 1;
  if (size <= large_max) return objects.allocate(size);
  if (auto* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}

void give(void* p) noexcept {
  if (p == nullptr) return;
  if (objects.holds(p)) return objects.release(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, std::size_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t) noexcept { give(p); }

#endif
