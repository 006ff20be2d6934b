// The one table of keys: what the file may hold, and where it goes.
#pragma once

#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

// The keys of [overlay], or of one [[overlay]].
template <class Section, class Visitor>
void for_each_overlay_field(Section& o, Visitor& visit) {
  visit("overlay.name", o.name);
  visit("overlay.leaf_set", o.leaf_set);
  visit("overlay.replicas", o.replicas);
  visit("overlay.digit_bits", o.digit_bits);
  visit("overlay.neighborhood", o.neighborhood);
  visit("overlay.heartbeat_s", o.heartbeat);
  visit("overlay.records_max", o.records_max);
  visit("overlay.record_bytes_max", o.record_bytes_max);
  visit("overlay.records_file", o.records_file);
  visit("overlay.bad_nodes", o.bad_nodes);
  visit("overlay.bad_nodes_file", o.bad_nodes_file);
  visit("overlay.port", o.port);
  visit("overlay.user", o.user);
  visit("overlay.password_file", o.password_file);
  visit("overlay.first", o.first);
  visit("overlay.urls", o.urls);
  visit("overlay.anchors", o.anchors);
}

template <class Configuration, class Visitor>
void for_each_sip_field(Configuration& c, Visitor& visit) {
  visit("sip.enabled", c.sip.enabled);
  visit("sip.digest.policy", c.sip.digest.policy);
  visit("sip.wrong_passwords_per_minute", c.sip.digest.wrong_passwords_per_minute);
  visit("sip.nonce_lifetime_s", c.sip.digest.nonce_lifetime);
  visit("sip.expires_min_s", c.sip.registration.expires_min);
  visit("sip.expires_default_s", c.sip.registration.expires_default);
  visit("sip.expires_max_s", c.sip.registration.expires_max);
  visit("sip.expires_flow_s", c.sip.registration.expires_flow);
  visit("sip.flow_timer_s", c.sip.registration.flow_timer);
  visit("sip.authenticate_calls", c.sip.authenticate_calls);
  visit("sip.contacts_max", c.sip.registration.contacts_max);
  visit("sip.stranger_methods", c.sip.stranger.methods);
  visit("sip.stranger_answer", c.sip.stranger.answer);
  visit("sip.refusal_delay_ms", c.sip.stranger.refusal_delay);
  visit("sip.trusted_headers", c.sip.trusted_headers);
  visit("sip.peers", c.sip.peers);
  visit("sip.transactions_max", c.sip.transactions.transactions_max);
  visit("sip.ringing_per_callee", c.sip.ringing.per_callee);
  visit("sip.ringing_per_caller", c.sip.ringing.per_caller);
  visit("sip.source_messages_per_second", c.sip.rates.source_messages_per_second);
  visit("sip.source_messages_burst", c.sip.rates.source_messages_burst);
  visit("sip.strangers_messages_per_second", c.sip.rates.strangers_messages_per_second);
  visit("sip.dns_servers", c.sip.dns_servers);
  visit("sip.anchors", c.sip.anchors);
  visit("sip.websocket_origins", c.sip.websocket_origins);
  visit("sip.t1_ms", c.sip.transactions.t1);
  visit("sip.t2_ms", c.sip.transactions.t2);
  visit("sip.t4_ms", c.sip.transactions.t4);
}

// The keys of [limits].
template <class Configuration, class Visitor>
void for_each_limit(Configuration& c, Visitor& visit) {
  visit("limits.source_stun_answers_per_second", c.limits.source_stun_answers_per_second);
  visit("limits.stun_answers_per_second", c.limits.stun_answers_per_second);
  visit("limits.source_handshakes_per_second", c.limits.source_handshakes_per_second);
  visit("limits.handshakes_per_second", c.limits.handshakes_per_second);
  visit("limits.source_connections", c.limits.source_connections_max);
  visit("limits.connections", c.limits.connections_max);
  visit("limits.half_open", c.limits.half_open_max);
  visit("limits.held_mib", c.limits.held_mib_max);
  visit("limits.proxies", c.limits.proxies);
}

