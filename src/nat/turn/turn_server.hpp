// A TURN server (RFC 8656), with allocations of both families, and mobility (RFC 8016), as a machine: it is told what came and when, and
// has its actions done. Relays UDP alone; requests for TCP allocations (RFC 6062) are refused with 442.
//
// A server that does not yet know a client keeps nothing of it, and answers it so often a second, with little more than it sent.
#pragma once

#include <array>
#include <expected>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/nat/peer_policy.hpp"
#include "phyllo/nat/turn_settings.hpp"
#include "turn/allocation_table.hpp"
#include "turn/turn_authenticator.hpp"
#include "turn/turn_grants.hpp"
#include "turn/turn_quotas.hpp"
#include "turn/turn_tickets.hpp"

namespace phyllo::nat {

// All random, of one server, and secret.
struct turn_keys {
  core::hash_key tables;
  core::hash_key ports;
  core::hash_key tokens;
  core::hash_key indications;
  stun::nonce_maker::key nonces{};
  identity::sha256_digest tickets{};

  [[nodiscard]] static turn_keys random(core::environment& env);
};

class turn_server {
 public:
  // What it is not given by value must outlive it.
  turn_server(turn_settings settings, peer_policy policy, const turn_credentials& credentials, turn_actions& actions, core::metrics& m,
              const turn_keys& keys);

  // A STUN message of TURN's methods.
  void on_message(const five_tuple& from, core::byte_view octets, core::time_point now, core::wall_time wall_now);
  // ChannelData, with or without padding.
  void on_channel_data(const five_tuple& from, core::byte_view octets, core::time_point now);
  void on_peer(relay_number at, const core::endpoint& peer, core::byte_view data, core::time_point now);
  // `peer`: where that went which the error is of; port 0: not known.
  void on_icmp(relay_number at, const core::endpoint& peer, const stun::icmp_value& error, core::time_point now);
  // The client's stream has ended.
  void on_client_gone(const five_tuple& client);

  // When at() is to be called; nullopt: not before something comes.
  [[nodiscard]] std::optional<core::time_point> next() const;
  void at(core::time_point now);

  [[nodiscard]] bool serves(const five_tuple& client) const { return allocations_.find(client) != nullptr; }
  [[nodiscard]] std::size_t allocations() const noexcept { return allocations_.size(); }
  [[nodiscard]] std::size_t relays() const noexcept { return relays_.size(); }

 private:
  struct peers {
    std::array<core::endpoint, stun::message_view::attributes_max> at;
    std::size_t count = 0;
    [[nodiscard]] std::span<const core::endpoint> all() const { return std::span(at).first(count); }
  };

  void refuse(const turn_request& r, int code);
  void answer_error(const turn_request& r, int code);
  [[nodiscard]] bool flawed(const turn_request& r);
  void on_request(const turn_request& r);
  [[nodiscard]] allocation* of(const turn_request& r);

  void on_allocate(const turn_request& r);
  void answer_allocated(const turn_request& r, const allocation& a);
  void on_refresh(const turn_request& r);
  void on_move(const turn_request& r, core::byte_view ticket);
  void refresh(const turn_request& r, allocation& a);
  void remove(allocation& a);

  [[nodiscard]] std::expected<peers, int> read_peers(const turn_request& r, const allocation& a) const;
  void on_create_permission(const turn_request& r, allocation& a);
  void on_channel_bind(const turn_request& r, allocation& a);
  void on_connect(const turn_request& r, const allocation& a);

  void on_send(const five_tuple& from, const stun::message_view& m, core::time_point now);
  [[nodiscard]] allocation* heard_from(const five_tuple& from);
  void relay(const allocation& a, const core::endpoint& peer, core::byte_view data, core::time_point now, bool whole = false);
  [[nodiscard]] std::optional<relay_number> relay_towards(const allocation& a, const core::endpoint& peer) const;
  void tell_client(const allocation& a, std::size_t size);

  turn_settings settings_;
  peer_policy policy_;
  turn_actions& actions_;
  core::metrics& metrics_;
  turn_authenticator authenticator_;
  turn_tickets tickets_;
  turn_quotas quotas_;
  core::source_limit refusals_;
  relay_table relays_;
  turn_grants grants_;
  keyed_sequence indications_;  // transaction ids of Data indications
  allocation_table allocations_;
  std::vector<std::uint8_t> room_;  // what is being sent
};

}  // namespace phyllo::nat
