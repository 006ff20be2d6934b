#include "phyllo/stun/message.hpp"

#include <algorithm>

#include "phyllo/core/errc.hpp"
#include "phyllo/stun/message_writer.hpp"
#include "phyllo/stun/value.hpp"

namespace phyllo::stun {

core::result<message> message::decode(core::byte_view data) {
  const auto view = message_view::parse(data);
  if (!view) return core::fail(view.error());
  message out;
  out.type = static_cast<message_type>(view->type());
  out.transaction = view->transaction();
  for (message_view::iterator i(data.subspan(header_size)); i != std::default_sentinel; ++i) {
    if (out.attributes.size() == attributes_max) return core::fail(core::errc::malformed);
    out.add((*i).type, core::to_bytes((*i).value));
  }
  return out;
}

core::bytes message::encode(bool with_fingerprint) const {
  std::size_t size = header_size + (with_fingerprint ? attribute_header_size + 4 : 0);
  for (const auto& a : attributes) size += attribute_header_size + (a.value.size() + 3) / 4 * 4;
  core::bytes out(size);
  message_writer w(out, static_cast<std::uint16_t>(type), transaction);
  for (const auto& a : attributes) w.add(a.type, a.value);
  if (with_fingerprint) w.add_fingerprint();
  out.resize(w.done().size());
  return out;
}

const core::bytes* message::find(std::uint16_t wanted) const noexcept {
  const auto i = std::ranges::find(attributes, wanted, &attribute::type);
  return i == attributes.end() ? nullptr : &i->value;
}

void message::add_xor_mapped_address(const core::endpoint& e) {
  core::bytes value(address_size(e));
  write_xor_address(value, e, transaction);
  add(attribute_type::xor_mapped_address, std::move(value));
}

std::optional<core::endpoint> message::xor_mapped_address() const {
  const auto* value = find(attribute_type::xor_mapped_address);
  return value == nullptr ? std::nullopt : xor_address_of(*value, transaction);
}

std::vector<std::uint16_t> unknown_required_attributes(const message& m) {
  // What a request may bring and a server without credentials passes over: USERNAME, MESSAGE-INTEGRITY, REALM, NONCE,
  // MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH, PRIORITY, USE-CANDIDATE (RFC 8489 s.18.3, RFC 8445 s.20.1).
  static constexpr std::array<std::uint16_t, 9> passed_over{0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0024, 0x0025};
  std::vector<std::uint16_t> out;
  for (const auto& a : m.attributes) {
    if (a.type < 0x8000 && std::ranges::find(passed_over, a.type) == passed_over.end()) out.push_back(a.type);
  }
  return out;
}

}  // namespace phyllo::stun
