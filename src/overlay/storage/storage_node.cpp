#include "storage/storage_node.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto read_on = 5s;  // of its file, by who is stopped while he reads
// Of the ring's last change: until then it may change again; and all that have seen it would offer at once.
constexpr auto offer_after = 2s, offer_before = 12s;
}  // namespace

std::unique_ptr<storage> storage::create(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                                         identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log) {
  return std::make_unique<storage_node>(env, options, std::move(self), trust, ring, metrics, std::move(log));
}

storage_node::storage_node(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                           identity::trust& trust, surroundings& ring, core::metrics& metrics, core::logger log)
    : env_(env),
      options_(options),
      self_(std::move(self)),
      trust_(trust),
      ring_(ring),
      metrics_(metrics),
      log_(log.of("storage")),
      numbers_(metrics),
      tasks_(env),
      share_(env, ring, options_),
      judge_(self_, trust, ring, &share_.store()),
      client_(env, self_, ring, judge_, share_.kinds(), metrics),
      asker_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}),
      server_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}, asker_),
      displaced_(options_.keep_displaced),
      exchange_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}, trust, asker_, displaced_, disagreements_),
      rounds_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}, exchange_, disagreements_, tasks_),
      upkeep_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}, exchange_, rounds_, displaced_, log_),
      sync_({env, options_, *self_, ring, share_, judge_, metrics, numbers_}, rounds_, upkeep_, disagreements_),
      reader_(env) {
  share_.store().on_change([this](const resource_id& resource) {
    server_.changed(resource);
    if (options_.file != nullptr) changed_.insert(resource);
  });
  share_.on_change([this](bool members) {
    if (members) displaced_.offer_at(env_.now() + core::random_between(env_, offer_after, offer_before));
    disagreements_.forget_strangers(share_.sets());
    asker_.forget_strangers();
    server_.ring_changed();
  });
  tasks_.spawn(sync_.run());
}

core::awaitable<void> storage_node::stop() {
  stopping_ = true;
  client_.stop();
  sync_.stop();
  asker_.stop();
  server_.stop();
  tasks_.cancel();
  co_await tasks_.join();
  read_until_ = env_.now() + read_on;
  co_await reader_.join();
}

}  // namespace phyllo::overlay
