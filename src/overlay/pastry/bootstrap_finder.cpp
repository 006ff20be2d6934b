#include "pastry/bootstrap_finder.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

constexpr core::duration find_timeout = std::chrono::seconds(5);

}  // namespace

core::awaitable<core::result<node_id>> bootstrap_finder::find(places bootstrap, core::time_point deadline, node_id last) const {
  for (const auto& [n, r] : ring_.records()) {
    if (n != last && ring_.usable(n)) co_return n;
  }
  const auto own = parts_.layer.candidates();
  std::erase_if(bootstrap, [&](const transport::candidate& c) { return std::ranges::find(own, c) != own.end(); });
  std::erase_if(bootstrap,
                [&](const transport::candidate& c) { return linked_at(c); });  // those are not active yet, and say so when they are
  if (bootstrap.empty() && ring_.usable(last)) co_return last;
  if (bootstrap.empty()) co_return core::fail(forming_.nobody_active());
  const auto until = std::min(deadline, parts_.env.now() + find_timeout);
  const auto linked = co_await parts_.making.dial_anybody(bootstrap, until);
  if (!linked && ring_.usable(last)) co_return last;
  if (!linked) {
    const auto tried = bootstrap.front().at.text() + (bootstrap.size() > 1 ? " and others" : "");
    co_return core::fail(errc::refused, "no link to " + tried + ": " + linked.error().message());
  }
  co_return *linked;
}

bool bootstrap_finder::linked_at(const transport::candidate& c) const {
  return std::ranges::any_of(parts_.links.all(), [&](const auto& l) {
    const auto* r = ring_.find(l->peer().node());
    if (r == nullptr || !r->link.open) return false;
    const auto told = r->candidates.all();
    return l->remote() == c.at || std::ranges::find(told, c) != told.end();
  });
}

}  // namespace phyllo::overlay
