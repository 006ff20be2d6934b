// Readers and writers of big-endian wire structures with TLS-like length prefixes (RFC 6940 s.6.2).
#pragma once

#include <cstdint>

#include "phyllo/core/bytes.hpp"

namespace phyllo::core {

// Reads from a view that must outlive it. The first read past the end makes it fail for good: later reads give
// zeros and empty views, so a codec reads a whole structure and asks ok() once.
class wire_reader {
 public:
  explicit wire_reader(byte_view data) noexcept : data_(data) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(integer(3)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() noexcept { return integer(8); }
  byte_view take(std::size_t size) noexcept;
  // opaque<0..2^(8*width)-1>: a length of `width` bytes (1 to 4), then the content.
  byte_view opaque(unsigned width) noexcept;
  byte_view rest() noexcept { return take(remaining()); }

  [[nodiscard]] std::size_t remaining() const noexcept { return data_.size(); }
  [[nodiscard]] bool empty() const noexcept { return data_.empty(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  // All was read and nothing failed: what most structures ask at their end.
  [[nodiscard]] bool done() const noexcept { return ok_ && data_.empty(); }
  void fail() noexcept;

 private:
  std::uint64_t integer(std::size_t size) noexcept;

  byte_view data_;
  bool ok_ = true;
};

inline byte_view wire_reader::take(std::size_t size) noexcept {
  if (!ok_ || size > data_.size()) {
    fail();
    return {};
  }
  const auto taken = data_.first(size);
  data_ = data_.subspan(size);
  return taken;
}

inline std::uint64_t wire_reader::integer(std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (const auto b : take(size)) value = value << 8 | b;
  return value;
}

inline byte_view wire_reader::opaque(unsigned width) noexcept { return take(static_cast<std::size_t>(integer(width))); }

// Appends to a byte string that must outlive it.
class wire_writer {
 public:
  explicit wire_writer(bytes& out) noexcept : out_(&out) {}

  void u8(std::uint8_t v) { integer(v, 1); }
  void u16(std::uint16_t v) { integer(v, 2); }
  void u24(std::uint32_t v) { integer(v, 3); }
  void u32(std::uint32_t v) { integer(v, 4); }
  void u64(std::uint64_t v) { integer(v, 8); }
  void raw(byte_view data) { append(*out_, data); }
  void opaque(unsigned width, byte_view data);

  // A length of `width` bytes that is filled in by close() once the content is written:
  //   auto m = w.open(2); ...; w.close(m);
  struct mark {
    std::size_t at;
    unsigned width;
  };
  [[nodiscard]] mark open(unsigned width);
  void close(mark m);

  // Room for so many bytes more, if it is known beforehand.
  void reserve(std::size_t more);
  [[nodiscard]] std::size_t size() const noexcept { return out_->size(); }

 private:
  void integer(std::uint64_t v, unsigned size) {
    reserve(size);
    for (unsigned i = 0; i < size; ++i) out_->push_back(static_cast<std::uint8_t>(v >> (8 * (size - 1 - i))));
  }

  bytes* out_;
};

}  // namespace phyllo::core
