// Reads a STUN message where it lies (RFC 8489 s.5, s.14): no copy and no allocation, in one pass over its octets.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |0 0|     STUN Message Type     |         Message Length        |
//  |                         Magic Cookie                          |
//  |                     Transaction ID (96 bits)                  |
//  |   Attribute type              |     Attribute length          |
//  |   Value, padded to a multiple of four octets            ...   |
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/stun/attribute.hpp"
#include "phyllo/stun/method.hpp"

namespace phyllo::stun {

inline constexpr std::uint32_t magic_cookie = 0x2112a442;
inline constexpr std::size_t header_size = 20;
inline constexpr std::size_t attribute_header_size = 4;

using transaction_id = std::array<std::uint8_t, 12>;

struct attribute_view {
  std::uint16_t type = 0;
  core::byte_view value;
};

// The octets must outlive it.
class message_view {
 public:
  static constexpr std::size_t attributes_max = 64;

  // core::errc::malformed: no STUN message, an attribute that leaves it, too many, something behind a FINGERPRINT, or one that does not
  // match. Whether values have the form that their attribute asks for is not looked at.
  [[nodiscard]] static core::result<message_view> parse(core::byte_view data);

  [[nodiscard]] std::uint16_t type() const noexcept { return static_cast<std::uint16_t>(data_[0] << 8 | data_[1]); }
  [[nodiscard]] method what() const noexcept { return method_of(type()); }
  [[nodiscard]] message_class kind() const noexcept { return class_of(type()); }
  [[nodiscard]] transaction_id transaction() const noexcept;
  [[nodiscard]] core::byte_view octets() const noexcept { return data_; }
  [[nodiscard]] bool has_fingerprint() const noexcept { return fingerprint_ != 0; }

  // What a receiver looks at: all before the first MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 (RFC 8489 s.14.5, s.14.6). Integrity and
  // fingerprint are not among them.
  class iterator {
   public:
    using value_type = attribute_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    iterator() = default;
    explicit iterator(core::byte_view rest) : rest_(rest) { read(); }
    [[nodiscard]] attribute_view operator*() const noexcept { return current_; }
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      auto old = *this;
      ++*this;
      return old;
    }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return rest_.empty(); }

   private:
    void read() noexcept;
    core::byte_view rest_;
    attribute_view current_;
  };
  [[nodiscard]] iterator begin() const noexcept { return iterator(data_.subspan(header_size, visible_ - header_size)); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  // The first of that type; nullopt: there is none.
  [[nodiscard]] std::optional<core::byte_view> find(std::uint16_t type) const noexcept;
  [[nodiscard]] bool has(std::uint16_t type) const noexcept { return find(type).has_value(); }

  [[nodiscard]] bool has_integrity() const noexcept { return sha1_ != 0; }
  [[nodiscard]] bool has_integrity_sha256() const noexcept { return sha256_ != 0; }
  // Whether MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 (of 16 to 32 octets, RFC 8489 s.14.6) is there and was made with `key`. Compared in
  // constant time.
  [[nodiscard]] bool verify(core::byte_view key) const;
  [[nodiscard]] bool verify_sha256(core::byte_view key) const;

 private:
  message_view() = default;
  core::status read_attributes();
  core::status note(std::uint16_t type, core::byte_view value, std::size_t at);

  core::byte_view data_;
  std::size_t visible_ = 0;  // where that ends which a receiver looks at
  std::size_t sha1_ = 0;     // where these attributes begin; 0: they are not there
  std::size_t sha256_ = 0;
  std::size_t fingerprint_ = 0;
};

}  // namespace phyllo::stun