// The keys of [node].
template <class Configuration, class Visitor>
void for_each_node_field(Configuration& c, Visitor& visit) {
  visit("node.role", c.node.role);
  visit("node.address", c.node.address);
  visit("node.advertised_address", c.node.advertised_address);
  visit("node.further_addresses", c.node.further_addresses);
  visit("node.shards", c.node.shards);
  visit("node.data_directory", c.node.data_directory);
  visit("node.user", c.node.user);
  visit("node.password_file", c.node.password_file);
  visit("node.device", c.node.device);
  visit("node.first", c.node.first);
  visit("node.domains", c.node.domains);
}

// The keys of [ports] and [transport].
template <class Configuration, class Visitor>
void for_each_way(Configuration& c, Visitor& visit) {
  visit("ports.reload", c.ports.reload);
  visit("ports.sip", c.ports.sip);
  visit("ports.sips", c.ports.sips);
  visit("ports.stun", c.ports.stun);
  visit("ports.https", c.ports.https);
  visit("ports.http", c.ports.http);
  visit("transport.proxy", c.transport.proxy);
  visit("transport.no_proxy", c.transport.no_proxy);
  visit("transport.https", c.transport.https);
  visit("transport.http", c.transport.http);
  visit("transport.climb_s", c.transport.climb_first);
}

// The keys of [login].
template <class Configuration, class Visitor>
void for_each_login_field(Configuration& c, Visitor& visit) {
  visit("login.enabled", c.login.enabled);
  visit("login.url", c.login.url);
  visit("login.database", c.login.database);
  visit("login.ca_directory", c.login.ca_directory);
  visit("login.scrypt_log2_n", c.login.scrypt_log2_n);
  visit("login.sip_secret", c.login.sip_secret);
  visit("login.certificate_lifetime_s", c.login.certificate_lifetime);
  visit("login.attempts", c.login.attempts_per_minute);
  visit("login.domain_key_overlap_s", c.login.domain_key_overlap);
  visit("login.peers_per_account", c.login.node_ids.peers);
  visit("login.devices_per_account", c.login.node_ids.devices);
  visit("login.bootstrap_nodes", c.login.bootstrap_nodes);
  visit("login.aor_domains", c.login.aor_domains);
  visit("login.diagnostic_nodes", c.login.diagnostic_nodes);
}

// The keys of [tls], [admin], [log] and [debug]: what its operator has of it.
template <class Configuration, class Visitor>
void for_each_operator_field(Configuration& c, Visitor& visit) {
  visit("tls.certificate", c.tls.certificate);
  visit("tls.key", c.tls.key);
  visit("admin.address", c.admin.address);
  visit("admin.port", c.admin.port);
  visit("admin.hosts", c.admin.hosts);
  visit("admin.token_file", c.admin.token_file);
  visit("admin.group", c.admin.group);
  visit("admin.public_health", c.admin.public_health);
  visit("log.level", c.log.level);
  visit("log.file", c.log.file);
  visit("debug.keylog", c.debug.keylog);
  visit("debug.overlay_pcap", c.debug.overlay_pcap);
  visit("debug.core_dumps", c.debug.core_dumps);
}

// Calls visit(key, member) for every field; members are string, bool, unsigned integers, rates (double), lists of
// strings, and times whose keys end in _s or _ms.
template <class Configuration, class Visitor>
void for_each_field(Configuration& c, Visitor&& visit) {
  for_each_node_field(c, visit);
  for_each_way(c, visit);
  for_each_limit(c, visit);
  for_each_overlay_field(c.overlay, visit);
  visit("bootstrap.urls", c.bootstrap.urls);
  visit("bootstrap.anchors", c.bootstrap.anchors);
  visit("bootstrap.ca_fingerprint", c.bootstrap.ca_fingerprint);
  visit("discovery.multicast", c.discovery.multicast);
  for_each_login_field(c, visit);
  for_each_sip_field(c, visit);
  for_each_operator_field(c, visit);
}

}  // namespace phyllo::node
