// Random octets for one thread, fetched a page at a time: a message needs a few, and a system call each would cost more than the message.
// Each octet is given once and erased as it is given. A child process finds an empty pool (MADV_WIPEONFORK). Keys are never held in it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace phyllo::core {

// From the kernel (getrandom(2)): what every key that lives long is made of.
void kernel_random(std::span<std::uint8_t> out);

class random_pool {
 public:
  using source = void (*)(std::span<std::uint8_t> out);

  explicit random_pool(source from = kernel_random);
  ~random_pool();
  random_pool(const random_pool&) = delete;
  random_pool& operator=(const random_pool&) = delete;

  // As many octets as a key has are asked of the source: a key has never been in memory before it is made. Tags, branches and numbers
  // of messages are shorter.
  static constexpr std::size_t key_octets = 32;
  void take(std::span<std::uint8_t> out);
  [[nodiscard]] std::size_t held() const noexcept { return page_ == nullptr ? 0 : page_->left; }
  // All octets of the page; those that were given are zero.
  [[nodiscard]] std::span<const std::uint8_t> memory() const noexcept;

 private:
  static constexpr std::size_t octets_held = 4096 - sizeof(std::uint64_t);
  struct page {
    std::uint64_t left;  // the first ones; zero in a child process
    std::array<std::uint8_t, octets_held> octets;
  };

  source from_;
  page* page_;  // null: the system has no such memory, and the source is asked each time
};

}  // namespace phyllo::core
