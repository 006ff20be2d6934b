#include "dialog_token.hpp"

#include <algorithm>
#include <utility>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

//  0               1
//  +-+-+-+-+-+-+-+-+
//  |U|6|L|B|N| by  |   U: user follows; 6: the address is IPv6; L: listens follows; B: beyond; N: a node's id follows, and L is authority
//  +-+-+-+-+-+-+-+-+
constexpr std::uint8_t with_user = 0x80;
constexpr std::uint8_t with_ipv6 = 0x40;
constexpr std::uint8_t with_listens = 0x20;
constexpr std::uint8_t with_beyond = 0x10;
constexpr std::uint8_t with_node = 0x08;
constexpr std::uint8_t protocol_bits = 0x07;

std::uint64_t leading(core::byte_view hash) { return core::wire_reader(hash).u64(); }

void write(core::wire_writer& w, const transport::endpoint& e) {
  if (e.address.is_v4()) {
    w.raw(e.address.to_v4().to_bytes());
  } else {
    w.raw(e.address.to_v6().to_bytes());
  }
  w.u16(e.port);
}

template <class Address>
asio::ip::address read_address(core::wire_reader& r) {
  typename Address::bytes_type octets{};
  const auto raw = r.take(octets.size());
  std::copy(raw.begin(), raw.end(), octets.begin());
  return Address(octets);
}

transport::endpoint read_endpoint(core::wire_reader& r, bool ipv6) {
  transport::endpoint e;
  e.address = ipv6 ? read_address<asio::ip::address_v6>(r) : read_address<asio::ip::address_v4>(r);
  e.port = r.u16();
  return e;
}

void write(core::wire_writer& w, const dialog_end& e) {
  const auto& at = e.node ? e.node->at : e.over.remote;
  std::uint8_t flags = std::to_underlying(e.over.by);
  if (e.user != 0) flags |= with_user;
  if (at.address.is_v6()) flags |= with_ipv6;
  if (e.node ? e.node->authority : e.listens != 0) flags |= with_listens;
  if (e.beyond) flags |= with_beyond;
  if (e.node) flags |= with_node;
  w.u8(flags);
  if (e.user != 0) w.u64(e.user);
  write(w, at);
  if (e.node) {
    w.raw(e.node->id.view());
    return;
  }
  if (e.listens != 0) w.u16(e.listens);
  if (reliable(e.over.by)) w.u64(std::to_underlying(e.over.id));
}

dialog_end read_end(core::wire_reader& r) {
  dialog_end e;
  const auto flags = r.u8();
  if ((flags & protocol_bits) > std::to_underlying(protocol::wss)) r.fail();
  e.over.by = static_cast<protocol>(flags & protocol_bits);
  e.beyond = (flags & with_beyond) != 0;
  if ((flags & with_user) != 0) e.user = r.u64();
  const auto at = read_endpoint(r, (flags & with_ipv6) != 0);
  if ((flags & with_node) != 0) {
    const auto id = identity::node_id::from_bytes(r.take(identity::node_id::size));
    e.node = node_way{id.value_or(identity::node_id()), at, (flags & with_listens) != 0};
    return e;
  }
  e.over.remote = at;
  if ((flags & with_listens) != 0) e.listens = r.u16();
  if (reliable(e.over.by)) e.over.id = static_cast<flow_id>(r.u64());
  return e;
}

}  // namespace

std::uint64_t user_hash(std::string_view address_of_record) { return leading(identity::sha256(core::as_bytes(address_of_record))); }

std::uint64_t dialog_hash(std::string_view call_id, std::string_view callers_tag) {
  constexpr std::string_view between = "\n";  // in neither
  return leading(identity::sha256({core::as_bytes(call_id), core::as_bytes(between), core::as_bytes(callers_tag)}));
}

std::uint64_t node_hash(const identity::node_id& id) noexcept { return core::wire_reader(id.view()).u64(); }

destination dialog_end::to() const {
  if (!node) {
    auto d = to_flow(over);
    if (over.by == protocol::udp && listens != 0) d.at.port = listens;
    return d;
  }
  destination d;
  d.by = protocol::tls;
  d.at = node->at;
  d.node = node->id;
  d.authority = node->authority;
  return d;
}

std::string seal(const token_sealer& s, const dialog_token& t) {
  core::bytes content;
  core::wire_writer w(content);
  w.u32(t.ends);
  w.u64(t.dialog);
  w.u64(t.made_by);
  write(w, t.caller);
  write(w, t.callee);
  const auto sealed = s.seal(token_use::dialog, t.domain, content);
  return sealed.empty() ? sealed : std::string(dialog_mark) + sealed;
}

std::string seal(const token_sealer& s, const path_token& t) {
  core::bytes content;
  core::wire_writer w(content);
  w.u32(t.ends);
  w.u64(t.made_by);
  write(w, t.phone);
  return s.seal(token_use::path, t.domain, content);
}

std::optional<dialog_token> open_dialog_token(const token_sealer& s, std::string_view text) {
  if (!text.starts_with(dialog_mark)) return std::nullopt;
  auto opened = s.open(token_use::dialog, text.substr(dialog_mark.size()));
  if (!opened) return std::nullopt;
  core::wire_reader r(opened->content);
  dialog_token t;
  t.ends = r.u32();
  t.dialog = r.u64();
  t.made_by = r.u64();
  t.caller = read_end(r);
  t.callee = read_end(r);
  t.domain = std::move(opened->domain);
  return r.done() ? std::optional(std::move(t)) : std::nullopt;
}

std::optional<path_token> open_path_token(const token_sealer& s, std::string_view text) {
  auto opened = s.open(token_use::path, text);
  if (!opened) return std::nullopt;
  core::wire_reader r(opened->content);
  path_token t;
  t.ends = r.u32();
  t.made_by = r.u64();
  t.phone = read_end(r);
  t.domain = std::move(opened->domain);
  return r.done() ? std::optional(std::move(t)) : std::nullopt;
}

}  // namespace phyllo::sip
