#include "storage/storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
// Of the ring's last change: until then it may change again; and all that have seen it would offer at once.
constexpr auto offer_after = 2s, offer_before = 12s;
}  // namespace

std::unique_ptr<storage> storage::create(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                                         const identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log) {
  return std::make_unique<storage_node>(env, std::move(options), std::move(self), trust, ring, metrics, std::move(log));
}

storage_node::storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                           const identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log)
    : options_(std::move(options)),
      self_(std::move(self)),
      numbers_(metrics),
      tasks_(env),
      share_(env, ring, options_),
      judge_(self_, trust, ring, &share_.store()),
      parts_{env, options_, *self_, ring, share_, judge_, metrics, numbers_},
      client_(env, self_, ring, judge_, share_.kinds(), metrics),
      asker_(parts_),
      server_(parts_, asker_),
      displaced_(options_.keep_displaced),
      exchange_(parts_, trust, asker_, displaced_, disagreements_),
      rounds_(parts_, exchange_, disagreements_, tasks_),
      upkeep_(parts_, exchange_, rounds_, displaced_, log.of("storage")),
      sync_(parts_, rounds_, upkeep_, disagreements_),
      saving_(parts_, trust, displaced_, log.of("storage")) {
  share_.store().on_change([this](const resource_id& resource) {
    server_.watches().changed(resource);
    saving_.changed(resource);
  });
  share_.on_change([this, &env](bool members) {
    if (members) displaced_.offer_at(env.now() + core::random_between(env, offer_after, offer_before));
    disagreements_.forget_strangers(share_.sets());
    asker_.forget_strangers();
    server_.watches().ring_changed();
  });
  tasks_.spawn(sync_.run());
}

core::awaitable<void> storage_node::stop() {
  client_.stop();
  sync_.stop();
  asker_.stop();
  server_.watches().stop();
  tasks_.cancel();
  saving_.cancel();
  co_await tasks_.join();
  co_await saving_.stop();
}

}  // namespace phyllo::overlay
