// Of the peer: the certificate store (RFC 6940 s.8): its own certificate is kept there, and those of unknown signers are looked for.
#include "peer/peer_impl.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t looking_up_max = 8;  // nodes at once
constexpr core::duration look_up_timeout = 3s;
constexpr std::chrono::seconds published_for = 24h;
constexpr core::duration publish_timeout = 20s;
constexpr core::duration publish_retry = 60s;

}  // namespace

void peer_impl::on_unknown_signer(const node_id& n) {
  if (looking_up_.contains(n)) return;  // its message waits with those before it
  const bool may = topology_->knows().state() == peer_state::ready && looking_up_.size() < looking_up_max && look_ups_.take(env_.now());
  if (!may) return messenger_.release_strangers(n);
  looking_up_.insert(n);
  scope_.spawn(look_up_certificates(n));
}

core::awaitable<void> peer_impl::look_up_certificates(node_id n) {
  const auto found = co_await usages_->certificates_of_node(n, look_up_timeout);
  looking_up_.erase(n);
  if (found) {
    for (const auto& c : *found) {
      if (c.node() == n && trust_.check(c, env_.wall_now())) messenger_.certificates().keep(c);
    }
  }
  messenger_.release_strangers(n);
}

core::awaitable<void> peer_impl::keep_certificate_published() {
  co_await core::sleep_for(env_, core::random_between(env_, 5s, 30s));  // others have joined at the same time
  while (topology_->knows().state() == peer_state::ready) {             // ends by cancellation, or as this node leaves
    const auto published = co_await usages_->publish_certificate(published_for, publish_timeout);
    if (!published) log_.debug("the certificate is not published: {}", published.error().message());
    auto pause = publish_retry;
    if (published) pause = core::random_between(env_, 10h, 12h);
    co_await core::sleep_for(env_, pause);
  }
}

}  // namespace phyllo::overlay
