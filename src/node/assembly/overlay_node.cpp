#include "assembly/overlay_node.hpp"

#include "assembly/certificate_watch.hpp"
#include "assembly/readiness.hpp"
#include "files/incarnation.hpp"
#include "files/known_peers.hpp"
#include "files/web_files.hpp"
#include "settings/peer_options.hpp"

namespace phyllo::node {
namespace {

constexpr auto drained_within = std::chrono::seconds(10);

}  // namespace

overlay_node::overlay_node(core::environment& env, configuration c, const node_shards& shards, core::metrics& metrics, core::logger log,
                           events e)
    : env_(env),
      configuration_(std::move(c)),
      log_(std::move(log)),
      metrics_(metrics),
      events_(std::move(e)),
      trust_(configuration_.overlay.name),
      login_({env, configuration_, trust_, progress_, metrics}, log_),
      clock_(env, log_),
      pages_(env, configuration_, trust_),
      document_({env, configuration_, trust_, clock_, login_, pages_.server(), progress_}, log_),
      revocations_({env, configuration_, trust_, document_, clock_}, log_),
      ports_(env, configuration_, trust_, metrics, log_, configuration_.sip.enabled ? shards.group.size() : 1U),
      credential_({env, configuration_, trust_, document_, login_, progress_}, credential_events(), log_),
      ring_({env, configuration_, trust_, document_, clock_, metrics}, progress_, log_),
      sip_(env, configuration_, shards, metrics, log_),
      report_({env, configuration_, metrics, progress_, clock_, document_, ports_, credential_, ring_, sip_}),
      tasks_(env) {
  // The drops of this tier exist at zero before the first.
  for (const auto* reason : {"http_connections", "sip_not_ready"}) {
    metrics_.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  }
}

node_credential::events overlay_node::credential_events() {
  node_credential::events e;
  e.in_use = [this](const identity::credential& own) {
    const auto shared = std::make_shared<const identity::credential>(own);
    ports_.host().replace_credential(shared);
    sip_.take_credential(shared);
  };
  e.renewed = [this] { sip_.publish_place(); };
  e.start_again = [this] { events_.start_again(); };
  return e;
}

core::status overlay_node::open() {
  auto directory = data_directory::open(env_, configuration_, metrics_, log_);
  if (!directory) return core::fail(directory.error());
  directory_ = std::move(*directory);
  report_.watch(directory_->disk());
  if (auto done = login_.open(directory_->disk()); !done) return done;
  if (auto done = ports_.debug().open_frames(); !done) return done;
  // The last that may fail: coroutines run from here on, and only stop() ends them.
  if (auto done = open_ports(); !done) return done;
  ring_.places().open_discovery([this] { return own_place(); });
  tasks_.spawn(start());
  tasks_.spawn(directory_->disk().run());
  tasks_.spawn(watch_certificates(env_, configuration_, log_));
  tasks_.spawn(ports_.debug().write());
  return {};
}

core::status overlay_node::open_ports() {
  auto web = open_web_certificate(env_, configuration_);
  if (!web) return core::fail(web.error());
  if (auto done = sip_.read_anchors(); !done) return done;
  return ports_.open(std::move(*web), {sip_, login_.server(), pages_.server(), [this] { return healthz(); }});
}

// From open ports to a ready node: document, certificate, ring, services.
core::awaitable<void> overlay_node::start() {
  const bool believed = co_await document_.obtain();
  if (!believed) co_return;  // /healthz says it; the operator of the overlay has to act
  revocations_.load();
  trust_.revocations().observe([this](const std::vector<identity::node_id>& keys) { on_revoked(keys); });
  co_await credential_.obtain();
  tasks_.spawn(credential_.keep());
  if (!login_.enabled()) tasks_.spawn(revocations_.learn([this] { return ring_.cut_off(); }));
  co_await credential_.ask_for_first_keys();
  co_await join();
  progress_.state = node_state::ready;
  events_.joined();
  keep_going();
}

core::awaitable<void> overlay_node::join() {
  const bool first = co_await ring_.begin();
  const auto incarnation = make_peer(first);
  co_await ring_.join(*peer_);
  co_await serve(incarnation);
}

// Returns the number of this start.
std::uint32_t overlay_node::make_peer(bool first) {
  auto options = peer_options_of(configuration_, first);
  options.records = directory_->open_records();
  options.members = ring_.memory().members();
  const auto incarnation = next_incarnation(env_, configuration_);
  if (!incarnation) log_.warning("{}; neighbours may not notice a start within a second of the last", incarnation.error().message());
  options.incarnation = incarnation.value_or(0);
  peer_ =
      overlay::peer::create(env_, options, credential_.shared(), document_.in_force(), trust_, ports_.host(), metrics_, log_.of("overlay"));
  clock_.tell(*peer_);
  peer_->observe(document_);
  pages_.list(*peer_, credential_.shared());
  report_.watch(*peer_);
  return options.incarnation;
}

// What a node of the ring is there for.
core::awaitable<void> overlay_node::serve(std::uint32_t incarnation) {
  const auto self = credential_.certificate()->node();
  report_.probe_by(
      std::make_unique<health_probe>(env_, *peer_, configuration_.node.user, self, incarnation, events_.end, log_.of("health")));
  login_.make_duties(*peer_, document_.in_force(), [this](const identity::parsed_configuration& document) { document_.publish(document); });
  sip_side::ground g{ports_.host(), *peer_, trust_, credential_.keys(), login_.accounts(), self, ports_, document_, credential_.shared()};
  co_await sip_.open(std::move(g), ports_.web_chain());
}

void overlay_node::keep_going() {
  tasks_.spawn(watch_readiness(env_, [this] { return credential_.lacks(); }, events_.readiness, log_));
  tasks_.spawn(report_.probe());
  tasks_.spawn(ring_.memory().keep(*peer_));
  tasks_.spawn(sip_.keep_bindings());
  tasks_.spawn(sip_.keep_fronts());
  tasks_.spawn(ring_.look_for_others());
  tasks_.spawn(credential_.keys().run());
  if (!login_.enabled()) tasks_.spawn(document_.refresh(*peer_));
  tasks_.spawn(revocations_.keep());
  login_.begin_duties(tasks_);
  tasks_.spawn(sip_.keep_place());
}

// The list names users by a hash: those of them that this node knows are found by it.
void overlay_node::on_revoked(const std::vector<identity::node_id>& keys) {
  const std::unordered_set<identity::node_id> revoked(keys.begin(), keys.end());
  credential_.hear_revoked(revoked);
  sip_.withdraw(revoked);
}

// Whoever joins or is ready may be asked; who is not in the ring has nothing to say.
std::optional<transport::local_discovery::own_place> overlay_node::own_place() const {
  const auto* own = credential_.certificate();
  if (!joined() || peer_->client() || own == nullptr) return std::nullopt;
  const auto at = own_endpoint(configuration_);
  if (at.address.is_unspecified()) return std::nullopt;
  return transport::local_discovery::own_place{own->node().hex().substr(0, 16), at};
}

reread_report overlay_node::take(fresh_settings f) {
  auto report = take_over(configuration_, f.settings);
  ports_.take_settings(std::move(f.web));
  sip_.take_settings(ports_.web_chain());
  document_.look();
  login_.take_settings();
  log_certificates(env_.wall_now(), configuration_, log_);
  return report;
}

void overlay_node::reopen_files() { ports_.debug().reopen(); }

core::status overlay_node::form() { return ring_.form(); }

core::awaitable<core::result<overlay::revocation_reach>> overlay_node::settle(std::int64_t change, core::time_point deadline) {
  return login_.settle(change, [this] { return ring_.apart(); }, deadline);
}

// What goes on while it runs.
core::awaitable<void> overlay_node::end() {
  progress_.state = node_state::draining;
  login_.end();
  tasks_.cancel();
  co_await tasks_.join();
  co_await login_.stop();
}

core::awaitable<void> overlay_node::drain() {
  if (progress_.state == node_state::draining) co_return;
  const bool in_ring = joined();
  progress_.state = node_state::draining;
  log_.info("draining");
  const auto deadline = env_.now() + drained_within;
  co_await end();
  co_await sip_.drain(deadline);
  if (in_ring) co_await ring_.leave(deadline);
  revocations_.save();
  log_.info("drained");
}

core::awaitable<void> overlay_node::stop() {
  const bool drained = progress_.state == node_state::draining;
  co_await end();
  if (!drained) co_await sip_.keep_bindings_now();
  if (!drained) revocations_.save();
  co_await sip_.stop();
  if (peer_) co_await peer_->stop();
  co_await ring_.places().stop();
  co_await ports_.stop();
  if (directory_) directory_->unlock();
}

}  // namespace phyllo::node
