#include "phyllo/sim/network.hpp"

#include <algorithm>

#include "network_link.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::sim {
namespace {

constexpr core::duration attempt_delay = std::chrono::milliseconds(250);  // as transport's ladder has it

}  // namespace

host::host(network& n, unsigned index, identity::certificate certificate)
    : network_(n), index_(index), env_(n.world()), certificate_(std::move(certificate)) {}

host::~host() {
  for (auto* l : links_) l->orphan();
}

std::optional<core::time_point> host::take(core::time_point now) {
  if (capacity <= 0) return now;
  const auto start = std::max(now, busy_until_);
  if (start - now > queue) {
    ++refused;
    return std::nullopt;
  }
  busy_until_ = start + std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(1 / capacity));
  return busy_until_;
}

core::awaitable<core::result<std::shared_ptr<transport::link>>> host::connect(std::vector<transport::candidate> to,
                                                                              std::optional<identity::node_id> expected,
                                                                              core::time_point deadline) {
  // As a real race (RFC 8305): one that fails makes room for the next at once, one that is silent after a while.
  const auto until = [&](core::duration more) { return std::min(deadline, network_.world().now() + more); };
  bool silent = false;
  for (const auto& c : to) {
    const auto there = c.at.address.to_v4().to_uint() - network::address(0).address.to_v4().to_uint();
    if (there >= network_.size()) continue;
    auto& other = network_.at(there);
    const bool heard = network_.reach(index_, there) && other.take(network_.world().now()).has_value();
    if (!heard && !network_.resets) {
      silent = true;
      co_await core::sleep_until(env_, until(attempt_delay));
      continue;
    }
    co_await core::sleep_until(env_, until(4 * network_.one_way(index_, there)));
    if (!network_.reach(index_, there) || other.acceptor_ == nullptr) continue;
    if (expected && other.certificate_.node() != *expected) co_return core::fail(transport::errc::wrong_peer);
    auto ends = network_link::make(*this, other);
    other.acceptor_->on_link(std::move(ends.second));
    co_return std::move(ends.first);
  }
  if (silent) co_await core::sleep_until(env_, deadline);
  co_return core::fail(transport::errc::refused, "no address worked");
}

std::vector<transport::candidate> host::candidates() const { return {network::candidate(index_)}; }

network::~network() = default;

host& network::add(identity::certificate own) {
  hosts_.push_back(std::make_unique<host>(*this, size(), std::move(own)));
  return *hosts_.back();
}

unsigned network::side_of(unsigned index) const {
  const auto at = side.find(index);
  return at == side.end() ? 0 : at->second;
}

bool network::reach(unsigned a, unsigned b) const {
  return hosts_[a]->alive_ && hosts_[b]->alive_ && (side.empty() || side_of(a) == side_of(b)) && !cut.contains({a, b}) &&
         !cut.contains({b, a});
}

core::duration network::one_way(unsigned a, unsigned b) {
  const auto d = distance(a, b);
  if (jitter <= core::duration{}) return d;
  return d + core::duration(static_cast<core::duration::rep>(world_.random()() % static_cast<std::uint64_t>(jitter.count() + 1)));
}

void network::kill(unsigned index) {
  auto& h = *hosts_[index];
  h.alive_ = false;
  h.acceptor_ = nullptr;
  for (auto* l : h.links_) {
    if (resets) l->reset_other();
    l->vanish();
  }
}

void network::restart(unsigned index, identity::certificate own) {
  auto& h = *hosts_[index];
  h.alive_ = true;
  h.certificate_ = std::move(own);
  h.busy_until_ = {};
}

}  // namespace phyllo::sim
