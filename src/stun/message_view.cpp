#include "phyllo/stun/message_view.hpp"

#include <algorithm>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/stun/integrity.hpp"

namespace phyllo::stun {
namespace {

constexpr std::size_t fingerprint_size = 8;

constexpr std::size_t padded(std::size_t size) noexcept { return (size + 3) & ~std::size_t{3}; }

std::size_t number_at(core::byte_view data, std::size_t at) noexcept { return static_cast<std::size_t>(data[at]) << 8 | data[at + 1]; }

// Without words: strangers cause it as often as they like, and words take memory.
core::status malformed() { return core::fail(core::errc::malformed); }

bool is_header(core::byte_view data) noexcept {
  if (data.size() < header_size || (data[0] & 0xc0) != 0) return false;
  const auto length = number_at(data, 2);
  constexpr std::array<std::uint8_t, 4> cookie{0x21, 0x12, 0xa4, 0x42};
  return length % 4 == 0 && length == data.size() - header_size && std::ranges::equal(data.subspan(4, 4), cookie);
}

}  // namespace

core::result<message_view> message_view::parse(core::byte_view data) {
  if (!is_header(data)) return core::fail(core::errc::malformed);
  message_view out;
  out.data_ = data;
  if (const auto read = out.read_attributes(); !read) return core::fail(read.error());
  return out;
}

core::status message_view::read_attributes() {
  std::size_t at = header_size;
  for (std::size_t n = 0; at < data_.size(); ++n) {  // each turn takes four octets at least: the length is a multiple of four
    const auto size = number_at(data_, at + 2);
    const auto next = at + attribute_header_size + padded(size);
    if (next > data_.size() || n == attributes_max || fingerprint_ != 0) return malformed();
    const auto type = static_cast<std::uint16_t>(number_at(data_, at));
    if (const auto noted = note(type, data_.subspan(at + attribute_header_size, size), at); !noted) return noted;
    at = next;
  }
  if (visible_ == 0) visible_ = fingerprint_ != 0 ? fingerprint_ : data_.size();
  return {};
}

core::status message_view::note(std::uint16_t type, core::byte_view value, std::size_t at) {
  if (type == attribute_type::fingerprint) {
    if (at + fingerprint_size != data_.size()) return malformed();
    core::wire_reader r(value);
    if (r.u32() != fingerprint_of(data_.first(at)) || !r.done()) return malformed();
    fingerprint_ = at;
  } else if (type == attribute_type::message_integrity && sha1_ == 0 && sha256_ == 0) {
    if (value.size() != 20) return malformed();
    sha1_ = at;
  } else if (type == attribute_type::message_integrity_sha256 && sha256_ == 0) {
    if (value.size() < 16 || value.size() > 32 || value.size() % 4 != 0) return malformed();
    sha256_ = at;
  } else {
    return {};
  }
  if (visible_ == 0) visible_ = at;
  return {};
}

transaction_id message_view::transaction() const noexcept {
  transaction_id out;
  std::ranges::copy(data_.subspan(8, out.size()), out.begin());
  return out;
}

void message_view::iterator::read() noexcept {
  if (rest_.empty()) return;
  current_.type = static_cast<std::uint16_t>(number_at(rest_, 0));
  current_.value = rest_.subspan(attribute_header_size, number_at(rest_, 2));
}

message_view::iterator& message_view::iterator::operator++() noexcept {
  rest_ = rest_.subspan(attribute_header_size + padded(current_.value.size()));
  read();
  return *this;
}

std::optional<core::byte_view> message_view::find(std::uint16_t type) const noexcept {
  for (const auto& a : *this) {
    if (a.type == type) return a.value;
  }
  return std::nullopt;
}

bool message_view::verify(core::byte_view key) const {
  if (sha1_ == 0) return false;
  return identity::constant_time_equal(data_.subspan(sha1_ + attribute_header_size, 20), integrity_of(data_.first(sha1_), key));
}

bool message_view::verify_sha256(core::byte_view key) const {
  if (sha256_ == 0) return false;
  const auto size = number_at(data_, sha256_ + 2);
  const auto mac = integrity_sha256_of(data_.first(sha256_), key, size);
  return identity::constant_time_equal(data_.subspan(sha256_ + attribute_header_size, size), core::byte_view(mac).first(size));
}

}  // namespace phyllo::stun
