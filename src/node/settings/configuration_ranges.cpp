#include "settings/configuration_ranges.hpp"

#include <chrono>

#include "phyllo/core/shard_group.hpp"

namespace phyllo::node {
namespace {

using range_list = std::vector<range>;

template <class Duration>
std::uint64_t in_seconds(Duration d) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(d).count());
}
std::uint64_t in_milliseconds(std::chrono::milliseconds d) { return static_cast<std::uint64_t>(d.count()); }
std::uint64_t in_whole(double rate) { return static_cast<std::uint64_t>(rate); }

// And of the node as far as it is in one.
range_list overlay_ranges(const configuration& c) {
  return {
      {"node.shards", c.node.shards, 0, core::shard_group::shards_max},
      {"transport.climb_s", in_seconds(c.transport.climb_first), 1, 3600},
      {"overlay.leaf_set", c.overlay.leaf_set, 2, 128},
      {"overlay.replicas", c.overlay.replicas, 1, replicas_max},
      {"overlay.digit_bits", c.overlay.digit_bits, 1, 8},
      {"overlay.neighborhood", c.overlay.neighborhood, 0, 256},
      {"overlay.heartbeat_s", in_seconds(c.overlay.heartbeat), 1, 3600},
      {"overlay.records_max", c.overlay.records_max, 1, 1'000'000'000},
      {"overlay.record_bytes_max", c.overlay.record_bytes_max, 1'000'000, 1'000'000'000'000},
  };
}

// Of the login server.
range_list login_ranges(const configuration& c) {
  return {
      // 2^20 takes 1 GiB a log-in.
      {"login.scrypt_log2_n", c.login.scrypt_log2_n, 4, 20},
      {"login.certificate_lifetime_s", in_seconds(c.login.certificate_lifetime), 60, 366 * 24 * 3600},
      {"login.attempts", c.login.attempts_per_minute, 1, 1'000'000},
      {"login.domain_key_overlap_s", in_seconds(c.login.domain_key_overlap), 1, 366 * 24 * 3600},
      {"login.peers_per_account", c.login.node_ids.peers, 0, 10'000},
      {"login.devices_per_account", c.login.node_ids.devices, 0, 10'000},
  };
}

// Of registrar and proxy.
range_list sip_ranges(const configuration& c) {
  return {
      {"sip.nonce_lifetime_s", in_seconds(c.sip.digest.nonce_lifetime), 1, 86400},
      {"sip.expires_min_s", in_seconds(c.sip.registration.expires_min), 1, 86400},
      {"sip.expires_max_s", in_seconds(c.sip.registration.expires_max), 1, 43200},  // half of the Kind's longest lifetime
      {"sip.expires_flow_s", in_seconds(c.sip.registration.expires_flow), in_seconds(c.sip.registration.expires_min), 43200},
      {"sip.flow_timer_s", in_seconds(c.sip.registration.flow_timer), 10, 840},  // connections that idle for 900 s are closed
      {"sip.contacts_max", c.sip.registration.contacts_max, 1, 32},              // values a record may hold
      {"sip.refusal_delay_ms", in_milliseconds(c.sip.stranger.refusal_delay), 0, 10'000},
      {"sip.transactions_max", c.sip.transactions.transactions_max, 10, 10'000'000},
      {"sip.wrong_passwords_per_minute", c.sip.digest.wrong_passwords_per_minute, 1, 1'000'000},
      {"sip.ringing_per_callee", c.sip.ringing.per_callee, 1, 1'000'000},
      {"sip.ringing_per_caller", c.sip.ringing.per_caller, 1, 1'000'000},
      {"sip.source_messages_per_second", in_whole(c.sip.rates.source_messages_per_second), 1, 10'000'000},
      {"sip.source_messages_burst", in_whole(c.sip.rates.source_messages_burst), 1, 10'000'000},
      {"sip.strangers_messages_per_second", in_whole(c.sip.rates.strangers_messages_per_second), 10, 10'000'000},
      {"sip.t1_ms", in_milliseconds(c.sip.transactions.t1), 10, 10'000},
      {"sip.t2_ms", in_milliseconds(c.sip.transactions.t2), 10, 60'000},
      {"sip.t4_ms", in_milliseconds(c.sip.transactions.t4), 10, 60'000},
      {"sip.expires_default_s", in_seconds(c.sip.registration.expires_default), in_seconds(c.sip.registration.expires_min),
       in_seconds(c.sip.registration.expires_max)},
  };
}

// Of what strangers and the operator ask for.
range_list host_ranges(const configuration& c) {
  return {
      {"admin.port", c.admin.port, 1, 65535},
      {"limits.source_stun_answers_per_second", in_whole(c.limits.source_stun_answers_per_second), 1, 1'000'000},
      {"limits.stun_answers_per_second", in_whole(c.limits.stun_answers_per_second), 1, 10'000'000},
      {"limits.source_handshakes_per_second", in_whole(c.limits.source_handshakes_per_second), 1, 1'000'000},
      {"limits.handshakes_per_second", in_whole(c.limits.handshakes_per_second), 1, 1'000'000},
      {"limits.source_connections", c.limits.source_connections_max, 1, 10'000'000},
      {"limits.connections", c.limits.connections_max, 16, 10'000'000},
      {"limits.half_open", c.limits.half_open_max, 16, 1'000'000},
      {"limits.held_mib", c.limits.held_mib_max, 1, 65'536},
  };
}

}  // namespace

std::vector<range> ranges_of(const configuration& c) {
  range_list all;
  for (const auto& some : {overlay_ranges(c), login_ranges(c), sip_ranges(c), host_ranges(c)})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace phyllo::node
