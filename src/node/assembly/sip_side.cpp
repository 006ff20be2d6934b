#include "assembly/sip_side.hpp"

#include "files/bindings_file.hpp"
#include "files/web_files.hpp"
#include "phyllo/sip/datagram_start.hpp"
#include "settings/sip_options.hpp"

namespace phyllo::node {
namespace {

constexpr auto keep_bindings_every = std::chrono::seconds(2);
constexpr auto* not_ready = "sip_not_ready";

}  // namespace

core::status sip_side::read_anchors() {
  auto anchors = node::read_anchors(configuration_.sip.anchors, "sip.anchors");
  if (!anchors) return core::fail(anchors.error());
  anchors_ = std::move(*anchors);
  return {};
}

void sip_side::open(const ground& g, const std::string& web_chain) {
  place_.emplace(env_, g.peer, configuration_.node.domains, proxy_place_of(configuration_, g.self), log_.of("proxy location"));
  if (configuration_.sip.enabled) open_service(g, web_chain);
}

void sip_side::open_service(const ground& g, const std::string& web_chain) {
  secrets_ = std::make_unique<secret_cache>(env_, g.peer, g.accounts, g.keys, metrics_);
  secrets_->honour(g.trust);
  known_supernodes_ = std::make_unique<known_supernodes>(env_, g.peer);
  auto options = sip_options_of(configuration_, anchors_, g.self);
  options.has_failed = [&peer = g.peer](const identity::node_id& n) { return peer.has_failed(n); };
  options.is_supernode = [this](const asio::ip::address& a) { return known_supernodes_->contains(a); };
  options.host_names = host_names_of(configuration_, web_chain);
  options.keys = g.keys.keys();
  options.bindings = load_bindings(configuration_);
  options.trust = &g.trust;
  service_ = sip::service::create(
      env_, std::move(options), g.host, g.peer,
      [this](std::string user, std::string algorithm, bool whole) { return secrets_->find(std::move(user), std::move(algorithm), whole); },
      metrics_, log_.of("sip"));
  g.keys.tell([this](domain_key_keeper::keyring keys) { service_->replace_keys(std::move(keys)); });
}

void sip_side::take_settings(const std::string& web_chain) {
  if (!service_) return;
  service_->limit_sources(configuration_.sip.rates.source_messages_per_second, configuration_.sip.rates.source_messages_burst);
  service_->name_hosts(host_names_of(configuration_, web_chain));
}

void sip_side::on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) {
  if (service_) return service_->on_datagram(port, d);
  const auto start = sip::start_of(d.data);
  if (start != sip::datagram_start::keep_alive) metrics_.drop(start == sip::datagram_start::noise ? "sip_noise" : not_ready);
}

void sip_side::on_stream(std::unique_ptr<transport::stream> s) {
  if (!service_) return metrics_.drop(not_ready);
  service_->on_stream(std::move(s));
}

void sip_side::on_websocket(std::unique_ptr<transport::websocket> w) {
  if (!service_) return metrics_.drop(not_ready);
  service_->on_websocket(std::move(w));
}

void sip_side::withdraw(const std::unordered_set<identity::node_id>& revoked) {
  if (!service_) return;
  const auto gone = [&](const std::string& user) { return revoked.contains(identity::revoked_user(user)); };
  secrets_->forget(gone);
  service_->withdraw_users(gone);
}

void sip_side::publish_place() {
  if (place_) place_->publish_now();
}

sip::service_status sip_side::status() const { return service_ ? service_->status() : sip::service_status(); }

core::awaitable<void> sip_side::keep_place() {
  if (service_) co_await place_->run();
}

core::awaitable<void> sip_side::keep_bindings() {
  while (service_) {  // ends by cancellation
    co_await core::sleep_for(env_, keep_bindings_every);
    keep_bindings_now();
  }
}

void sip_side::keep_bindings_now() {
  if (!service_) return;
  const auto saved = save_bindings(configuration_, service_->take_bindings(bindings_lost_));
  if (!saved && !bindings_lost_) log_.warning("the phones registered here are not kept for the next start: {}", saved.error().message());
  bindings_lost_ = !saved;
}

core::awaitable<void> sip_side::drain(core::time_point deadline) {
  if (place_) co_await place_->withdraw();
  if (!service_) co_return;
  co_await service_->drain(deadline);
  keep_bindings_now();
}

core::awaitable<void> sip_side::stop() {
  if (service_) co_await service_->stop();
}

}  // namespace phyllo::node
