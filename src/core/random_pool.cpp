#include "phyllo/core/random_pool.hpp"

#include <strings.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace phyllo::core {
namespace {

// Zeroed in children, and in no core dump. Null: the kernel can not do that.
void* private_page(std::size_t size) noexcept {
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  if (::madvise(at, size, MADV_WIPEONFORK) == 0) {
    ::madvise(at, size, MADV_DONTDUMP);
    return at;
  }
  ::munmap(at, size);
  return nullptr;
}

}  // namespace

void kernel_random(std::span<std::uint8_t> out) {
  while (!out.empty()) {  // ends when all is filled; the kernel's pool never runs dry after boot
    const auto n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    out = out.subspan(static_cast<std::size_t>(n));
  }
}

random_pool::random_pool(source from) : from_(from), page_(static_cast<page*>(private_page(sizeof(page)))) {}

random_pool::~random_pool() {
  if (page_ == nullptr) return;
  ::explicit_bzero(page_, sizeof *page_);
  ::munmap(page_, sizeof *page_);
}

void random_pool::take(std::span<std::uint8_t> out) {
  if (page_ == nullptr || out.size() >= key_octets) return from_(out);
  while (!out.empty()) {  // ends: each turn gives something
    if (page_->left == 0) {
      from_(page_->octets);
      page_->left = octets_held;
    }
    const auto n = std::min<std::size_t>(out.size(), page_->left);
    page_->left -= n;
    std::memcpy(out.data(), page_->octets.data() + page_->left, n);
    ::explicit_bzero(page_->octets.data() + page_->left, n);
    out = out.subspan(n);
  }
}

std::span<const std::uint8_t> random_pool::memory() const noexcept {
  if (page_ == nullptr) return {};
  return page_->octets;
}

}  // namespace phyllo::core
