// STUN from strangers: reading where it lies, all readers of values, and that what is read is written again to the same message.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/stun/message.hpp"
#include "phyllo/stun/message_writer.hpp"
#include "phyllo/stun/value.hpp"

using namespace phyllo;

namespace {

void read_value(const stun::attribute_view& a, const stun::transaction_id& id) {
  std::array<std::uint16_t, 8> types{};
  static_cast<void>(stun::address_of(a.value));
  static_cast<void>(stun::xor_address_of(a.value, id));
  static_cast<void>(stun::error_of(a.value));
  static_cast<void>(stun::address_error_of(a.value));
  static_cast<void>(stun::icmp_of(a.value));
  static_cast<void>(stun::algorithm_of(a.value));
  static_cast<void>(stun::preferred_algorithm(a.value));
  static_cast<void>(stun::number16_of(a.value));
  static_cast<void>(stun::number32_of(a.value));
  static_cast<void>(stun::number64_of(a.value));
  static_cast<void>(stun::octet_of(a.value));
  if (stun::types_of(a.value, types) > types.size()) std::abort();
}

// Written again with integrity, it is the same message to a reader.
void write_again(const stun::message_view& m) {
  std::array<std::uint8_t, 4096> room;
  room.fill(0xee);
  const auto key = core::as_bytes("key");
  stun::message_writer w(room, m.type(), m.transaction());
  for (const auto& a : m) w.add(a.type, a.value);
  w.add_integrity(key);
  w.add_integrity_sha256(key, 20);
  w.add_fingerprint();
  if (!w.ok()) return;
  const auto again = stun::message_view::parse(w.done());
  if (!again || !again->verify(key) || !again->verify_sha256(key)) std::abort();
  auto theirs = m.begin();
  for (const auto& a : *again) {
    if (theirs == m.end() || (*theirs).type != a.type || !core::equal((*theirs).value, a.value)) std::abort();
    ++theirs;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto view = stun::message_view::parse({data, size});
  const auto m = stun::message::decode({data, size});
  if (m && !view) std::abort();
  if (!view) return 0;
  for (const auto& a : *view) read_value(a, view->transaction());
  static_cast<void>(view->verify(core::as_bytes("key")));
  static_cast<void>(view->verify_sha256(core::as_bytes("key")));
  write_again(*view);
  if (!m) return 0;
  static_cast<void>(m->xor_mapped_address());
  static_cast<void>(stun::unknown_required_attributes(*m));
  const auto again = stun::message::decode(m->encode());
  if (!again && m->find(stun::attribute_type::fingerprint) == nullptr) std::abort();
  return 0;
}
