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
    : peer_records(trust, layers_, storage_),
      env_(env),
      client_(options.client),
      certificate_(self->certificate),
      publishes_(options.publish_certificate),
      trust_(trust),
      document_(std::move(configuration), core::random_hash_key(env), metrics.evictions("configuration")),
      learnt_(document_.current(), trust.overlay_name()),
      exchange_(
          env, trust,
          [&env, &trust, &document = document_.current()](core::byte_view text) {
            return identity::read_revocation_head(text, trust, document.content.configuration_signers, env.wall_now());
          },
          metrics),
      dispatcher_({layers_, storage_, kinds_, documents_, revocations_, certificates_, diagnosis_, applications_, observers_}),
      layers_(env, options, self, document_.current().content, trust, links, metrics, log, dispatcher_, dispatcher_),
      tasks_(env),
      storage_(env, options, self, trust, layers_, learnt_, metrics, log, tasks_),
      usages_(env, self, trust, storage_.held().records(), hash_of(document_.current().content)),
      kinds_(env, self->certificate.node(), learnt_, layers_, storage_.held(), log.of("overlay")),
      documents_(env, document_, trust, kinds_, layers_, metrics, log.of("overlay"), tasks_, observers_),
      revocations_(env, exchange_, layers_, tasks_),
      certificates_(env, trust, layers_, usages_, log.of("overlay"), tasks_),
      diagnosis_(env, document_.current(), layers_, storage_, observers_),
      asker_(env, self, document_.current(), layers_),
      applications_(env, layers_, metrics, tasks_) {}

void peer_impl::start() {
  if (std::exchange(started_, true)) return;
  diagnosis_.start();
  layers_.start(tasks_);
  tasks_.spawn(revocations_.keep());
}

core::awaitable<core::status> peer_impl::join(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  start();
  if (auto may = may_join(document_.current().content, certificate_, client_); !may) co_return may;
  storage_.held().restore();
  const auto joined = co_await layers_.topology().join(std::move(bootstrap), deadline);
  if (joined && publishes_) tasks_.spawn(certificates_.keep_published());
  co_return joined;
}

core::awaitable<void> peer_impl::leave() {
  if (layers_.ring().state() == peer_state::ready) {
    layers_.topology().say_leave();
    co_await storage_.held().hand_over(env_.now() + hand_over_timeout);
  }
  co_await stop();
}

core::awaitable<void> peer_impl::stop() {
  co_await storage_.held().stop();
  layers_.halt();
  tasks_.cancel();
  co_await layers_.stop();
  co_await tasks_.join();
  co_await storage_.held().save();
}

void peer_impl::form() { layers_.topology().form(); }

void peer_impl::seek(std::vector<transport::candidate> place) { layers_.topology().seek(std::move(place)); }

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
  const auto counts = storage_.held().counts();
  const auto& list = trust_.revocations();
  s.revocations = {list.number(), list.head().number, list.size()};
  s.storage = {counts.records, counts.primary, counts.replicas, counts.under_replicated, counts.synced};
  return s;
}

bool peer_impl::claims(const resource_id& key) const {
  return layers_.topology().routes().decide(destination::to_resource(key), false).what == verdict::deliver;
}

}  // namespace phyllo::overlay
