#include "peer/certificate_lookups.hpp"

#include <utility>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t looking_up_max = 8;  // nodes at once
constexpr core::duration look_up_timeout = 3s;
constexpr std::chrono::seconds published_for = 24h;
constexpr core::duration publish_timeout = 20s;
constexpr core::duration publish_retry = 60s;

}  // namespace

certificate_lookups::certificate_lookups(core::environment& env, const identity::trust& trust, lower_layers& below, usages& store,
                                         core::logger log, core::task_scope& tasks)
    : env_(env), trust_(trust), messenger_(below.messages()), ring_(below.ring()), store_(store), log_(std::move(log)), tasks_(tasks) {}

void certificate_lookups::on_unknown_signer(const node_id& n) {
  if (looking_up_.contains(n)) return;  // its message waits with those before it
  const bool may = ring_.state() == peer_state::ready && looking_up_.size() < looking_up_max && look_ups_.take(env_.now());
  if (!may) return messenger_.release_strangers(n);
  looking_up_.insert(n);
  tasks_.spawn(look_up(n));
}

core::awaitable<void> certificate_lookups::look_up(node_id n) {
  const auto found = co_await store_.certificates_of_node(n, look_up_timeout);
  looking_up_.erase(n);
  if (found) {
    for (const auto& c : *found) {
      if (c.node() == n && trust_.check(c, env_.wall_now())) messenger_.certificates().keep(c);
    }
  }
  messenger_.release_strangers(n);
}

core::awaitable<void> certificate_lookups::keep_published() {
  co_await core::sleep_for(env_, core::random_between(env_, 5s, 30s));  // others have joined at the same time
  while (ring_.state() == peer_state::ready) {                          // ends by cancellation, or as this node leaves
    const auto published = co_await store_.publish_certificate(published_for, publish_timeout);
    if (!published) log_.debug("the certificate is not published: {}", published.error().message());
    auto pause = publish_retry;
    if (published) pause = core::random_between(env_, 10h, 12h);
    co_await core::sleep_for(env_, pause);
  }
}

}  // namespace phyllo::overlay
