#include "peer/peer_stack.hpp"

#include <utility>

#include "peer/make_topology.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration hand_over_timeout = 10s;

}  // namespace

peer_stack::peer_stack(const stack_ground& on, const peer_options& options)
    : env_(on.env),
      trust_(on.trust),
      publishes_(options.publish_certificate),
      exchange_(
          on.env, on.trust,
          [&env = on.env, &trust = on.trust, &document = on.document.current()](core::byte_view text) {
            return identity::read_revocation_head(text, trust, document.content.configuration_signers, env.wall_now());
          },
          on.metrics),
      dispatcher_({layers_, storage_, kinds_, documents_, revocations_, certificates_, diagnosis_, applications_, on.up}),
      layers_(on.env, options, on.self, on.document.current().content, on.trust, on.links, on.metrics, on.log, dispatcher_, dispatcher_),
      tasks_(on.env),
      storage_(on.env, options, on.self, on.trust, layers_, on.learnt, on.metrics, on.log, tasks_),
      usages_(on.env, on.self, on.trust, storage_.held().records(), hash_of(on.document.current().content)),
      kinds_(on.env, on.self->certificate.node(), on.learnt, layers_, storage_.held(), on.log.of("overlay")),
      documents_(on.env, on.document, on.trust, kinds_, layers_, on.metrics, on.log.of("overlay"), tasks_, on.up),
      revocations_(on.env, exchange_, layers_, tasks_),
      certificates_(on.env, on.trust, layers_, usages_, on.log.of("overlay"), tasks_),
      diagnosis_(on.env, on.document.current(), layers_, storage_, on.up),
      asker_(on.env, on.self, on.document.current(), layers_),
      applications_(on.env, on.served, layers_, on.metrics, tasks_) {}

void peer_stack::start() {
  if (std::exchange(started_, true)) return;
  diagnosis_.start();
  layers_.start(tasks_);
  tasks_.spawn(revocations_.keep());
}

core::awaitable<core::status> peer_stack::join(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  start();
  storage_.held().restore();
  const auto joined = co_await layers_.topology().join(std::move(bootstrap), deadline);
  if (joined && publishes_) tasks_.spawn(certificates_.keep_published());
  co_return joined;
}

core::awaitable<void> peer_stack::leave() {
  if (layers_.ring().state() == peer_state::ready) {
    layers_.topology().say_leave();
    co_await storage_.held().hand_over(env_.now() + hand_over_timeout);
  }
  co_await stop();
}

core::awaitable<void> peer_stack::stop() {
  co_await storage_.held().stop();
  layers_.halt();
  tasks_.cancel();
  co_await layers_.stop();
  co_await tasks_.join();
  co_await storage_.held().save();
}

peer_status peer_stack::status() const {
  peer_status s;
  layers_.describe(s);
  const auto counts = storage_.held().counts();
  const auto& list = trust_.revocations();
  s.revocations = {list.number(), list.head().number, list.size()};
  s.storage = {counts.records, counts.primary, counts.replicas, counts.under_replicated, counts.synced};
  return s;
}

}  // namespace phyllo::overlay
