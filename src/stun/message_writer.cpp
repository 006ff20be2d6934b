#include "phyllo/stun/message_writer.hpp"

#include <algorithm>
#include <array>

#include "phyllo/stun/integrity.hpp"

namespace phyllo::stun {
namespace {

constexpr std::size_t message_max = header_size + 0xfffc;

// In network order.
void put(std::span<std::uint8_t> into, std::uint64_t number) noexcept {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::uint8_t>(number >> (8 * (into.size() - 1 - i)));
}

}  // namespace

message_writer::message_writer(std::span<std::uint8_t> into, std::uint16_t type, const transaction_id& transaction) noexcept
    : into_(into.first(std::min(into.size(), message_max))) {
  ok_ = into_.size() >= header_size;
  if (!ok_) return;
  put(into_.first(2), type);
  put(into_.subspan(4, 4), magic_cookie);
  std::ranges::copy(transaction, into_.begin() + 8);
  size_ = header_size;
  set_length(size_);
}

void message_writer::set_length(std::size_t end) noexcept { put(into_.subspan(2, 2), end - header_size); }

// Room for a value, all of it zero; empty, too, where there is none.
std::span<std::uint8_t> message_writer::open(std::uint16_t type, std::size_t size) noexcept {
  const auto whole = attribute_header_size + (size + 3) / 4 * 4;
  ok_ = ok_ && size <= 0xffff && into_.size() - size_ >= whole;
  if (!ok_) return {};
  const auto place = into_.subspan(size_, whole);
  std::ranges::fill(place, std::uint8_t{0});
  put(place.first(2), type);
  put(place.subspan(2, 2), size);
  size_ += whole;
  set_length(size_);
  return place.subspan(attribute_header_size, size);
}

void message_writer::add(std::uint16_t type, core::byte_view value) noexcept {
  const auto room = open(type, value.size());
  if (!room.empty()) std::ranges::copy(value, room.begin());
}

void message_writer::add_octet(std::uint16_t type, std::uint8_t value) noexcept {
  const auto room = open(type, type == attribute_type::even_port ? 1 : 4);
  if (!room.empty()) room[0] = value;
}

void message_writer::add_number16(std::uint16_t type, std::uint16_t value) noexcept {
  const auto room = open(type, 4);
  if (!room.empty()) put(room.first(2), value);
}

void message_writer::add_number32(std::uint16_t type, std::uint32_t value) noexcept { put(open(type, 4), value); }

void message_writer::add_number64(std::uint16_t type, std::uint64_t value) noexcept { put(open(type, 8), value); }

void message_writer::add_address(std::uint16_t type, const core::endpoint& e) noexcept {
  if (const auto room = open(type, address_size(e)); !room.empty()) write_address(room, e);
}

void message_writer::add_xor_address(std::uint16_t type, const core::endpoint& e) noexcept {
  const auto room = open(type, address_size(e));
  if (room.empty()) return;
  transaction_id transaction;
  std::ranges::copy(into_.subspan(8, transaction.size()), transaction.begin());
  write_xor_address(room, e, transaction);
}

//  |           Reserved, should be 0         |Class|     Number    |
void message_writer::add_error(int code, std::string_view reason) noexcept {
  const auto room = open(attribute_type::error_code, 4 + reason.size());
  if (room.empty()) return;
  room[2] = static_cast<std::uint8_t>(code / 100);
  room[3] = static_cast<std::uint8_t>(code % 100);
  std::ranges::copy(core::as_bytes(reason), room.begin() + 4);
}

//  |  Family       |    Reserved             |Class|     Number    |
void message_writer::add_address_error(address_family family, int code) noexcept {
  const auto room = open(attribute_type::address_error_code, 4);
  if (room.empty()) return;
  room[0] = static_cast<std::uint8_t>(family);
  room[2] = static_cast<std::uint8_t>(code / 100);
  room[3] = static_cast<std::uint8_t>(code % 100);
}

void message_writer::add_types(std::uint16_t type, std::span<const std::uint16_t> types) noexcept {
  const auto room = open(type, 2 * types.size());
  if (room.empty()) return;
  for (std::size_t i = 0; i < types.size(); ++i) put(room.subspan(2 * i, 2), types[i]);
}

void message_writer::add_algorithm(password_algorithm a) noexcept {
  const auto room = open(attribute_type::password_algorithm, 4);
  if (!room.empty()) put(room.first(2), static_cast<std::uint16_t>(a));
}

void message_writer::add_algorithms(std::span<const password_algorithm> offered) noexcept {
  const auto room = open(attribute_type::password_algorithms, 4 * offered.size());
  if (room.empty()) return;
  for (std::size_t i = 0; i < offered.size(); ++i) put(room.subspan(4 * i, 2), static_cast<std::uint16_t>(offered[i]));
}

//  |       Reserved                |  ICMP Type  |  ICMP Code      |
//  |                          Error Data                           |
void message_writer::add_icmp(const icmp_value& v) noexcept {
  const auto room = open(attribute_type::icmp, 8);
  if (room.empty()) return;
  room[2] = v.type;
  room[3] = v.code;
  put(room.subspan(4, 4), v.data);
}

void message_writer::add_integrity(core::byte_view key) {
  const auto before = size_;
  const auto room = open(attribute_type::message_integrity, 20);
  if (!room.empty()) std::ranges::copy(integrity_of(into_.first(before), key), room.begin());
}

void message_writer::add_integrity_sha256(core::byte_view key, std::size_t size) {
  const auto before = size_;
  const auto room = open(attribute_type::message_integrity_sha256, size);
  if (room.empty()) return;
  const auto mac = integrity_sha256_of(into_.first(before), key, size);
  std::copy_n(mac.begin(), size, room.begin());
}

void message_writer::add_fingerprint() noexcept {
  const auto before = size_;
  if (const auto room = open(attribute_type::fingerprint, 4); !room.empty()) put(room, fingerprint_of(into_.first(before)));
}

}  // namespace phyllo::stun
