#include "assembly/sip_side.hpp"

#include "assembly/node_ports.hpp"
#include "files/bindings_file.hpp"
#include "files/web_files.hpp"
#include "phyllo/sip/datagram_start.hpp"
#include "settings/host_options.hpp"
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

core::awaitable<void> sip_side::open(ground g, std::string web_chain) {
  place_.emplace(env_, g.peer, configuration_.node.domains, proxy_place_of(configuration_, g.self), log_.of("proxy location"));
  if (!configuration_.sip.enabled) co_return;
  secrets_ = std::make_unique<secret_cache>(env_, g.peer, g.accounts, g.keys, metrics_);
  secrets_->honour(g.trust);
  known_supernodes_ = std::make_unique<known_supernodes>(env_, g.peer);
  ground_.emplace(std::move(g));
  auto options = sip_options_of(configuration_, anchors_, ground_->self);
  options.host_names = host_names_of(configuration_, web_chain);
  options.keys = ground_->keys.keys();
  options.bindings = load_bindings(configuration_);
  if (shards_.group.size() > 1) {
    std::vector<core::shard_door*> doors;
    for (unsigned i = 0; i < shards_.group.size(); ++i) doors.push_back(&shards_.group.door(i));
    const auto by = transport::steering::random(env_, shards_.group.size());
    options.shards = std::make_shared<sip::shard_exchange>(env_, std::move(doors), by, options.domains);
    const bool opened = co_await open_fronts(options);
    if (!opened) options.shards = nullptr;
    open_service(std::move(options));
    if (opened) begin_fronts(by);
    co_return;
  }
  open_service(std::move(options));
}

void sip_side::open_service(sip::service_options options) {
  const auto& g = *ground_;
  options.has_failed = [&peer = g.peer](const identity::node_id& n) { return peer.has_failed(n); };
  options.is_supernode = [this](const asio::ip::address& a) { return known_supernodes_->contains(a); };
  options.trust = &g.trust;
  service_ = sip::service::create(
      env_, std::move(options), g.host, g.peer,
      [this](std::string user, std::string algorithm, bool whole) { return secrets_->find(std::move(user), std::move(algorithm), whole); },
      metrics_, log_.of("sip"));
  g.keys.tell([this](const domain_key_keeper::keyring& keys) {
    service_->replace_keys(keys);
    if (fronts_) fronts_->tell([keys](sip_front& f) { f.service().replace_keys(keys); });
  });
}

void sip_side::take_settings(const std::string& web_chain) {
  if (!service_) return;
  const auto rates = configuration_.sip.rates;
  const auto names = host_names_of(configuration_, web_chain);
  service_->limit_sources(rates.source_messages_per_second, rates.source_messages_burst);
  service_->name_hosts(names);
  if (!fronts_) return;
  auto web = read_web_certificate(configuration_);
  if (!web || !*web) return;
  fronts_->tell([rates, names, web = **web, limits = part_of(configuration_.limits, shards_.group.size())](sip_front& f) {
    f.service().limit_sources(rates.source_messages_per_second, rates.source_messages_burst);
    f.service().name_hosts(names);
    f.host().replace_limits(limits);
    static_cast<void>(f.host().replace_web_certificate(web));  // the first shard's is the same, and says what is wrong with it
  });
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
  if (!fronts_) return;
  tell_trust();
  fronts_->tell([all = std::make_shared<const std::unordered_set<identity::node_id>>(revoked)](sip_front& f) {
    f.service().withdraw_users([&](const std::string& user) { return all->contains(identity::revoked_user(user)); });
  });
}

void sip_side::publish_place() {
  if (place_) place_->publish_now();
}

std::vector<sip::service_status> sip_side::of_shards() const {
  if (!fronts_ || !fronts_->serve()) return {};
  auto out = fronts_->status();
  out.insert(out.begin(), service_->status());
  return out;
}

sip::service_status sip_side::status() const {
  auto out = service_ ? service_->status() : sip::service_status();
  if (!fronts_) return out;
  for (const auto& s : fronts_->status()) {
    out.bindings += s.bindings;
    out.calls += s.calls;
    out.transactions += s.transactions;
  }
  return out;
}

core::awaitable<void> sip_side::keep_place() {
  if (service_) co_await place_->run();
}

core::awaitable<void> sip_side::keep_bindings() {
  while (service_) {  // ends by cancellation
    co_await core::sleep_for(env_, keep_bindings_every);
    co_await keep_bindings_now();
  }
}

// Of all shards to one file: where one of them gives all of its own anew, all do.
core::awaitable<void> sip_side::keep_bindings_now() {
  if (!service_) co_return;
  auto kept = service_->take_bindings(bindings_lost_);
  if (fronts_) {
    const bool as_asked = co_await fronts_->take_bindings(kept.whole, kept.text);
    if (!as_asked) kept = service_->take_bindings(true);
    if (!as_asked) static_cast<void>(co_await fronts_->take_bindings(true, kept.text));
  }
  const auto saved = save_bindings(configuration_, kept);
  if (!saved && !bindings_lost_) log_.warning("the phones registered here are not kept for the next start: {}", saved.error().message());
  bindings_lost_ = !saved;
}

core::awaitable<void> sip_side::drain(core::time_point deadline) {
  if (place_) co_await place_->withdraw();
  if (!service_) co_return;
  core::task_scope fronts(env_);
  if (fronts_) fronts.spawn(fronts_->drain(deadline));
  co_await service_->drain(deadline);
  co_await fronts.join();
  co_await keep_bindings_now();
}

core::awaitable<void> sip_side::stop() {
  if (fronts_) co_await fronts_->stop();
  if (fronts_) ground_->ports.pass_on_by({});
  if (service_) co_await service_->stop();
}

}  // namespace phyllo::node
