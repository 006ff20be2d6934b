// RFC 8656 s.10 and s.12.2: to which peers an allocation may send, and by which channels; RFC 6062 s.5.2 as far as it is refused.
#include <algorithm>

#include "turn/turn_server.hpp"

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

// Of the codes that several addresses ask for, the one that the RFC says first.
int graver(int a, int b) {
  for (const int code : {400, 443, 403}) {
    if (a == code || b == code) return code;
  }
  return 0;
}

}  // namespace

std::optional<relay_number> turn_server::relay_towards(const allocation& a, const core::endpoint& peer) const {
  const auto family = stun::family_of(peer.address);
  const auto n = std::ranges::find_if(a.relays, [&](relay_number x) { return stun::family_of(relays_.at(x).address) == family; });
  return n == a.relays.end() ? std::nullopt : std::optional(*n);
}

// All XOR-PEER-ADDRESS attributes, or the code of the error.
std::expected<turn_server::peers, int> turn_server::read_peers(const turn_request& r, const allocation& a) const {
  peers out;
  int code = 0;
  for (const auto& attribute : r.message) {
    if (attribute.type != type::xor_peer_address) continue;
    const auto peer = stun::xor_address_of(attribute.value, r.message.transaction());
    if (!peer) return std::unexpected(400);
    if (!relay_towards(a, *peer)) {
      code = graver(code, 443);
    } else if (!policy_.allows(peer->address)) {
      code = graver(code, 403);
    }
    out.at[out.count++] = *peer;
  }
  if (out.count == 0) return std::unexpected(400);
  if (code != 0) return std::unexpected(code);
  return out;
}

void turn_server::on_create_permission(const turn_request& r, allocation& a) {
  const auto asked = read_peers(r, a);
  if (!asked) return answer_error(r, asked.error());
  if (!a.permissions.install(asked->all(), r.now)) return answer_error(r, 508);
  turn_answer out(room_, r.message, stun::message_class::success);
  actions_.to_client(r.from, out.sealed(r));
}

void turn_server::on_channel_bind(const turn_request& r, allocation& a) {
  const auto value = r.message.find(type::channel_number);
  const auto number = value ? stun::number16_of(*value) : std::nullopt;
  const auto asked = read_peers(r, a);
  const std::uint16_t last = settings_.old_channels ? 0x7fff : 0x4fff;
  if (!number || *number < 0x4000 || *number > last) return answer_error(r, 400);
  if (!asked) return answer_error(r, asked.error());
  const auto& peer = asked->at.front();
  if (asked->count != 1 || peer.port == 0) return answer_error(r, 400);
  const auto may = a.channels.may_bind(*number, peer, r.now);
  if (may == channel_table::binding::taken) return answer_error(r, 400);
  const bool room = may == channel_table::binding::done && a.permissions.install(asked->all(), r.now);
  if (!room || a.channels.bind(*number, peer, r.now) != channel_table::binding::done) return answer_error(r, 508);
  turn_answer out(room_, r.message, stun::message_class::success);
  actions_.to_client(r.from, out.sealed(r));
}

// No allocation is one of TCP: a peer that we would not connect to is forbidden, and for others the request is a bad one.
void turn_server::on_connect(const turn_request& r, const allocation& a) {
  const auto asked = read_peers(r, a);
  answer_error(r, asked ? 400 : asked.error());
}

}  // namespace phyllo::nat
