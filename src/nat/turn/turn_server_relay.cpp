// RFC 8656 s.11 and s.12: what goes between client and peers. Nothing here takes memory.
#include <algorithm>

#include "turn/turn_server.hpp"

namespace phyllo::nat {
namespace {

namespace type = stun::attribute_type;

constexpr std::size_t channel_header = 4;

}  // namespace

// The sender's allocation; null: none, and counted. Who sends by his new five-tuple has arrived there (RFC 8016 s.3.2.2).
allocation* turn_server::heard_from(const five_tuple& from) {
  auto* a = allocations_.find(from);
  if (a == nullptr) metrics_.drop("turn_no_allocation");
  if (a != nullptr && a->former && a->client == from) allocations_.forget_former(*a);
  return a;
}

void turn_server::relay(const allocation& a, const core::endpoint& peer, core::byte_view data, core::time_point now, bool whole) {
  const auto n = relay_towards(a, peer);
  if (!n) return metrics_.drop("turn_peer_denied");
  if (!quotas_.carry(a.user, data.size(), now)) return metrics_.drop("turn_bandwidth");
  actions_.to_peer(*n, peer, data, whole);
}

void turn_server::on_send(const five_tuple& from, const stun::message_view& m, core::time_point now) {
  const auto* a = heard_from(from);
  if (a == nullptr) return;
  const auto peer = stun::xor_address_in(m, type::xor_peer_address);
  const auto data = m.find(type::data);
  bool unknown = false;
  for (const auto& x : m) unknown = unknown || unknown_to_turn(x.type, actions_.sets_df());
  if (!peer || !data || unknown || peer->port == 0) return metrics_.drop("turn_malformed");
  if (!policy_.allows(peer->address)) return metrics_.drop("turn_peer_denied");
  if (!a->permissions.allows(peer->address, now)) return metrics_.drop("turn_no_permission");
  relay(*a, *peer, *data, now, m.has(type::dont_fragment));
}

//  |         Channel Number        |            Length             |
//  |                       Application Data                        |
void turn_server::on_channel_data(const five_tuple& from, core::byte_view octets, core::time_point now) {
  if (octets.size() < channel_header) return metrics_.drop("turn_malformed");
  const auto number = static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
  const auto length = static_cast<std::size_t>(octets[2]) << 8 | octets[3];
  if (length > octets.size() - channel_header) return metrics_.drop("turn_malformed");
  const auto* a = heard_from(from);
  if (a == nullptr) return;
  const auto* peer = a->channels.peer_of(number, now);
  if (peer == nullptr) return metrics_.drop("turn_no_channel");
  relay(*a, *peer, octets.subspan(channel_header, length), now);
}

void turn_server::on_peer(relay_number at, const core::endpoint& peer, core::byte_view data, core::time_point now) {
  const auto* a = relays_.owner(at);
  if (a == nullptr) return metrics_.drop("turn_no_allocation");
  if (!a->permissions.allows(peer.address, now)) return metrics_.drop("turn_no_permission");
  if (!quotas_.carry(a->user, data.size(), now)) return metrics_.drop("turn_bandwidth");
  if (const auto channel = a->channels.number_of(peer, now)) {
    room_[0] = static_cast<std::uint8_t>(*channel >> 8);
    room_[1] = static_cast<std::uint8_t>(*channel);
    room_[2] = static_cast<std::uint8_t>(data.size() >> 8);
    room_[3] = static_cast<std::uint8_t>(data.size());
    std::ranges::copy(data, room_.begin() + channel_header);
    return tell_client(*a, channel_header + data.size());
  }
  stun::transaction_id id{};
  for (std::size_t i = 0; i < id.size(); i += 4) {
    const auto n = indications_.next();
    for (std::size_t j = 0; j < 4; ++j) id[i + j] = static_cast<std::uint8_t>(n >> (8 * j));
  }
  stun::message_writer w(room_, stun::method::data, stun::message_class::indication, id);
  w.add_xor_address(type::xor_peer_address, peer);
  w.add(type::data, data);
  tell_client(*a, w.done().size());
}

void turn_server::on_icmp(relay_number at, const core::endpoint& peer, const stun::icmp_value& error, core::time_point now) {
  const auto* a = relays_.owner(at);
  if (a == nullptr || !a->permissions.allows(peer.address, now)) return metrics_.drop("turn_no_permission");
  stun::message_writer w(room_, stun::method::data, stun::message_class::indication, {});
  w.add_xor_address(type::xor_peer_address, peer);
  w.add_icmp(error);
  tell_client(*a, w.done().size());
}

// What stands in room_; on a stream with padding to four octets (RFC 8656 s.12.5).
void turn_server::tell_client(const allocation& a, std::size_t size) {
  auto whole = size;
  if (is_stream(a.reached_at().transport)) {
    for (; whole % 4 != 0; ++whole) room_[whole] = 0;
  }
  if (whole != 0) actions_.to_client(a.reached_at(), core::byte_view(room_).first(whole));
}

}  // namespace phyllo::nat
