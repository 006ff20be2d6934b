#include "phyllo/overlay/peer.hpp"

#include <utility>

#include "peer/make_topology.hpp"
#include "peer/peer_impl.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration hand_over_timeout = 10s;

}  // namespace

std::unique_ptr<peer> peer::create(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
                                   identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links,
                                   core::metrics& metrics, core::logger log) {
  return std::make_unique<peer_impl>(env, options, std::move(self), std::move(configuration), trust, links, metrics, std::move(log));
}

peer_impl::peer_impl(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
                     identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links,
                     core::metrics& metrics, core::logger log)
    : env_(env),
      options_(options),
      self_(self),
      trust_(trust),
      metrics_(metrics),
      log_(log.of("overlay")),
      document_(std::move(configuration), core::random_hash_key(env), metrics.evictions("configuration")),
      learnt_(document_.current(), trust.overlay_name()),
      exchange_(
          env, trust,
          [this](core::byte_view text) {
            return identity::read_revocation_head(text, trust_, document_.current().content.configuration_signers, env_.wall_now());
          },
          metrics),
      layers_(env, options, self, document_.current().content, trust, links, metrics, log, *this, *this),
      scope_(env),
      stored_(env, options, self, trust, layers_, learnt_, metrics, log, scope_),
      usages_(env, self, trust, stored_.held(), hash_of(document_.current().content)),
      kinds_(env, self->certificate.node(), learnt_, layers_, stored_.held(), log_),
      documents_(env, document_, trust, kinds_, layers_, metrics, log_, scope_),
      revocations_(env, exchange_, layers_, scope_),
      certificates_(env, trust, layers_, usages_, log_, scope_),
      diagnosis_(env, document_.current(), layers_, stored_),
      asker_(env, self, document_.current(), layers_),
      applications_(env, layers_, metrics, scope_) {}

void peer_impl::start() {
  if (std::exchange(started_, true)) return;
  diagnosis_.start();
  layers_.start(scope_);
  scope_.spawn(revocations_.keep());
}

core::awaitable<core::status> peer_impl::join(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  start();
  if (!options_.client) storage_->restore();
  const auto joined = co_await topology_->join(std::move(bootstrap), deadline);
  if (joined && options_.publish_certificate) scope_.spawn(certificates_.keep_published());
  co_return joined;
}

core::awaitable<void> peer_impl::leave() {
  if (topology_->knows().state() == peer_state::ready) {
    topology_->say_leave();
    if (!options_.client) co_await storage_->hand_over(env_.now() + hand_over_timeout);
  }
  co_await stop();
}

core::awaitable<void> peer_impl::stop() {
  co_await storage_->stop();
  layers_.halt();
  scope_.cancel();
  co_await layers_.stop();
  co_await scope_.join();
  co_await storage_->save();
}

core::awaitable<core::status> peer_impl::adopt(std::string document) { co_return documents_.take(document, {}); }

core::awaitable<core::status> peer_impl::adopt_kind(std::string block) { co_return kinds_.take({block}, {}); }

core::status peer_impl::take_revocations(identity::revocation_list::next n) { return revocations_.take(std::move(n)); }

core::awaitable<revocation_reach> peer_impl::reach_of_revocations(core::time_point deadline) { return revocations_.reach(deadline); }

core::awaitable<core::result<std::string>> peer_impl::document_of_another() { return documents_.of_another(); }

core::awaitable<core::result<ping_outcome>> peer_impl::ping(node_id node, core::duration timeout) {
  return asker_.ping({destination::to_node(node)}, timeout);
}

core::awaitable<core::result<ping_outcome>> peer_impl::ping_root(resource_id key, core::duration timeout) {
  return asker_.ping({destination::to_resource(key)}, timeout);
}

core::awaitable<core::result<ping_outcome>> peer_impl::ping_by_route(std::vector<node_id> route, core::duration timeout) {
  destination_list to;
  for (const auto& n : route) to.push_back(destination::to_node(n));
  return asker_.ping(std::move(to), timeout);
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace(node_id node, core::duration timeout) {
  return asker_.trace(destination::to_node(node), timeout);
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace_root(resource_id key, core::duration timeout) {
  return asker_.trace(destination::to_resource(key), timeout);
}

void peer_impl::serve_application(std::uint16_t application, application_handler handler) {
  applications_.serve(application, std::move(handler));
}

core::awaitable<core::result<application_offer>> peer_impl::app_attach(std::vector<node_id> route, std::uint16_t application,
                                                                       application_offer mine, core::duration timeout) {
  return applications_.attach(std::move(route), application, std::move(mine), timeout);
}

peer_status peer_impl::status() const {
  peer_status s;
  layers_.describe(s);
  s.client = options_.client;
  const auto counts = storage_->counts();
  const auto& list = trust_.revocations();
  s.revocations = {list.number(), list.head().number, list.size()};
  s.storage = {counts.records, counts.primary, counts.replicas, counts.under_replicated, counts.synced};
  return s;
}

bool peer_impl::claims(const resource_id& key) const {
  return topology_->routes().decide(destination::to_resource(key), false).what == verdict::deliver;
}

core::status peer_impl::known(const std::string& overlay_id) const {
  if (!overlay_id.empty() && overlay_id != trust_.overlay_name()) return core::fail(errc::unknown_overlay, overlay_id);
  if (topology_->knows().state() != peer_state::ready) return core::fail(errc::not_joined);
  return {};
}

core::awaitable<core::result<outcome>> peer_impl::get(std::string overlay_id, name n, read_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await storage_->get(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_impl::add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                      write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await storage_->add(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_impl::update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                         write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await storage_->update(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_impl::remove(std::string overlay_id, name n, write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await storage_->remove(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_impl::watch(std::string overlay_id, name n, watch_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await storage_->watch(std::move(n), o);
}

}  // namespace phyllo::overlay
